"""Which devices this machine has, asked without importing torch."""

import ctypes
import os
import platform

from suite.errors import UsageError

CHOICES = ("auto", "cpu", "cuda", "mps")


def cuda_devices() -> int:
    """Return how many GPUs the CUDA driver shows to this process."""
    for name in ("libcuda.so.1", "nvcuda.dll"):
        try:
            driver = ctypes.CDLL(name)
        except OSError:
            continue
        count = ctypes.c_int()
        if driver.cuInit(0) == 0 and driver.cuDeviceGetCount(ctypes.byref(count)) == 0:
            return count.value
    return 0


def resolve(device: str) -> str:
    """Return the kind of device to compute on; raises UsageError if this machine has none of it."""
    if device not in CHOICES:
        raise UsageError(f"unknown device {device!r}: choose from {', '.join(CHOICES)}")
    mps = platform.system() == "Darwin" and platform.machine() == "arm64"
    if device == "auto":
        return "cuda" if cuda_devices() else "mps" if mps else "cpu"
    if (device == "cuda" and not cuda_devices()) or (device == "mps" and not mps):
        raise UsageError(f"device {device!r} is not on this machine: choose auto or cpu")
    return device


def workers(device: str, jobs: int | None, threads: int) -> tuple[str, ...]:
    """Return one device name a worker.

    Args:
        device: Kind of device, as ``resolve`` gives it.
        jobs: Workers asked for; None is one a GPU, or as many as the cores carry.
        threads: Threads of one worker.
    """
    if device == "cuda":
        names = [f"cuda:{number}" for number in range(max(1, cuda_devices()))]  # a plan may be for another machine
        return tuple(names[number % len(names)] for number in range(jobs or len(names)))
    if device == "mps":
        return ("mps",) * (jobs or 1)
    return ("cpu",) * (jobs or max(1, cores() // threads))


def cores() -> int:
    """Return how many cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
