"""--budget: a time limit, after which the last complete look counts."""

import pytest
from plugin_project import Project

from suite.errors import UsageError


def test_default_is_no_limit(project: Project) -> None:
    assert project.options().time_budget is None


@pytest.mark.parametrize(("text", "seconds"), [("90s", 90), ("30m", 1800), ("1.5h", 5400)])
def test_time_has_a_unit(project: Project, text: str, seconds: float) -> None:
    assert project.options("--budget", text).time_budget == seconds


@pytest.mark.parametrize("text", ["30", "0m", "m", "-1h", "half an hour", ""])
def test_invalid_time_is_an_error(project: Project, text: str) -> None:
    with pytest.raises(UsageError, match=f"--budget {text}: give a time such as 90s, 30m or 2h"):
        project.options(f"--budget={text}")


def test_first_look_that_does_not_fit_fails_with_the_reason_and_goes_on_later(project: Project) -> None:
    arguments = ("-k", "digits-org", "--seeds", "1", "--device", "cpu")
    result = project.run(*arguments, "--budget", "0.01s")
    assert result.ret == 1
    result.stdout.fnmatch_lines(["*the time budget of * was used up before: start the run again to go on*"])
    assert project.run(*arguments, "--limit-steps", "2").ret == 0
