"""What runs on a node of a cluster: one build in a process of its own, whose words go to the driver."""

import os
import platform
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

from suite import __version__
from suite.artifacts import DataPaths, Recipe, Store
from suite.engines.build import versions
from suite.engines.build_process import BuildProcess, expect, wait_for
from suite.engines.messages import Advanced, Failed, Message

SECONDS_BETWEEN_PROGRESS = 2.0  # of one build; the driver hears those of a whole cluster
SECONDS_UNTIL_SEEN = 60.0  # what a shared file system may take to show one node what another has renamed
SECONDS_BETWEEN_LOOKS = 0.2
GPUS = "CUDA_VISIBLE_DEVICES"  # set by Ray to those that a task may use


@dataclass(frozen=True)
class Job:
    """One build, as it is sent to a node.

    Attributes:
        recipe: What to build.
        store: Where artifacts are, on every node.
        device: Kind of device to compute on.
        data_paths: Where data lies, on every node.
        imports: Heavy modules to have ready for this build and the next ones.
        release: Versions that the driver has, of the suite and of the libraries.
    """

    recipe: Recipe
    store: Store
    device: str
    data_paths: DataPaths
    imports: tuple[str, ...]
    release: Mapping[str, str]


def run_job(job: Job) -> Iterator[Message]:
    """Build on this node and yield what is said; the last is the answer."""
    trouble = unfit(job)
    if trouble is not None:
        yield Failed(trouble)
        return
    for dependency in job.recipe.dependencies:
        is_seen(job.store, dependency)  # what is not there after all that time, the build itself misses
    gpus = {GPUS: os.environ[GPUS]} if GPUS in os.environ else {}
    with _no_program():
        process = BuildProcess(job.recipe.needed)
    expect(job.imports)
    process.begin(job.recipe, job.store, job.device, job.data_paths, gpus)
    last = 0.0
    try:
        while process.answer is None:
            wait_for([process], SECONDS_BETWEEN_PROGRESS)
            for message in process.poll():
                if isinstance(message, Advanced):
                    if time.monotonic() - last < SECONDS_BETWEEN_PROGRESS:
                        continue
                    last = time.monotonic()
                yield message
    finally:
        process.end()


def release() -> dict[str, str]:
    """Return the versions that decide bytes, as this process has them, without what says how each was compiled."""
    python = f"{sys.version_info.major}.{sys.version_info.minor}"
    return {"suite": __version__, **{name: text.split("+")[0] for name, text in versions().items()}, "python": python}


def unfit(job: Job) -> str | None:
    """Return why this node must not build, in one line: another release makes other bytes under the same key."""
    here, who = release(), f"node {platform.node()}"
    for name, wanted in job.release.items():
        if here.get(name) != wanted:
            return f"{who} has {name} {here.get(name)}, where the run was started it is {wanted}: install the same"
    if job.recipe.model_copy().key != job.recipe.key:  # the key came with the recipe; a copy works it out anew
        return f"{who} has another version of step {job.recipe.step}: install the same code on every node"
    if not (job.store.root / "artifacts").is_dir():
        return f"{who} has no store {job.store.root}: choose a --store that every node sees under the same path"
    return None


def is_seen(store: Store, recipe: Recipe, seconds: float = SECONDS_UNTIL_SEEN) -> bool:
    """Return whether an artifact that another node published is there, after waiting for it if need be."""
    end = time.monotonic() + seconds
    while store.find(recipe) is None:
        if time.monotonic() >= end:
            return False
        time.sleep(SECONDS_BETWEEN_LOOKS)
    return True


@contextmanager
def _no_program() -> Iterator[None]:
    """Hide the worker's own program, which every new process would run again."""
    program = sys.modules["__main__"]
    path = program.__dict__.pop("__file__", None)
    try:
        yield
    finally:
        if path is not None:
            program.__file__ = path
