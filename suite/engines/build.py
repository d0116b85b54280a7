"""Building one recipe in this process: the part that all engines share."""

import json
import platform
import resource
import shutil
import sys
import time
from collections.abc import Iterable, Iterator
from contextlib import suppress
from datetime import UTC, datetime
from functools import cache
from importlib.metadata import version
from typing import Any

from suite.artifacts import Artifact, BuildContext, DataPaths, Recipe, Store
from suite.artifacts.build_context import ProgressCallback
from suite.artifacts.manifest import BuiltWith
from suite.compute import Compute

START_NOTE = "begun.json"
LIBRARIES = ("torch", "torchvision", "diffusers", "torch-fidelity", "timm", "numpy", "scipy", "pillow", "scikit-learn")


def build(
    store: Store,
    recipe: Recipe,
    *,
    device: str = "cpu",
    data_paths: DataPaths | None = None,
    progress: ProgressCallback | None = None,
) -> Artifact | None:
    """Build a recipe whose dependencies are in the store, and publish the artifact.

    Args:
        store: Store to read from and publish to.
        recipe: Recipe to build.
        device: Name of the torch device to compute on.
        data_paths: Where data and caches are; None for the defaults.
        progress: Called with the finished and the total units of work.

    Returns:
        The artifact, or None if another process is building it.

    Raises:
        StoreFailed: If the store is full, read-only or no longer exists; checkpoints are kept.
    """
    with store.translate_os_errors(), store.lock(recipe.key) as acquired:
        if not acquired:
            return None
        artifact = store.find(recipe)
        if artifact is not None:
            return artifact
        compute = getattr(recipe, "compute", None)
        if isinstance(compute, Compute):
            compute.apply()
        started, processor_started = time.time(), time.process_time()
        try:
            context = BuildContext(
                store, recipe, device=device, data_paths=data_paths or DataPaths(), progress=progress
            )
            seconds_before = _seconds_before(context, started)
            recipe.build(context)
            recipe.inspect(context)
            run = _run_facts(recipe, device, started, processor_started, seconds_before)
            return store.publish(recipe, run, built_with(device))
        except Exception:
            # On a file system without locks, the first process to publish removes the workspace of the others.
            published = store.find(recipe)
            if published is None:
                shutil.rmtree(store.payload(recipe.key), ignore_errors=True)  # free the space on a full disk
                raise
            store.remove_workspace(recipe.key)
            return published


def build_all(
    store: Store, recipes: Iterable[Recipe], *, device: str = "cpu", data_paths: DataPaths | None = None
) -> list[Artifact]:
    """Build recipes and their dependencies one by one in this process, for scripts and tests.

    Args:
        store: Store to read from and publish to.
        recipes: Recipes to build.
        device: Name of the torch device to compute on.
        data_paths: Where data and caches are; None for the defaults.

    Returns:
        The artifacts of ``recipes``, in their order.
    """
    artifacts = []
    for recipe in recipes:
        for step in in_order(recipe):
            if store.find(step) is None:
                build(store, step, device=device, data_paths=data_paths)
        artifacts.append(store.get(recipe))
    return artifacts


def in_order(*recipes: Recipe) -> Iterator[Recipe]:
    """Yield recipes and all their direct and indirect dependencies, each once, dependencies first."""
    visited: set[str] = set()
    stack: list[tuple[Recipe, bool]] = [(recipe, False) for recipe in reversed(recipes)]
    while stack:
        recipe, expanded = stack.pop()
        if expanded:
            yield recipe
        elif recipe.key not in visited:
            visited.add(recipe.key)
            stack.append((recipe, True))
            stack.extend((dependency, False) for dependency in reversed(recipe.dependencies))


@cache
def versions() -> dict[str, str]:
    """Return the versions of Python (``python``) and of the libraries that builds depend on, by package name."""
    return {"python": platform.python_version(), **{name: version(name) for name in LIBRARIES}}


def device_kind(device: str) -> str:
    """Return the kind of a torch device: ``cuda`` for ``cuda:1``."""
    return device.partition(":")[0]


def built_with(device: str) -> BuiltWith:
    """Return what a build in this process on a torch device is built with."""
    return BuiltWith.model_validate({"device": device_kind(device), "versions": versions()})


def _seconds_before(context: BuildContext, now: float) -> float:
    """Return the seconds that interrupted builds took up to their last checkpoint, and record the start of this one."""
    note = context.scratch.parent / START_NOTE
    last_save = max((path.stat().st_mtime for path in context.scratch.iterdir()), default=0.0)
    seconds_before = 0.0
    if last_save:
        with suppress(OSError, ValueError, KeyError, TypeError):  # a killed process may have written part of the note
            previous = json.loads(note.read_text(encoding="utf-8"))
            seconds_before = previous["before"] + max(0.0, last_save - previous["at"])
    note.write_text(json.dumps({"at": now, "before": seconds_before}), encoding="utf-8")
    return seconds_before


def _run_facts(
    recipe: Recipe, device: str, started: float, processor_started: float, seconds_before: float
) -> dict[str, Any]:
    return {
        "step": recipe.step,
        "label": recipe.label,
        "operations": recipe.cost.operations,
        "started": datetime.fromtimestamp(started, UTC).isoformat(timespec="seconds"),
        "seconds": round(time.time() - started + seconds_before, 3),
        "seconds_before": round(seconds_before, 3),  # of interrupted builds; their processor time is unknown
        "processor_seconds": round(time.process_time() - processor_started, 3),
        "peak_memory_bytes": _peak_memory(),
        "device": _device_name(device),
        "machine": f"{platform.system()} {platform.machine()}",
        "versions": versions(),
    }


def _peak_memory() -> int:
    """Return the peak memory of this process in bytes; macOS reports bytes, Linux kibibytes."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak * 1024


def _device_name(device: str) -> str:
    if device.startswith("cuda"):
        import torch

        return f"{device} ({torch.cuda.get_device_name(device)})"
    return device
