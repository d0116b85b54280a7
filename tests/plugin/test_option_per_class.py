"""--per-class: number of real training images per class."""

import pytest
from plugin_project import Project

from suite.errors import UsageError


def test_default_is_the_number_of_the_profile(project: Project) -> None:
    assert project.options().overrides.per_class is None
    assert project.options("--per-class", "7").overrides.per_class == 7


@pytest.mark.parametrize("number", ["1", "-1", "many"])
def test_invalid_number_is_an_error(project: Project, number: str) -> None:
    with pytest.raises(UsageError, match=f"--per-class {number}: give a whole number from 2"):
        project.options(f"--per-class={number}")
