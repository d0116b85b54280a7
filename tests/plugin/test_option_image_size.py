"""--image-size: height and width of all images."""

import pytest
from plugin_project import Project

from suite.errors import UsageError


def test_the_profiles_size_unless_something_else_is_said(project: Project) -> None:
    assert project.settings().overrides.image_size is None
    assert project.settings(ini="suite_image_size = 16").overrides.image_size == 16
    assert project.settings("--image-size", "24", ini="suite_image_size = 16").overrides.image_size == 24


@pytest.mark.parametrize("size", ["0", "3", "big"])
def test_what_no_network_can_take_is_refused(project: Project, size: str) -> None:
    with pytest.raises(UsageError, match=f"--image-size {size}: give a whole number from 4"):
        project.settings("--image-size", size)
