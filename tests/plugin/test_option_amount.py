"""--amount: synthetic images per real one."""

import pytest
from plugin_project import Project

from suite.errors import UsageError


def test_default_is_one(project: Project) -> None:
    assert project.options().overrides.amount == 1.0
    assert project.options("--amount", "2.5").overrides.amount == 2.5


@pytest.mark.parametrize("number", ["0", "-1", "many", "1001"])
def test_invalid_number_is_an_error(project: Project, number: str) -> None:
    with pytest.raises(UsageError, match=rf"--amount {number}: give a number from 0\.01 to 1000"):
        project.options(f"--amount={number}")
