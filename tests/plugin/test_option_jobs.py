"""--jobs: how many worker processes. That their number changes no byte is tested with the engine."""

import pytest
from plugin_project import Project

from suite.errors import UsageError


def test_auto_unless_something_else_is_said(project: Project) -> None:
    assert project.settings().jobs is None
    assert project.settings("--jobs", "auto").jobs is None
    assert project.settings("--jobs", "3").jobs == 3
    assert project.settings(ini="suite_jobs = 2").jobs == 2
    assert project.settings("--jobs", "auto", ini="suite_jobs = 2").jobs is None


@pytest.mark.parametrize("number", ["-1", "all", "1.0"])
def test_what_is_no_number_is_refused(project: Project, number: str) -> None:
    with pytest.raises(UsageError, match=f"--jobs {number}: give a whole number from 1"):
        project.settings(f"--jobs={number}")


def test_no_job_ends_the_run(project: Project) -> None:
    assert project.refusal("--jobs", "0").startswith("--jobs 0: give a whole number from 1")
