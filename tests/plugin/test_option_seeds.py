"""--seeds: how many classifiers."""

import pytest
from plugin_project import Project

from suite.errors import UsageError


def test_the_profiles_number_unless_something_else_is_said(project: Project) -> None:
    assert project.settings().overrides.seeds is None
    assert project.settings(ini="suite_seeds = 4").overrides.seeds == 4
    assert project.settings("--seeds", "2", ini="suite_seeds = 4").overrides.seeds == 2


@pytest.mark.parametrize("number", ["0", "-1", "two", "1.5", ""])
def test_what_is_no_number_of_seeds_is_refused(project: Project, number: str) -> None:
    with pytest.raises(UsageError, match=f"--seeds {number}: give a whole number from 1"):
        project.settings(f"--seeds={number}")


def test_zero_seeds_end_the_run(project: Project) -> None:
    assert project.refusal("--seeds", "0") == "--seeds 0: give a whole number from 1"


def test_so_many_classifiers_are_planned(project: Project) -> None:
    found = project.run("-k", "digits and org", "--plan", "--seeds", "2")
    labels = [line.split(maxsplit=3)[-1] for line in found.outlines if "classifier, seed" in line]
    assert labels == ["classifier, seed 0", "classifier, seed 1"]
