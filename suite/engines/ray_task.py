"""The task that runs on a node of a Ray cluster: one build in its own process, with messages to the driver."""

import os
import platform
import sys
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from suite import __version__
from suite.artifacts import DataPaths, Recipe, Store
from suite.engines.build import versions
from suite.engines.build_process import BuildProcess, preload, wait_for
from suite.engines.messages import Failed, Message, Progressed

SECONDS_BETWEEN_PROGRESS = 2.0  # per build; the driver receives the messages of the whole cluster
VISIBILITY_SECONDS = 60.0  # how long a shared file system may take to show a rename on other nodes
POLL_SECONDS = 0.2
VISIBLE_GPUS = "CUDA_VISIBLE_DEVICES"  # Ray sets it to the GPUs of the task


@dataclass(frozen=True)
class BuildTask:
    """One build, as it is sent to a node.

    Attributes:
        recipe: Recipe to build.
        store: Store, under the same path on every node.
        device: Kind of device to compute on.
        data_paths: Where data and caches are, under the same paths on every node.
        imports: Heavy modules to preload for this build and later ones.
        versions: Versions on the driver; see ``versions_to_match``.
    """

    recipe: Recipe
    store: Store
    device: str
    data_paths: DataPaths
    imports: tuple[str, ...]
    versions: Mapping[str, str]


def run_task(task: BuildTask) -> Iterator[Message]:
    """Build on this node and yield the messages; the last one is the outcome."""
    mismatch = find_mismatch(task)
    if mismatch is not None:
        yield Failed(mismatch)
        return
    for dependency in task.recipe.dependencies:
        wait_until_visible(task.store, dependency)  # if it does not appear, the build reports it as missing
    gpus = {VISIBLE_GPUS: os.environ[VISIBLE_GPUS]} if VISIBLE_GPUS in os.environ else {}
    process = BuildProcess(task.recipe.required_modules)
    preload(task.imports)
    process.start(task.recipe, task.store, task.device, task.data_paths, gpus)
    last_progress = 0.0
    try:
        while process.outcome is None:
            wait_for([process], SECONDS_BETWEEN_PROGRESS)
            for message in process.poll():
                if isinstance(message, Progressed):
                    if time.monotonic() - last_progress < SECONDS_BETWEEN_PROGRESS:
                        continue
                    last_progress = time.monotonic()
                yield message
    finally:
        process.stop()


def versions_to_match() -> dict[str, str]:
    """Return the versions that driver and nodes must share, because other versions may build other bytes.

    Returns:
        Versions of the suite (``suite``), of the libraries without the local part that names the compiled variant
        (``+cpu``), and of Python (``python``) without its patch level.
    """
    python = f"{sys.version_info.major}.{sys.version_info.minor}"
    return {"suite": __version__, **{name: text.split("+")[0] for name, text in versions().items()}, "python": python}


def find_mismatch(task: BuildTask) -> str | None:
    """Return, in one line, why this node must not build a task; None if it may.

    Other versions of the code would build other bytes under the same key.
    """
    local, node = versions_to_match(), f"node {platform.node()}"
    for name, expected in task.versions.items():
        if local.get(name) != expected:
            return f"{node} has {name} {local.get(name)}, the driver has {expected}: install the same version"
    if task.recipe.model_copy().key != task.recipe.key:  # the key was sent with the recipe; a copy computes it here
        return f"{node} has another version of step {task.recipe.step}: install the same code on every node"
    if not (task.store.root / "artifacts").is_dir():
        return f"{node} has no store {task.store.root}: choose a --store that every node has under the same path"
    return None


def wait_until_visible(store: Store, recipe: Recipe, seconds: float = VISIBILITY_SECONDS) -> bool:
    """Wait for an artifact that another node has published.

    Args:
        store: Store on a shared file system.
        recipe: Recipe of the artifact.
        seconds: How long to wait at most.

    Returns:
        Whether the artifact is visible on this node.
    """
    end = time.monotonic() + seconds
    while store.find(recipe) is None:
        if time.monotonic() >= end:
            return False
        time.sleep(POLL_SECONDS)
    return True
