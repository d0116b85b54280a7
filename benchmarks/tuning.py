"""Show how changed settings of a profile affect accuracy, Fréchet distance and time.

    python benchmarks/tuning.py cifar10 org cd-syn --profile cpu --data-root DIR generator.cd.sampling.guidance=1.5

Cells are named as in the tables, settings as in ``suite/planning/profiles/*.toml``. Tuning must not use the test split:
everything is evaluated on the validation split, which is not used for any training. ``--evaluate test`` is for the
single evaluation on the test split of a setting that has been chosen. Finished work stays in the store: a second run,
or a run with another guidance, builds only what is new.
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
from suite.planning.budget_overrides import DEFAULT_CLASSIFIER, BudgetOverrides
from suite.planning.case import Case, Mode
from suite.planning.planner import Planner
from suite.planning.profiles import Profile, load_profile
from suite.results.read_artifacts import read_cell


def main() -> None:
    """Build what is missing and print one row per cell."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("dataset")
    parser.add_argument(
        "items", nargs="+", metavar="cell|name=value", help="cells (org, cd-syn, ...) and settings (name=value)"
    )
    parser.add_argument("--profile", default="smoke")
    parser.add_argument("--data-root", type=Path, action="append", default=[])
    parser.add_argument("--store", type=Path, default=Path(".store"))
    parser.add_argument("--classifier", default=DEFAULT_CLASSIFIER)
    parser.add_argument("--per-class", type=int, help="real training images per class (default: the profile's)")
    parser.add_argument("--seeds", type=int, help="number of classifier seeds (default: the profile's)")
    parser.add_argument("--evaluate", choices=("validation", "test"), default="validation")
    parser.add_argument("--jobs", type=int, default=1)
    options = parser.parse_intermixed_args()
    settings = [item for item in options.items if "=" in item]
    profile = reduce(_with, settings, load_profile(options.profile))
    store, data_paths = Store(options.store), DataPaths(data_roots=tuple(options.data_root))
    store.prepare()
    overrides = BudgetOverrides(
        classifier=options.classifier,
        per_class=options.per_class,
        max_seeds=options.seeds,
        evaluate=options.evaluate,
    )
    planner = Planner(profile, data_paths, store.root / "contents", overrides)
    plans = {name: planner.case(_case(options.dataset, name)) for name in options.items if "=" not in name}
    targets = [recipe for plan in plans.values() for recipe in plan.targets]
    failed = LocalEngine(store, data_paths, ("cpu",) * options.jobs).run(targets, lambda _: None, threading.Event())
    if failed:
        sys.exit("\n".join(sorted(set(failed.values()))))
    rows = []
    for name, plan in plans.items():
        cell = read_cell(plan, store, None, "")
        distance = next((value for metric, value in cell.metrics.items() if metric.startswith("fd(")), None)
        seconds = [cell.seconds.get(stage) for stage in ("generator", "sampling", "classifiers")]
        rows.append((name, cell.mean, " ".join(f"{accuracy:.1f}" for accuracy in cell.accuracies), distance, *seconds))
    print(
        f"{options.dataset}, profile {options.profile}, {options.classifier}, {' '.join(settings) or 'unchanged'}; "
        f"{options.evaluate} split\n"
    )
    headers = ("cell", "accuracy, %", "seeds", "FD", "generator, s", "sampling, s", "classifiers, s")
    print(tabulate(rows, headers, tablefmt="github", floatfmt=".1f"))


def _with(profile: Profile, setting: str) -> Profile:
    name, value = setting.split("=", 1)
    try:
        return profile.changed(tomllib.loads(f"{name} = {value}"))
    except tomllib.TOMLDecodeError as error:
        sys.exit(f"{setting} is not a setting ({error}): write it as in TOML, with quotes around text")


def _case(dataset: str, name: str) -> Case:
    generator, _, mode = name.rpartition("-")
    return Case(dataset=dataset, generator=generator or None, mode=Mode(mode))


if __name__ == "__main__":
    main()
