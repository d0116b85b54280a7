"""Devices are found without importing torch."""

import subprocess
import sys

import pytest

from suite import devices
from suite.errors import UsageError


def test_auto_takes_cuda_then_mps_then_cpu(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(devices.platform, "system", lambda: "Linux")
    for count, expected in ((0, "cpu"), (2, "cuda")):
        monkeypatch.setattr(devices, "cuda_devices", lambda count=count: count)
        assert devices.resolve("auto") == expected
        assert devices.resolve("cpu") == "cpu"
    monkeypatch.setattr(devices, "cuda_devices", lambda: 0)
    monkeypatch.setattr(devices.platform, "system", lambda: "Darwin")
    monkeypatch.setattr(devices.platform, "machine", lambda: "arm64")
    assert devices.resolve("auto") == devices.resolve("mps") == "mps"


@pytest.mark.parametrize("name", ["cuda", "mps"])
def test_a_missing_device_is_refused(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.setattr(devices, "cuda_devices", lambda: 0)
    monkeypatch.setattr(devices.platform, "system", lambda: "Linux")
    with pytest.raises(UsageError, match=f"device '{name}' is not on this machine: choose auto or cpu"):
        devices.resolve(name)


@pytest.mark.parametrize(
    ("torch_version", "problem"),
    [
        (13, "torch needs CUDA 13, but the GPU driver of this machine supports CUDA 12"),
        (None, "this machine has 2 GPUs, but the installed torch was built without CUDA"),
    ],
)
def test_gpus_that_torch_cannot_use_are_not_devices(
    monkeypatch: pytest.MonkeyPatch, torch_version: int | None, problem: str
) -> None:
    monkeypatch.setattr(devices.platform, "system", lambda: "Linux")
    monkeypatch.setattr(devices, "cuda_driver", lambda: (2, 12))
    monkeypatch.setattr(devices, "torch_cuda_version", lambda: 12)
    assert devices.resolve("auto") == devices.resolve("cuda") == "cuda"
    monkeypatch.setattr(devices, "torch_cuda_version", lambda: torch_version)
    assert devices.resolve("auto") == "cpu"
    with pytest.raises(UsageError, match=f"^device 'cuda' cannot be used: {problem}: choose auto or cpu$"):
        devices.resolve("cuda")


def test_the_cuda_version_of_torch_is_read_without_importing_it() -> None:
    program = (
        "import sys; from suite.devices import torch_cuda_version; found = torch_cuda_version();"
        "assert 'torch' not in sys.modules; import torch;"
        "assert found == (torch.version.cuda and int(torch.version.cuda.split('.')[0])), found"
    )
    subprocess.run([sys.executable, "-c", program], check=True)


def test_an_unknown_device_is_refused_with_the_choices() -> None:
    with pytest.raises(UsageError, match="unknown device 'tpu': choose from auto, cpu, cuda, mps"):
        devices.resolve("tpu")


@pytest.mark.parametrize(
    ("kind", "jobs", "threads", "names"),
    [
        ("cpu", 3, 1, ("cpu",) * 3),
        ("cpu", None, 1, ("cpu",) * 8),
        ("cpu", None, 3, ("cpu",) * 2),
        ("cpu", None, 99, ("cpu",)),
        ("cuda", None, 1, ("cuda:0", "cuda:1")),
        ("cuda", 3, 1, ("cuda:0", "cuda:1", "cuda:0")),
        ("cuda", 1, 1, ("cuda:0",)),
        ("mps", None, 1, ("mps",)),
    ],
)
def test_device_of_each_worker(
    monkeypatch: pytest.MonkeyPatch, kind: str, jobs: int | None, threads: int, names: tuple[str, ...]
) -> None:
    monkeypatch.setattr(devices, "cuda_devices", lambda: 2)
    monkeypatch.setattr(devices, "available_cores", lambda: 8)
    assert devices.worker_devices(kind, jobs, threads) == names


def test_the_number_of_gpus_is_that_of_torch_without_importing_it() -> None:
    program = (
        "import sys; from suite.devices import cuda_devices; found = cuda_devices();"
        "assert 'torch' not in sys.modules; import torch; assert found == torch.cuda.device_count(), found"
    )
    subprocess.run([sys.executable, "-c", program], check=True)
