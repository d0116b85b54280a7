"""Which devices this machine has, asked without importing torch."""

import ctypes
import importlib.util
import os
import platform
import re
from pathlib import Path

from suite.errors import UsageError

CHOICES = ("auto", "cpu", "cuda", "mps")


def cuda_devices() -> int:
    """Return how many GPUs torch can compute on: those that the driver shows, unless torch is not made for it."""
    return 0 if torch_lacks() else driver()[0]


def torch_lacks() -> str:
    """Return why torch cannot use the GPUs that the driver shows; empty if it can, or there are none."""
    count, knows = driver()
    if not count:
        return ""
    needs = torch_cuda()
    if needs is None:
        return f"there are {count} GPUs here, but the torch that is installed is one without CUDA"
    return f"torch needs CUDA {needs}, the driver of the GPUs here knows {knows}" if knows < needs else ""


def driver() -> tuple[int, int]:
    """Return how many GPUs the CUDA driver shows to this process, and which major version of CUDA it knows."""
    for name in ("libcuda.so.1", "nvcuda.dll"):
        try:
            library = ctypes.CDLL(name)
        except OSError:
            continue
        count, version = ctypes.c_int(), ctypes.c_int()
        asked = (library.cuDeviceGetCount, count), (library.cuDriverGetVersion, version)
        if library.cuInit(0) == 0 and all(ask(ctypes.byref(answer)) == 0 for ask, answer in asked):
            return count.value, version.value // 1000
    return 0, 0


def torch_cuda() -> int | None:
    """Return the major version of CUDA that torch was built with; None if it was built without."""
    found = importlib.util.find_spec("torch")
    if found is None or found.origin is None:
        return None
    said = re.search(r"^cuda\b.*'(\d+)\.", Path(found.origin).with_name("version.py").read_text(), re.MULTILINE)
    return int(said[1]) if said else None


def resolve(device: str) -> str:
    """Return the kind of device to compute on; raises UsageError if this machine has none of it."""
    if device not in CHOICES:
        raise UsageError(f"unknown device {device!r}: choose from {', '.join(CHOICES)}")
    mps = platform.system() == "Darwin" and platform.machine() == "arm64"
    if device == "auto":
        return "cuda" if cuda_devices() else "mps" if mps else "cpu"
    if (device == "cuda" and not cuda_devices()) or (device == "mps" and not mps):
        lacks = torch_lacks() if device == "cuda" else ""
        why = f"cannot be used: {lacks}" if lacks else "is not on this machine"
        raise UsageError(f"device {device!r} {why}: choose auto or cpu")
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
