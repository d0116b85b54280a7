"""--seeds: largest number of classifier seeds of a cell."""

import pytest
from plugin_project import Project

from suite.errors import UsageError


def test_default_is_the_number_of_the_profile(project: Project) -> None:
    assert project.options().overrides.max_seeds is None
    assert project.options(ini="suite_seeds = 4").overrides.max_seeds == 4
    assert project.options("--seeds", "2", ini="suite_seeds = 4").overrides.max_seeds == 2
    assert project.options("--seeds", "auto", ini="suite_seeds = 4").overrides.max_seeds is None


@pytest.mark.parametrize("number", ["0", "-1", "two", "1.5", ""])
def test_invalid_number_is_an_error(project: Project, number: str) -> None:
    with pytest.raises(UsageError, match=f"--seeds {number}: give a whole number from 1"):
        project.options(f"--seeds={number}")


def test_zero_ends_the_run(project: Project) -> None:
    assert project.usage_error("--seeds", "0") == "--seeds 0: give a whole number from 1"


def test_one_classifier_is_planned_for_each_seed(project: Project) -> None:
    result = project.run("-k", "digits and org", "--plan", "--seeds", "2")
    labels = [line.split(maxsplit=3)[-1] for line in result.outlines if "resnet18, seed" in line]
    assert labels == ["resnet18, seed 0", "resnet18, seed 1"]
