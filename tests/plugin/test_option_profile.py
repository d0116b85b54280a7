"""--profile: the compute budget."""

import pytest
from plugin_project import Project

from suite.errors import UsageError


def test_default_is_smoke(project: Project) -> None:
    assert project.options().profile == "smoke"
    assert project.options(ini="suite_profile = cpu").profile == "cpu"
    assert project.options("--profile", "paper", ini="suite_profile = cpu").profile == "paper"


def test_unknown_profile_lists_the_choices(project: Project) -> None:
    assert project.usage_error("--profile", "huge") == "--profile huge: choose from cpu, paper, smoke"


def test_unknown_profile_in_the_ini_file_is_an_error(project: Project) -> None:
    with pytest.raises(UsageError, match="--profile huge: choose from cpu, paper, smoke"):
        project.options(ini="suite_profile = huge")


def test_header_and_plan_depend_on_the_profile(project: Project) -> None:
    results = [project.run("-k", "digits and org", "--plan", "--profile", name) for name in ("smoke", "cpu")]
    for run, name in zip(results, ("smoke", "cpu"), strict=True):
        assert run.ret == 0
        run.stdout.fnmatch_lines([f"profile: {name} (*), device: *", f"store: {project.store}", "data: *digits (*"])
    keys = [{line.split()[2] for line in run.outlines if "resnet18, seed" in line} for run in results]
    assert keys[0]
    assert not keys[0] & keys[1]


def test_profile_paper_has_all_cells_of_the_paper(project: Project) -> None:
    result = project.run_here("--profile", "paper", "--collect-only", "-q")
    assert result.ret == 0
    columns = ("org", "sd-syn", "sd-mix", "cd-syn", "cd-mix", "biggan-syn", "biggan-mix")
    expected = {f"{dataset}-{cell}" for dataset in ("cifar10", "imagenette", "melanoma") for cell in columns}
    prefix = "cases/test_table1.py::test_case["
    assert expected <= {line.removeprefix(prefix)[:-1] for line in result.outlines if line.startswith(prefix)}
