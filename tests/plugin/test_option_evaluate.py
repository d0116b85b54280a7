"""--evaluate: the split to test on."""

import pytest
from plugin_project import Project

from suite.errors import UsageError


def test_default_is_test(project: Project) -> None:
    assert project.options().overrides.evaluate == "test"
    assert project.options(ini="suite_evaluate = validation").overrides.evaluate == "validation"
    assert project.options("--evaluate", "test", ini="suite_evaluate = validation").overrides.evaluate == "test"


def test_unknown_split_is_an_error(project: Project) -> None:
    assert project.usage_error("--evaluate", "train") == "--evaluate train: choose from test, validation"
    with pytest.raises(UsageError, match="--evaluate train"):
        project.options(ini="suite_evaluate = train")


def test_validation_plans_no_test_images(project: Project) -> None:
    result = project.run("-k", "digits", "--plan", "--evaluate", "validation")
    assert result.ret == 0
    assert [line for line in result.outlines if "digits validation subset" in line]
    assert not [line for line in result.outlines if "digits test images" in line]
