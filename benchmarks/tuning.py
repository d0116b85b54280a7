"""What a change of a profile's settings gives: accuracies, distance, and time.

    python benchmarks/tuning.py cifar10 org cd-syn --profile cpu --data-root DIR generator.cd.sampling.guidance=1.5

Cells are named as in the tables, settings as in ``suite/planning/profiles/*.toml``. Nothing that is tuned may see the
test split: everything here is evaluated on the validation split, which no training has seen, unless ``--evaluate test`` asks
for the one look at the test split that a setting gets once it is chosen. The store keeps what is finished: started
again, or with another guidance, it makes only what is new.
"""

import argparse
import sys
import threading
import tomllib
from functools import reduce
from pathlib import Path

from tabulate import tabulate

from suite.artifacts import DataPaths, Store
from suite.engines.local import LocalEngine
from suite.planning.budget_overrides import BudgetOverrides
from suite.planning.case import Case, Mode
from suite.planning.planner import Planner
from suite.planning.profiles import Profile, load_profile
from suite.results.read_artifacts import read_cell


def main() -> None:
    """Build what is missing, and print a row a cell."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("dataset")
    parser.add_argument("what", nargs="+", help="cells (org, cd-syn, ...) and settings (name=value)")
    parser.add_argument("--profile", default="smoke")
    parser.add_argument("--data-root", type=Path, action="append", default=[])
    parser.add_argument("--store", type=Path, default=Path(".store"))
    parser.add_argument("--seeds", type=int, help="classifier seeds; the profile's unless told")
    parser.add_argument("--evaluate", choices=("validation", "test"), default="validation")
    parser.add_argument("--jobs", type=int, default=1)
    given = parser.parse_intermixed_args()
    settings = [one for one in given.what if "=" in one]
    profile = reduce(_with, settings, load_profile(given.profile))
    store, data_paths = Store(given.store), DataPaths(data_roots=tuple(given.data_root))
    store.prepare()
    overrides = BudgetOverrides(seeds=given.seeds, evaluate=given.evaluate)
    planner = Planner(profile, data_paths, store.root / "contents", overrides)
    plans = {name: planner.case(_case(given.dataset, name)) for name in given.what if "=" not in name}
    targets = [recipe for plan in plans.values() for recipe in plan.targets]
    failed = LocalEngine(store, data_paths, ("cpu",) * given.jobs).run(targets, lambda _: None, threading.Event())
    if failed:
        sys.exit("\n".join(sorted(set(failed.values()))))
    rows = []
    for name, plan in plans.items():
        cell = read_cell(plan, store, "")
        distance = next((value for metric, value in cell.metrics.items() if metric.startswith("fd(")), None)
        training_cost = [cell.seconds.get(stage) for stage in ("generator", "sampling", "classifiers")]
        rows.append(
            (name, cell.mean, " ".join(f"{accuracy:.1f}" for accuracy in cell.accuracies), distance, *training_cost)
        )
    print(f"{given.dataset}, profile {given.profile}, {' '.join(settings) or 'as it is'}; {given.evaluate} split\n")
    headers = ("cell", "accuracy, %", "seeds", "FD", "generator, s", "sampling, s", "classifiers, s")
    print(tabulate(rows, headers, tablefmt="github", floatfmt=".1f"))


def _with(profile: Profile, setting: str) -> Profile:
    name, value = setting.split("=", 1)
    try:
        return profile.changed(tomllib.loads(f"{name} = {value}"))
    except tomllib.TOMLDecodeError as error:
        sys.exit(f"{setting} is no setting ({error}): write it as in TOML, with quotes around words")


def _case(dataset: str, name: str) -> Case:
    generator, _, mode = name.rpartition("-")
    return Case(dataset=dataset, generator=generator or None, mode=Mode(mode))


if __name__ == "__main__":
    main()
