"""--device: what to compute on."""

import pytest
from plugin_project import Project

from suite.devices import cuda_devices
from suite.errors import UsageError


def test_auto_unless_something_else_is_said(project: Project) -> None:
    assert project.settings("--device", "cpu").device == "cpu"
    assert project.settings(ini="suite_device = cpu").device == "cpu"
    assert project.settings().device in ("cpu", "cuda", "mps")


def test_an_unknown_device_names_the_choices(project: Project) -> None:
    assert project.refusal("--device", "tpu") == "--device tpu: choose from auto, cpu, cuda, mps"
    with pytest.raises(UsageError, match="--device tpu"):
        project.settings(ini="suite_device = tpu")


@pytest.mark.skipif(cuda_devices() > 0, reason="this machine has a GPU: nothing to refuse")
def test_a_device_that_is_not_there_is_refused(project: Project) -> None:
    assert project.refusal("--device", "cuda") == "device 'cuda' is not on this machine: choose auto or cpu"
