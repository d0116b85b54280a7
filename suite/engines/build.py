"""Building one recipe, in this process: the part that every engine shares."""

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
from suite.compute import Compute

BEGUN = "begun.json"
REPORTED = ("torch", "torchvision", "diffusers", "torch-fidelity", "timm", "numpy", "scipy", "pillow", "scikit-learn")


def build(
    store: Store,
    recipe: Recipe,
    *,
    device: str = "cpu",
    data_paths: DataPaths | None = None,
    progress: ProgressCallback | None = None,
) -> Artifact | None:
    """Build a recipe whose dependencies are in the store, and publish what it made.

    Returns:
        The artifact, or None if another process is building it right now.

    Raises:
        StoreFailed: If the store is full, read-only or gone; checkpoints that were written stay.
    """
    with store.explained(), store.lock(recipe.key) as ours:
        if not ours:
            return None
        found = store.find(recipe)
        if found is not None:
            return found
        compute = getattr(recipe, "compute", None)
        if isinstance(compute, Compute):
            compute.apply()
        started, processor = time.time(), time.process_time()
        try:
            context = BuildContext(
                store, recipe, device=device, data_paths=data_paths or DataPaths(), progress=progress
            )
            before = _before(context, started)
            recipe.build(context)
            recipe.inspect(context)
            return store.publish(recipe, _facts(recipe, device, started, processor, before))
        except Exception:
            quicker = store.find(recipe)  # without locks, who publishes takes the workspace from under the others
            if quicker is None:
                shutil.rmtree(store.payload(recipe.key), ignore_errors=True)  # a full disk has no room for half of it
                raise
            store.tidy(recipe.key)
            return quicker


def build_all(
    store: Store, recipes: Iterable[Recipe], *, device: str = "cpu", data_paths: DataPaths | None = None
) -> list[Artifact]:
    """Build recipes and whatever they need, one after the other in this process; for scripts and tests."""
    made = []
    for recipe in recipes:
        for step in in_order(recipe):
            if store.find(step) is None:
                build(store, step, device=device, data_paths=data_paths)
        made.append(store.get(recipe))
    return made


def in_order(*recipes: Recipe) -> Iterator[Recipe]:
    """Yield recipes and all they depend on, each once, dependencies first."""
    seen: set[str] = set()
    stack: list[tuple[Recipe, bool]] = [(recipe, False) for recipe in reversed(recipes)]
    while stack:
        recipe, expanded = stack.pop()
        if expanded:
            yield recipe
        elif recipe.key not in seen:
            seen.add(recipe.key)
            stack.append((recipe, True))
            stack.extend((dependency, False) for dependency in reversed(recipe.dependencies))


@cache
def versions() -> dict[str, str]:
    """Return the versions of Python and of the libraries that a build leans on, as this process has them."""
    return {"python": platform.python_version(), **{name: version(name) for name in REPORTED}}


def _before(context: BuildContext, now: float) -> float:
    """Return the seconds that interrupted builds took to the last thing they saved, and note when this one began."""
    note = context.scratch.parent / BEGUN
    saved = max((path.stat().st_mtime for path in context.scratch.iterdir()), default=0.0)
    before = 0.0
    if saved:
        with suppress(OSError, ValueError, KeyError, TypeError):  # a killed process may have left half a note
            last = json.loads(note.read_text(encoding="utf-8"))
            before = last["before"] + max(0.0, saved - last["at"])
    note.write_text(json.dumps({"at": now, "before": before}), encoding="utf-8")
    return before


def _facts(recipe: Recipe, device: str, started: float, processor: float, before: float) -> dict[str, Any]:
    return {
        "step": recipe.step,
        "label": recipe.label,
        "operations": recipe.cost.operations,
        "started": datetime.fromtimestamp(started, UTC).isoformat(timespec="seconds"),
        "seconds": round(time.time() - started + before, 3),
        "seconds_before": round(before, 3),  # of builds that were interrupted; their processor time nobody counted
        "processor_seconds": round(time.process_time() - processor, 3),
        "peak_memory_bytes": _peak_memory(),
        "device": _device_name(device),
        "machine": f"{platform.system()} {platform.machine()}",
        "versions": versions(),
    }


def _peak_memory() -> int:
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak * 1024


def _device_name(device: str) -> str:
    if device.startswith("cuda"):
        import torch

        return f"{device} ({torch.cuda.get_device_name(device)})"
    return device
