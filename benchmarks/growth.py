"""Measure how cost grows with classifier seeds, generators, finished cells and images.

    python benchmarks/growth.py

Runs ``pytest cases/`` on digits from an empty store, complete except that ``--limit-steps`` shortens every training;
then computes features, statistics and metrics of sets of noise, and records the peak memory of each.
"""

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from noise import Noise
from tabulate import tabulate

from suite.artifacts import Store
from suite.compute import Compute
from suite.engines.build import build_all
from suite.metrics.recipes import plan_fidelity

ROOT = Path(__file__).parents[1]
SEEDS = (1, 2, 4, 8)
GENERATORS = ("cd", "cd or biggan", "cd or biggan or sd")
IMAGES = (1_000, 2_000, 4_000, 8_000)
COLD = ("--limit-steps", "60", "--jobs", "1")


def main() -> None:
    """Run the measurements and print two tables."""
    with tempfile.TemporaryDirectory() as folder:
        rows = list(_runs(Path(folder)))
        print(tabulate(rows, ("run", "wall, s", "build steps, s", "second run, s"), tablefmt="github", floatfmt=".1f"))
        print()
        headers = ("images", "features, s", "statistics, s", "metrics, s", "peak memory, MiB")
        print(tabulate(_metrics(Path(folder)), headers, tablefmt="github", floatfmt=".1f", intfmt=","))


def _runs(folder: Path) -> Iterator[tuple[str, float, float, float]]:
    selections = [(f"{seeds} seeds of org", "digits-org", seeds) for seeds in SEEDS]
    selections += [(f"1 seed, {names}", f"digits-org or digits and ({names})", 1) for names in GENERATORS]
    for number, (title, selection, seeds) in enumerate(selections):
        store = folder / str(number)
        arguments = ("-k", selection, "--seeds", str(seeds), "--store", str(store), *COLD)
        cold = _seconds(folder, *arguments)
        yield title, cold, sum(run["seconds"] for run in _run_records(store)), _seconds(folder, *arguments)


def _metrics(folder: Path) -> Iterator[tuple[int, float, float, float, int]]:
    for count in IMAGES:
        store = Store(folder / f"images-{count}")
        store.prepare()
        synthetic, reference = (Noise(per_class=(count // 10,) * 10, size=32, seed=seed) for seed in (0, 1))
        fidelity = plan_fidelity(synthetic, reference, "efficientnet-lite0", Compute(), natural=True)
        build_all(store, [fidelity])
        runs = [store.get(recipe).run for recipe in (fidelity.synthetic.features, fidelity.synthetic, fidelity)]
        memory = max(run["peak_memory_bytes"] for run in runs)
        yield count, *(run["seconds"] for run in runs), memory // 2**20  # type: ignore[misc]


def _seconds(folder: Path, *arguments: str) -> float:
    command = [sys.executable, "-m", "pytest", "cases", "-q", "-p", "no:cacheprovider", *arguments]
    start = time.perf_counter()
    completed = subprocess.run(
        [*command, "--reports", str(folder / "reports")], cwd=ROOT, env=os.environ, capture_output=True, check=False
    )
    if completed.returncode:
        sys.exit(completed.stdout.decode() + completed.stderr.decode())
    return time.perf_counter() - start


def _run_records(store: Path) -> list[dict[str, float]]:
    return [json.loads(path.read_text("utf-8")) for path in (store / "artifacts").glob("*/*/run.json")]


if __name__ == "__main__":
    main()
