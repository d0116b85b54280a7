"""--device: device to compute on."""

import pytest
from plugin_project import Project

from suite.devices import cuda_devices
from suite.errors import UsageError


def test_default_is_a_device_of_this_machine(project: Project) -> None:
    assert project.options("--device", "cpu").device == "cpu"
    assert project.options(ini="suite_device = cpu").device == "cpu"
    assert project.options().device in ("cpu", "cuda", "mps")


def test_unknown_device_lists_the_choices(project: Project) -> None:
    assert project.usage_error("--device", "tpu") == "--device tpu: choose from auto, cpu, cuda, mps"
    with pytest.raises(UsageError, match="--device tpu"):
        project.options(ini="suite_device = tpu")


@pytest.mark.skipif(cuda_devices() > 0, reason="this machine has a GPU")
def test_absent_device_is_an_error(project: Project) -> None:
    assert project.usage_error("--device", "cuda") == "device 'cuda' is not on this machine: choose auto or cpu"
