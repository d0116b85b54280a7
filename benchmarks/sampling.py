"""What a solver and its number of steps are worth: accuracy on the validation split, and Fréchet distance.

    python benchmarks/sampling.py digits
    python benchmarks/sampling.py cifar10 --data-root DIR --profile cpu --seeds 1 --ratio 0.3 --guidance 1

``cd`` is trained once; for each solver and step count it makes as many images as there are real ones, or ``--ratio``
times as many, classifiers are trained on these alone (SYN) and tested on the validation split, which no training has
seen. From this table the defaults of the profiles are chosen. The store keeps what is finished: started again, it
goes on.
"""

import argparse
import sys
import threading
from pathlib import Path

from tabulate import tabulate

from suite.artifacts import DataPaths, Store
from suite.engines.local import LocalEngine
from suite.planning.budget_overrides import BudgetOverrides
from suite.planning.case import Case, Mode
from suite.planning.planner import Planner
from suite.planning.profiles import load_profile
from suite.planning.variants import Variant
from suite.results.read_artifacts import read_cell

SOLVERS = ("dpm-solver++", "ddim", "ddpm")
STEPS = (5, 10, 20, 50)


def main() -> None:
    """Build what is missing, and print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("dataset")
    parser.add_argument("--profile", default="smoke")
    parser.add_argument("--data-root", type=Path, action="append", default=[])
    parser.add_argument("--store", type=Path, default=Path(".store"))
    parser.add_argument("--seeds", type=int, help="classifier seeds; the profile's unless told")
    parser.add_argument("--ratio", type=float, default=1.0, help="synthetic images per real one")
    parser.add_argument("--guidance", type=float, help="guidance weight; the profile's unless told")
    parser.add_argument("--jobs", type=int, default=2)
    given = parser.parse_args()
    profile = load_profile(given.profile)
    variant = None if given.ratio == 1 else Variant(axis="ratio", value=given.ratio).name
    fixed = {} if given.guidance is None else {"guidance": given.guidance}
    store, data_paths = Store(given.store), DataPaths(data_roots=tuple(given.data_root))
    store.prepare()
    plans = {
        (solver, steps): Planner(
            profile.changed({"generator": {"cd": {"sampling": {"solver": solver, "steps": steps, **fixed}}}}),
            data_paths,
            store.root / "contents",
            BudgetOverrides(seeds=given.seeds, evaluate="validation"),
        ).case(Case(dataset=given.dataset, generator="cd", mode=Mode.SYN, variant=variant))
        for solver in SOLVERS
        for steps in STEPS
    }
    targets = [recipe for plan in plans.values() for recipe in plan.targets]
    failed = LocalEngine(store, data_paths, ("cpu",) * given.jobs).run(targets, lambda _: None, threading.Event())
    if failed:
        sys.exit("\n".join(sorted(set(failed.values()))))
    rows = []
    for (solver, steps), plan in plans.items():
        cell = read_cell(plan, store, "")
        distance = next(value for name, value in cell.metrics.items() if name.startswith("fd("))
        interval = "{:.1f} to {:.1f}".format(*cell.interval) if cell.interval else ""
        rows.append((solver, steps, cell.mean, interval, distance, cell.seconds["sampling"]))
    images = sum(plan.synthetic[0].counts or ())
    print(
        f"cd, {given.dataset}, profile {given.profile}, {images:,} images, {len(cell.accuracies)} classifier seeds, "
        "validation split\n"
    )
    headers = ("solver", "steps", "SYN, %", "95 % interval", "FD", "sampling, s")
    print(tabulate(rows, headers, tablefmt="github", floatfmt=("", "", ".1f", "", ".1f", ".1f")))


if __name__ == "__main__":
    main()
