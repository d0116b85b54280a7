"""Compare diffusion solvers and step counts by accuracy on the validation split and by Fréchet distance.

    python benchmarks/sampling.py digits
    python benchmarks/sampling.py cifar10 --data-root DIR --profile cpu --seeds 1 --ratio 0.3 --guidance 1

``cd`` is trained once. For each solver and step count it makes as many images as there are real ones (or ``--ratio``
times as many); classifiers are trained on these images only (SYN) and tested on the validation split, which is not used
for any training. The defaults of the profiles were chosen from this table. Finished work stays in the store: a second
run continues there.
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
    """Build what is missing and print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("dataset")
    parser.add_argument("--profile", default="smoke")
    parser.add_argument("--data-root", type=Path, action="append", default=[])
    parser.add_argument("--store", type=Path, default=Path(".store"))
    parser.add_argument("--seeds", type=int, help="number of classifier seeds (default: the profile's)")
    parser.add_argument("--ratio", type=float, default=1.0, help="synthetic images per real image (default: 1)")
    parser.add_argument("--guidance", type=float, help="guidance weight (default: the profile's)")
    parser.add_argument("--jobs", type=int, default=2)
    options = parser.parse_args()
    profile = load_profile(options.profile)
    variant = None if options.ratio == 1 else Variant(axis="ratio", value=options.ratio).name
    fixed = {} if options.guidance is None else {"guidance": options.guidance}
    store, data_paths = Store(options.store), DataPaths(data_roots=tuple(options.data_root))
    store.prepare()
    plans = {
        (solver, steps): Planner(
            profile.changed({"generator": {"cd": {"sampling": {"solver": solver, "steps": steps, **fixed}}}}),
            data_paths,
            store.root / "contents",
            BudgetOverrides(max_seeds=options.seeds, evaluate="validation"),
        ).case(Case(dataset=options.dataset, generator="cd", mode=Mode.SYN, variant=variant))
        for solver in SOLVERS
        for steps in STEPS
    }
    targets = [recipe for plan in plans.values() for recipe in plan.targets]
    failed = LocalEngine(store, data_paths, ("cpu",) * options.jobs).run(targets, lambda _: None, threading.Event())
    if failed:
        sys.exit("\n".join(sorted(set(failed.values()))))
    rows = []
    for (solver, steps), plan in plans.items():
        cell = read_cell(plan, store, None, "")
        distance = next(value for name, value in cell.metrics.items() if name.startswith("fd("))
        interval = "{:.1f} to {:.1f}".format(*cell.interval) if cell.interval else ""
        rows.append((solver, steps, cell.mean, interval, distance, cell.seconds["sampling"]))
    images = sum(plan.synthetic[0].counts or ())
    print(
        f"cd, {options.dataset}, profile {options.profile}, {images:,} images, "
        f"{len(cell.accuracies)} classifier seeds, validation split\n"
    )
    headers = ("solver", "steps", "SYN, %", "95 % interval", "FD", "sampling, s")
    print(tabulate(rows, headers, tablefmt="github", floatfmt=("", "", ".1f", "", ".1f", ".1f")))


if __name__ == "__main__":
    main()
