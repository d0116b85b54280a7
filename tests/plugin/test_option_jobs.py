"""--jobs: number of worker processes. The engine tests check that it does not change artifacts."""

import pytest
from plugin_project import Project

from suite.errors import UsageError


def test_default_is_auto(project: Project) -> None:
    assert project.options().jobs is None
    assert project.options("--jobs", "auto").jobs is None
    assert project.options("--jobs", "3").jobs == 3
    assert project.options(ini="suite_jobs = 2").jobs == 2
    assert project.options("--jobs", "auto", ini="suite_jobs = 2").jobs is None


@pytest.mark.parametrize("number", ["-1", "all", "1.0"])
def test_invalid_number_is_an_error(project: Project, number: str) -> None:
    with pytest.raises(UsageError, match=f"--jobs {number}: give a whole number from 1"):
        project.options(f"--jobs={number}")


def test_zero_ends_the_run(project: Project) -> None:
    assert project.usage_error("--jobs", "0").startswith("--jobs 0: give a whole number from 1")
