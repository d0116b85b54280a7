"""Part 5: two processes on one device, too little memory, and a killed worker: what the user sees."""

import os
import signal
import sys
import time
from functools import partial
from pathlib import Path

from noise import Noise

from gpu_parts import ROOT, CheckFailed, Checks, Options, Row, build_digits, compare, finish, start
from gpu_parts.accuracy import run_pytest
from suite.classifiers.network import TrainedNetwork
from suite.classifiers.plugins.resnet18 import ResNet18Settings
from suite.compute import Compute
from suite.engines.build import build_all
from suite.errors import one_line

LIMIT = 256 * 2**20  # bytes; the first activation of the larger training has 128 MiB
STEPS = 300


def checks(options: Options) -> Checks:
    """Yield the three faults."""
    yield "two processes on one device", partial(_two_processes, options)
    yield "too little memory", partial(_little_memory, options)
    yield "a worker is killed", partial(_killed_worker, options)


def _two_processes(options: Options) -> Row:
    processes = [start(build_digits, options, name) for name in ("one", "two")]
    for process in processes:
        finish(process)
    return compare(options.store("one"), options.store("two"))


def _little_memory(options: Options) -> Row:
    message = options.work / "message.txt"
    finish(start(build_in_little_memory, options, message))
    seen = message.read_text("utf-8")
    if not any(words in seen.lower() for words in ("out of memory", "can't allocate memory", "not enough memory")):
        raise CheckFailed(f"not a message about memory: {seen}")
    return {"seen": seen}


def build_in_little_memory(options: Options, message: Path) -> None:
    """Train a classifier that does not fit, write the error to a file, and train one that fits in the same process."""
    store, noise = options.store("memory"), Noise(per_class=(256,) * 10, size=32)

    def train(batch: int) -> None:
        settings = ResNet18Settings(width=16, stem="3x3", batch_size=batch, steps=1)
        recipe = TrainedNetwork(
            network="resnet18", size=32, training_set=noise, classes=10, settings=settings, seed=0, compute=Compute()
        )
        build_all(store, [recipe], device=options.device)

    train(4)  # libraries are loaded
    limit_memory(options.device)
    try:
        train(2048)
    except Exception as error:
        message.write_text(one_line(f"{type(error).__name__}: {error}")[:500], encoding="utf-8")
    train(8)


def limit_memory(device: str) -> None:
    """Limit the memory that this process can still allocate on a device."""
    if device.startswith("cuda"):
        import torch

        torch.cuda.empty_cache()
        total = torch.cuda.get_device_properties(device).total_memory
        fraction = (torch.cuda.memory_reserved(device) + LIMIT) / total
        torch.cuda.set_per_process_memory_fraction(fraction, torch.device(device).index or 0)
    else:
        import resource

        used = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
        resource.setrlimit(resource.RLIMIT_AS, (used + LIMIT, resource.RLIM_INFINITY))


def _killed_worker(options: Options) -> Row:
    """Kill the worker that trains a classifier, and return the lines about it."""
    sys.path[:0] = [str(ROOT / "tests"), str(ROOT / "tests" / "helpers")]
    from kill_harness import worker_processes

    arguments = ("--seeds", "1", "--limit-steps", str(STEPS), "--jobs", "1")
    run = run_pytest(options, "digits-org", "worker", *arguments, checkpoint_seconds="0")
    store, killed = options.work / "worker", False
    while run.poll() is None and not killed:
        time.sleep(0.005)
        if any(store.glob("tmp/*/scratch/checkpoint.*")):  # only a training writes one
            for worker in worker_processes(run.pid):
                os.kill(worker, signal.SIGKILL)
                killed = True
    printed, _ = run.communicate()
    if not killed:
        raise CheckFailed(f"no worker was killed; pytest ended with {run.returncode}: {printed[-500:]}")
    seen = next((line for line in printed.splitlines() if f"exit code -{signal.SIGKILL}" in line), None)
    if seen is None:
        raise CheckFailed(f"pytest ended with {run.returncode} without a message about it: {printed[-500:]}")
    return {"exit code": run.returncode, "seen": one_line(seen)}
