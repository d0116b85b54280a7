"""Find this machine's devices without importing torch."""

import ctypes
import importlib.util
import os
import platform
import re
from pathlib import Path
from typing import TYPE_CHECKING

from suite.errors import UsageError

if TYPE_CHECKING:
    import torch

CHOICES = ("auto", "cpu", "cuda", "mps")


def cuda_devices() -> int:
    """Return the number of GPUs that torch can use: all that the driver reports, or 0 if torch cannot use them."""
    return 0 if cuda_problem() else cuda_driver()[0]


def cuda_problem() -> str:
    """Return why torch cannot use the GPUs that the driver reports; empty if it can or if there are no GPUs."""
    count, driver_version = cuda_driver()
    if not count:
        return ""
    torch_version = torch_cuda_version()
    if torch_version is None:
        return f"this machine has {count} GPUs, but the installed torch was built without CUDA"
    if driver_version < torch_version:
        return f"torch needs CUDA {torch_version}, but the GPU driver of this machine supports CUDA {driver_version}"
    return ""


def cuda_driver() -> tuple[int, int]:
    """Return the number of GPUs that the CUDA driver shows to this process, and the major CUDA version it supports.

    Both are 0 without a driver. WSL has the same library as Linux.
    """
    try:
        library = ctypes.CDLL("libcuda.so.1")
    except OSError:
        return 0, 0
    count, version = ctypes.c_int(), ctypes.c_int()
    queries = (library.cuDeviceGetCount, count), (library.cuDriverGetVersion, version)
    if library.cuInit(0) == 0 and all(query(ctypes.byref(result)) == 0 for query, result in queries):
        return count.value, version.value // 1000
    return 0, 0


def torch_cuda_version() -> int | None:
    """Return the major version of CUDA that torch was built with; None if it was built without CUDA."""
    spec = importlib.util.find_spec("torch")
    if spec is None or spec.origin is None:
        return None
    match = re.search(r"^cuda\b.*'(\d+)\.", Path(spec.origin).with_name("version.py").read_text(), re.MULTILINE)
    return int(match[1]) if match else None


def resolve(device: str) -> str:
    """Return the kind of device to compute on.

    Args:
        device: One of ``CHOICES``; ``auto`` is CUDA, else MPS, else the CPU.

    Raises:
        UsageError: If the kind is unknown, or this machine has no usable device of it.
    """
    if device not in CHOICES:
        raise UsageError(f"unknown device {device!r}: choose from {', '.join(CHOICES)}")
    mps = platform.system() == "Darwin" and platform.machine() == "arm64"
    if device == "auto":
        return "cuda" if cuda_devices() else "mps" if mps else "cpu"
    if (device == "cuda" and not cuda_devices()) or (device == "mps" and not mps):
        problem = cuda_problem() if device == "cuda" else ""
        reason = f"cannot be used: {problem}" if problem else "is not on this machine"
        raise UsageError(f"device {device!r} {reason}: choose auto or cpu")
    return device


def worker_devices(device: str, jobs: int | None, threads: int) -> tuple[str, ...]:
    """Return the device name of each worker.

    Args:
        device: Kind of device, as returned by ``resolve``.
        jobs: Number of workers. None is one worker per GPU, or on the CPU as many as there are cores for.
        threads: Threads of one worker.
    """
    if device == "cuda":
        # A dry run may plan for another machine, so that there may be no GPU here.
        names = [f"cuda:{number}" for number in range(max(1, cuda_devices()))]
        return tuple(names[number % len(names)] for number in range(jobs or len(names)))
    if device == "mps":
        return ("mps",) * (jobs or 1)
    return ("cpu",) * (jobs or max(1, available_cores() // threads))


def to_device(values: "torch.Tensor", device: "str | torch.device") -> "torch.Tensor":
    """Copy a tensor from the CPU to a device, without waiting for the work that is queued on a GPU.

    A copy from ordinary memory to a GPU waits until all queued work is done; one from pinned memory does not. Torch
    keeps pinned memory from being used again before the copy is done. On MPS the copy waits.

    Args:
        values: Tensor on the CPU; returned as it is if that is the device.
        device: Name of the torch device, or the device.
    """
    import torch

    kind = torch.device(device).type
    if kind == "cuda":
        values = values.pin_memory()
    return values.to(device, non_blocking=kind != "mps")


def available_cores() -> int:
    """Return how many cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
