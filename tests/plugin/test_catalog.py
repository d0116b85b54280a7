"""The catalog of cases, and the command that repeats a case."""

import shlex
from pathlib import Path

import pytest
from plugin_project import Project

from suite.errors import UsageError
from suite.generators.generator import generators
from suite.planning.case import DiscriminatorCase
from suite.planning.catalog import CaseCatalog
from suite.planning.commands import command_of
from suite.planning.planner import Planner
from suite.planning.profiles import load_profile
from suite.planning.run_options import RunOptions


def catalog(project: Project, options: RunOptions) -> CaseCatalog:
    planner = Planner(load_profile(options.profile), options.data_paths, project.store / "contents", options.overrides)
    return CaseCatalog(project.path / "cases", planner, options.axes, options.only_dataset)


def parse_command(command: str) -> tuple[str, list[str]]:
    """Return the test that a command names, and its options."""
    pytest, test, *options = shlex.split(command)
    assert pytest == "pytest"
    return test, options


def test_command_of_a_variant_selects_that_variant(project: Project) -> None:
    options = project.options("--sweep", "all")
    variants = [case for case in catalog(project, options).variants if case.dataset == "digits"]
    assert {case.variant.partition("-")[0] for case in variants if case.variant} >= {"ratio", "replace", "scarcity"}
    selectable: dict[tuple[str, ...], set[str]] = {}
    for case in variants:
        test, arguments = parse_command(command_of(case, options))
        if tuple(arguments) not in selectable:
            selectable[tuple(arguments)] = {
                other.id for other in catalog(project, project.options(*arguments)).variants
            }
        assert test == f"cases/test_sweeps.py::test_variant[{case.id}]"
        assert case.id in selectable[tuple(arguments)]


def test_small_images_have_fewer_corruptions(project: Project) -> None:
    def corruptions(*given: str) -> set[str]:
        found = catalog(project, project.options("--sweep", "corruption", *given)).variants
        return {case.variant.partition("-")[2] for case in found if case.dataset == "digits" and case.variant}

    small = corruptions()
    assert "gaussian-noise-3" in small
    assert not any(name.startswith(("fog", "motion-blur", "saturate")) for name in small)
    assert {"fog-3", "motion-blur-3", "saturate-3"} < corruptions("--image-size", "32")


def test_command_has_the_options_that_change_results(project: Project) -> None:
    given = ("--profile", "cpu", "--seeds", "2", "--generator-seeds", "4", "--evaluate", "validation")
    options = project.options(*given, "--image-size", "16", "--limit-steps", "3")
    test, arguments = parse_command(command_of(catalog(project, options).table1[0], options))
    assert test.startswith("cases/test_table1.py::test_case[")
    assert project.options(*arguments) == options
    test, arguments = parse_command(command_of(DiscriminatorCase("digits", "cd"), options))
    assert test == "cases/test_discriminator.py::test_discriminator[digits-cd]"
    assert project.options(*arguments) == options


def test_command_has_paths_without_parent_folders(project: Project, data_root: Path) -> None:
    real, synthetic = data_root / "photos", data_root / "photos" / "train"
    options = project.options("--real", str(real), "--synthetic", f"my own={synthetic}", "--profile", "cpu")
    test, arguments = parse_command(command_of(catalog(project, options).table1[2], options))
    assert test == "cases/test_table1.py::test_case[photos-my own-mix]"
    assert arguments == ["--profile", "cpu", "--real", "photos", "--synthetic", "my own=train"]


def test_command_without_options_names_only_the_profile(project: Project) -> None:
    options = project.options()
    digits = next(case for case in catalog(project, options).table1 if case.id == "digits-org")
    assert command_of(digits, options) == "pytest 'cases/test_table1.py::test_case[digits-org]' --profile smoke"


def test_synthetic_set_is_not_added_to_the_registry(project: Project, data_root: Path) -> None:
    options = project.options("--synthetic", f"mine={data_root / 'photos' / 'train'}")
    assert all("mine" in row.generators for row in catalog(project, options).rows.values())
    assert "mine" not in generators


def test_synthetic_set_with_the_name_of_a_generator_is_an_error(project: Project, data_root: Path) -> None:
    options = project.options("--synthetic", f"cd={data_root / 'photos' / 'train'}")
    with pytest.raises(UsageError, match="--synthetic cd: a generator has this name already: choose another name"):
        _ = catalog(project, options).rows
