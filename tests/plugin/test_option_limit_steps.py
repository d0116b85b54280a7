"""--limit-steps: cut every longer training and sampling short, under keys of their own."""

import pytest
from plugin_project import Project

from suite.errors import UsageError


def test_never_unless_it_is_said(project: Project) -> None:
    assert project.settings().overrides.limit_steps is None
    assert project.settings("--limit-steps", "2").overrides.limit_steps == 2


@pytest.mark.parametrize("number", ["0", "-1", "few"])
def test_what_is_no_number_is_refused(project: Project, number: str) -> None:
    with pytest.raises(UsageError, match=f"--limit-steps {number}: give a whole number from 1"):
        project.settings(f"--limit-steps={number}")
