"""--image-size: height and width of all images."""

import pytest
from plugin_project import Project

from suite.errors import UsageError


def test_default_is_the_size_of_the_profile(project: Project) -> None:
    assert project.options().overrides.image_size is None
    assert project.options(ini="suite_image_size = 16").overrides.image_size == 16
    assert project.options("--image-size", "24", ini="suite_image_size = 16").overrides.image_size == 24


@pytest.mark.parametrize("size", ["0", "3", "big"])
def test_size_below_four_pixels_is_an_error(project: Project, size: str) -> None:
    with pytest.raises(UsageError, match=f"--image-size {size}: give a whole number from 4"):
        project.options("--image-size", size)
