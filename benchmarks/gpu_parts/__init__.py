"""The parts of ``gpu_check.py``: options, guarded checks, and what several parts use."""

import os
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from multiprocessing import get_context
from multiprocessing.context import SpawnProcess
from pathlib import Path
from typing import TYPE_CHECKING, Any

from suite.artifacts import DataPaths, Recipe, Store
from suite.engines.build import build_all, in_order
from suite.errors import one_line
from suite.planning.budget_overrides import BudgetOverrides
from suite.planning.case import Case, Mode, cases_of
from suite.planning.planner import Planner
from suite.planning.profiles import load_profile

if TYPE_CHECKING:
    import torch

ROOT = Path(__file__).parents[2]
GENERATORS = ("sd", "cd", "biggan")
Row = dict[str, Any]
Checks = Iterable[tuple[str, Callable[[], Row]]]


class CheckFailed(Exception):  # noqa: N818
    """Something was measured, and it is not what it should be."""


@dataclass(frozen=True)
class Options:
    """Options of all parts.

    Attributes:
        work: Directory for stores and other files that are not kept.
        device: Name of the torch device.
        tiny: Whether everything is as small as possible, to test this code on a CPU.
        cpu_results: ``results.json`` of a CPU.
    """

    work: Path
    device: str = "cuda"
    tiny: bool = False
    cpu_results: Path = ROOT / "reports" / "smoke" / "results.json"

    @property
    def data_paths(self) -> DataPaths:
        """Data paths with a cache in the working directory; nothing is downloaded."""
        return DataPaths(cache=self.work / "cache")

    def store(self, name: str) -> Store:
        """Return a store in the working directory."""
        store = Store(self.work / name)
        store.prepare()
        return store


def run_checks(checks: Checks, save: Callable[[list[Row]], object] = lambda _: None) -> list[Row]:
    """Run checks one after the other; an exception fails its own check only.

    Args:
        checks: Names, and functions that return the values of a row or raise an exception.
        save: Called with all rows after each check.

    Returns:
        A row for each check: ``check``, ``status`` (passed or failed), its values or the ``message``, ``seconds``.
    """
    rows: list[Row] = []
    for name, check in checks:
        started = time.perf_counter()
        try:
            row = {"check": name, "status": "passed", **check()}
        except Exception as error:
            row = {"check": name, "status": "failed", "message": one_line(f"{type(error).__name__}: {error}")}
        rows.append({**row, "seconds": round(time.perf_counter() - started, 1)})
        save(rows)
    return rows


def synchronise(device: str) -> None:
    """Wait until the device has done all work."""
    if device.startswith("cuda"):
        import torch

        torch.cuda.synchronize(device)


def matrix_rate(device: str, size: int, dtype: "torch.dtype") -> float:
    """Return the floating-point operations a second of a square matrix product, the median of ten."""
    import torch

    a, b = (torch.randn(size, size, device=device).to(dtype) for _ in range(2))
    seconds = []
    for _ in range(13):
        synchronise(device)
        started = time.perf_counter()
        a @ b
        synchronise(device)
        seconds.append(time.perf_counter() - started)
    return 2 * size**3 / sorted(seconds[3:])[5]


def digits_planner(options: Options, **overrides: Any) -> Planner:
    """Return a planner of profile ``smoke``; evaluated is the validation split."""
    changes = BudgetOverrides(max_seeds=1, evaluate="validation", **overrides)
    return Planner(load_profile("smoke"), options.data_paths, options.work / "memo", changes)


def digits_recipes(options: Options) -> list[Recipe]:
    """Return what a GPU computes for the cells of digits, with a few steps of every training; if tiny, for ``org``."""
    planner = digits_planner(options, limit_steps=3 if options.tiny else 40)
    if options.tiny:
        return list(planner.case(Case(dataset="digits", mode=Mode.ORG)).predictions)
    targets = [target for case in cases_of("digits", GENERATORS) for target in planner.case(case).targets]
    return [recipe for recipe in in_order(*targets) if recipe.resources.gpus]


def build_digits(options: Options, name: str) -> None:
    """Build ``digits_recipes`` in the store of this name."""
    build_all(options.store(name), digits_recipes(options), device=options.device, data_paths=options.data_paths)


def start(target: Callable[..., None], *arguments: Any, **environment: str) -> SpawnProcess:
    """Start a function in a process of its own, with more environment variables."""
    process = get_context("spawn").Process(target=target, args=arguments)
    before = dict(os.environ)
    os.environ.update(environment)
    try:
        process.start()
    finally:
        os.environ.clear()
        os.environ.update(before)
    return process


def finish(process: SpawnProcess) -> None:
    """Wait for a process; raise CheckFailed if it did not end with 0."""
    process.join()
    if process.exitcode:
        raise CheckFailed(f"a process ended with {process.exitcode}")


def payloads(store: Store) -> dict[str, bytes]:
    """Return the content of every payload file by artifact and name, without the manifest and the facts of the run."""
    artifacts = store.root / "artifacts"
    return {
        path.relative_to(artifacts).as_posix(): path.read_bytes()
        for path in sorted(artifacts.rglob("*"))
        if path.is_file() and path.name not in ("run.json", "manifest.json")
    }


def compare(first: Store, second: Store) -> Row:
    """Return how many payload files are equal; raise CheckFailed if one differs or is missing."""
    expected, found = payloads(first), payloads(second)
    names = expected.keys() | found.keys()
    different = sorted(name for name in names if expected.get(name) != found.get(name))
    if different or not names:
        raise CheckFailed(f"{len(different)} of {len(names)} files differ: {', '.join(different[:5])}")
    return {"equal files": len(names)}
