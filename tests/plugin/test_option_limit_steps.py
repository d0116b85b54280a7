"""--limit-steps: limit the steps of every training and sampling."""

import pytest
from plugin_project import Project

from suite.errors import UsageError


def test_default_is_no_limit(project: Project) -> None:
    assert project.options().overrides.limit_steps is None
    assert project.options("--limit-steps", "2").overrides.limit_steps == 2


@pytest.mark.parametrize("number", ["0", "-1", "few"])
def test_invalid_number_is_an_error(project: Project, number: str) -> None:
    with pytest.raises(UsageError, match=f"--limit-steps {number}: give a whole number from 1"):
        project.options(f"--limit-steps={number}")
