"""--fail-on: verdicts that set the exit code."""

from pathlib import Path

import pytest
from plugin_project import Project

from suite.errors import UsageError


def test_default_is_nothing(project: Project) -> None:
    assert project.options().fail_on == ()
    assert project.options("--fail-on", "hurts", "--fail-on", "not-valid").fail_on == ("hurts", "not-valid")
    assert project.options(ini="suite_fail_on = hurts:undecided").fail_on == ("hurts", "undecided")


def test_unknown_verdict_is_an_error(project: Project) -> None:
    with pytest.raises(UsageError, match="--fail-on helps: choose from hurts, undecided, not-valid"):
        project.options("--fail-on", "helps")


@pytest.mark.parametrize(("verdict", "status"), [("not-valid", 1), ("hurts", 0)])
def test_verdict_of_a_mix_cell_sets_the_exit_code(project: Project, data_root: Path, verdict: str, status: int) -> None:
    """The synthetic set is the test set."""
    arguments = ("--real", data_root / "photos", "--synthetic", f"mine={data_root / 'photos' / 'test'}")
    result = project.run(*arguments, "--seeds", "1", "--limit-steps", "2", "--fail-on", verdict, "--device", "cpu")
    assert result.ret == status
    lines = [line for line in result.outlines if line.startswith("--fail-on: ")]
    assert len(lines) == status
    assert all("photos-mine-mix" in line and "not valid" in line for line in lines)
