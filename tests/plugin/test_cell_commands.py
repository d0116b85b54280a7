"""The command of a cell makes exactly that cell again."""

import shlex
from pathlib import Path

from plugin_project import Project

from suite.planning.catalog import CaseCatalog
from suite.planning.planner import Planner
from suite.planning.profiles import load_profile
from suite.planning.run_options import RunOptions


def cells(project: Project, settings: RunOptions) -> CaseCatalog:
    planner = Planner(
        load_profile(settings.profile), settings.data_paths, project.store / "contents", settings.overrides
    )
    return CaseCatalog(settings, project.path / "cases", planner)


def words(command: str) -> tuple[str, list[str]]:
    """Return the test that a command names, and its options."""
    pytest, test, *options = shlex.split(command)
    assert pytest == "pytest"
    return test, options


def test_every_variant_is_among_the_cells_of_its_own_command(project: Project) -> None:
    swept = cells(project, project.settings("--sweep", "all"))
    of_digits = [case for case in swept.variants if case.dataset == "digits"]
    assert {case.variant.partition("-")[0] for case in of_digits if case.variant} >= {"ratio", "replace", "scarcity"}
    remade: dict[tuple[str, ...], set[str]] = {}
    for case in of_digits:
        test, options = words(swept.command(case))
        if tuple(options) not in remade:
            again = cells(project, project.settings(*options))
            remade[tuple(options)] = {other.id for other in again.variants}
        assert test == f"cases/test_sweeps.py::test_variant[{case.id}]"
        assert case.id in remade[tuple(options)]


def test_what_was_chosen_is_part_of_the_command(project: Project) -> None:
    chosen = ("--profile", "cpu", "--seeds", "2", "--generator-seeds", "4", "--evaluate", "validation")
    settings = project.settings(*chosen, "--image-size", "16", "--limit-steps", "3")
    there = cells(project, settings)
    test, options = words(there.command(there.table1[0]))
    assert test.startswith("cases/test_table1.py::test_case[")
    assert project.settings(*options) == settings
    test, options = words(there.command(("digits", "cd")))
    assert test == "cases/test_discriminator.py::test_discriminator[digits-cd]"
    assert project.settings(*options) == settings


def test_images_given_by_their_path_are_named_without_the_folders_above(project: Project, data_root: Path) -> None:
    real, made = data_root / "photos", data_root / "photos" / "train"
    settings = project.settings("--real", str(real), "--synthetic", f"my own={made}", "--profile", "cpu")
    there = cells(project, settings)
    test, options = words(there.command(there.table1[2]))
    assert test == "cases/test_table1.py::test_case[photos-my own-mix]"
    assert options == ["--profile", "cpu", "--real", "photos", "--synthetic", "my own=train"]


def test_a_plain_run_has_a_plain_command(project: Project) -> None:
    there = cells(project, project.settings())
    digits = next(case for case in there.table1 if case.id == "digits-org")
    assert there.command(digits) == "pytest 'cases/test_table1.py::test_case[digits-org]' --profile smoke"
