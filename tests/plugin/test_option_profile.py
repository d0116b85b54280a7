"""--profile: the budget."""

import pytest
from plugin_project import Project

from suite.errors import UsageError


def test_smoke_unless_something_else_is_said(project: Project) -> None:
    assert project.settings().profile == "smoke"
    assert project.settings(ini="suite_profile = cpu").profile == "cpu"
    assert project.settings("--profile", "paper", ini="suite_profile = cpu").profile == "paper"


def test_an_unknown_profile_names_the_choices(project: Project) -> None:
    assert project.refusal("--profile", "huge") == "--profile huge: choose from cpu, paper, smoke"


def test_the_ini_file_is_checked_too(project: Project) -> None:
    with pytest.raises(UsageError, match="--profile huge: choose from cpu, paper, smoke"):
        project.settings(ini="suite_profile = huge")


def test_the_header_and_the_plan_follow_the_profile(project: Project) -> None:
    found = [project.run("-k", "digits and org", "--plan", "--profile", name) for name in ("smoke", "cpu")]
    for result, name in zip(found, ("smoke", "cpu"), strict=True):
        assert result.ret == 0
        result.stdout.fnmatch_lines([f"profile: {name} (*), device: *", f"store: {project.store}", "data: *digits (*"])
    keys = [{line.split()[2] for line in result.outlines if "classifier, seed" in line} for result in found]
    assert keys[0]
    assert not keys[0] & keys[1]


def test_the_papers_profile_has_every_cell_of_its_table(project: Project) -> None:
    found = project.run_here("--profile", "paper", "--collect-only", "-q")
    assert found.ret == 0
    columns = ("org", "sd-syn", "sd-mix", "cd-syn", "cd-mix", "biggan-syn", "biggan-mix")
    wanted = {f"{dataset}-{cell}" for dataset in ("cifar10", "imagenette", "melanoma") for cell in columns}
    prefix = "cases/test_table1.py::test_case["
    assert wanted <= {line.removeprefix(prefix)[:-1] for line in found.outlines if line.startswith(prefix)}
