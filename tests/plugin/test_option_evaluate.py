"""--evaluate: the split to test on."""

import pytest
from plugin_project import Project

from suite.errors import UsageError


def test_test_unless_something_else_is_said(project: Project) -> None:
    assert project.settings().overrides.evaluate == "test"
    assert project.settings(ini="suite_evaluate = validation").overrides.evaluate == "validation"
    assert project.settings("--evaluate", "test", ini="suite_evaluate = validation").overrides.evaluate == "test"


def test_another_split_is_refused(project: Project) -> None:
    assert project.refusal("--evaluate", "train") == "--evaluate train: choose from test, validation"
    with pytest.raises(UsageError, match="--evaluate train"):
        project.settings(ini="suite_evaluate = train")


def test_tuning_plans_no_test_image(project: Project) -> None:
    found = project.run("-k", "digits", "--plan", "--evaluate", "validation")
    assert found.ret == 0
    assert [line for line in found.outlines if "digits validation subset" in line]
    assert not [line for line in found.outlines if "digits test images" in line]
