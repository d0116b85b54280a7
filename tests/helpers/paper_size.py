"""A plan of the paper's size and beyond, scheduled with stand-in durations: ``python tests/helpers/paper_size.py``.

Three datasets, three generators and every sweep, with one to ten seeds of classifiers and of generators. What is
planned and scheduled is real, only the builds are none: durations are guesses for one GPU, on the low side, for it is
the share that planning and scheduling take which is asked. The datasets are a few painted images each, as planning sees
only counts; the tiny pipeline stands in for Stable Diffusion, whose weights may not be here.
"""

import sys
import tempfile
import threading
import time
import tomllib
from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path

from plugin_project import paint
from stand_ins import StandIns

from suite.artifacts import DataPaths, Recipe, Store
from suite.engines.graph import Graph
from suite.engines.scheduler import Scheduler
from suite.planning.case import Case, DiscriminatorCase
from suite.planning.planner import BudgetOverrides, Planner
from suite.planning.profiles import Profile
from suite.planning.table1_rows import Table1Row
from suite.planning.variants import SWEEPS, variants_of

DATASETS = ("one", "two", "three")
GENERATORS = ("sd", "cd", "biggan")
GPUS = 8
SECONDS = {
    "tiny-pipeline": 600.0,
    "diffusion-training": 3600.0,
    "gan-training": 3600.0,
    "text-to-image-samples": 1200.0,
    "diffusion-samples": 300.0,
    "gan-samples": 30.0,
    "classifier": 120.0,
    "features": 20.0,
    "predictions": 5.0,
}
SECONDS_OF_OTHERS = 1.0


def seconds(recipe: Recipe) -> float:
    """Return the stand-in duration of a recipe's build."""
    return SECONDS.get(recipe.step, SECONDS_OF_OTHERS)


def planner(root: Path, seeds: int) -> Planner:
    """Return a planner of the paper's profile for painted datasets that it makes under ``root``."""
    settings = tomllib.loads((files("suite.planning.profiles") / "paper.toml").read_text(encoding="utf-8"))
    settings.get("generator", {}).pop("sd", None)
    for name in DATASETS:
        if not (root / name).is_dir():
            paint(root, name, train=60)
    overrides = BudgetOverrides(seeds=seeds, generator_seeds=seeds)
    return Planner(Profile("paper", settings), DataPaths(data_roots=(root,)), root / ".memo", overrides)


def targets(plans: Planner) -> Iterator[Recipe]:
    """Yield what every cell of Table 1, of every sweep and of the discriminator table waits for."""
    for dataset in DATASETS:
        for case in Table1Row(dataset=dataset, generators=GENERATORS).cases:
            for one in (case, *_variants(plans, case)):
                yield from plans.case(one).targets
        for generator in GENERATORS:
            yield from plans.discriminator(DiscriminatorCase(dataset, generator)).targets


def _variants(plans: Planner, case: Case) -> Iterator[Case]:
    sweep, guided = plans.budget(case.dataset).sweep, plans.is_guided(case)
    for axes in SWEEPS.values():
        for axis in axes:
            yield from variants_of(case, axis, sweep, guided=guided)


def main(seeds: list[int]) -> None:
    """Plan and schedule for each number of seeds, and print what that took."""
    print("seeds  recipes  dependencies  planned  scheduled  a recipe  of the builds  builds, one GPU  on", GPUS)
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        for number in seeds:
            store = Store(root / f"store-{number}")
            store.prepare()
            plans = planner(root / "data", number)
            began = time.perf_counter()
            wanted = tuple(targets(plans))
            planned = time.perf_counter()
            graph = Graph(wanted, store)
            pool = StandIns(GPUS, seconds)
            failed = Scheduler(graph, lambda _: None).work(lambda pool=pool: pool, threading.Event())
            ended = time.perf_counter()
            assert not failed
            count = len(graph.recipes)
            assert len(pool.order) == len(set(pool.order)) == count
            edges = sum(len(recipe.dependencies) for recipe in graph.recipes.values())
            print(
                f"{number:5}  {count:7}  {edges:12}  {planned - began:5.1f} s  {ended - planned:7.1f} s"
                f"  {1000 * (ended - began) / count:5.2f} ms  {(ended - began) / pool.clock:13.3%}"
                f"  {pool.work / 3600:13.1f} h  {pool.clock / 3600:5.1f} h"
            )


if __name__ == "__main__":
    main([int(text) for text in sys.argv[1:]] or [1, 2, 5, 10])
