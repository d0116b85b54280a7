"""Measure planning and scheduling for experiments of the paper's size: ``python tests/helpers/paper_size.py``.

Three datasets, three generators and every sweep, with one to ten seeds of classifiers and of generators. Planning and
scheduling are real; builds are simulated. Their durations are low guesses for one GPU, so that the measured share of
planning and scheduling is an upper bound. Each dataset is a few painted images, because planning depends only on their
counts. The tiny pipeline replaces Stable Diffusion, whose weights may be missing on this machine.
"""

import sys
import tempfile
import threading
import time
import tomllib
from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path

from plugin_project import write_dataset
from stand_ins import SimulatedPool

from suite.artifacts import DataPaths, Recipe, Store
from suite.classifiers.plugins.resnet18 import ResNet18Settings
from suite.engines.graph import Graph
from suite.engines.scheduler import Scheduler
from suite.planning.axes import AXES
from suite.planning.case import Case, DiscriminatorCase
from suite.planning.planner import BudgetOverrides, Planner
from suite.planning.profiles import Profile
from suite.planning.table1_rows import Table1Row
from suite.planning.variants import variants_of

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
OTHER_SECONDS = 1.0


def seconds(recipe: Recipe) -> float:
    """Return the simulated duration of a recipe's build, in seconds."""
    return SECONDS.get(recipe.step, OTHER_SECONDS)


def planner(root: Path, seeds: int) -> Planner:
    """Return a planner with the paper's profile. The datasets are painted under ``root`` if they do not exist."""
    settings = tomllib.loads((files("suite.planning.profiles") / "paper.toml").read_text(encoding="utf-8"))
    settings.get("generator", {}).pop("sd", None)
    for name in DATASETS:
        if not (root / name).is_dir():
            write_dataset(root, name, train=60)
    overrides = BudgetOverrides(max_seeds=seeds, generator_seeds=seeds)
    return Planner(Profile("paper", settings), DataPaths(data_roots=(root,)), root / ".memo", overrides)


def targets(planner: Planner) -> Iterator[Recipe]:
    """Yield the recipes that all cells of Table 1, of the sweeps and of the discriminator table need."""
    for dataset in DATASETS:
        for case in Table1Row(dataset=dataset, generators=GENERATORS).cases:
            for variant in (case, *_variants(planner, case)):
                yield from planner.case(variant).targets
        for generator in GENERATORS:
            yield from planner.discriminator(DiscriminatorCase(dataset, generator)).targets


def _variants(planner: Planner, case: Case) -> Iterator[Case]:
    sweep, generator = planner.budget(case.dataset).sweep, planner.generator_settings(case)
    for axis in AXES.values():
        yield from variants_of(case, axis, sweep, generator, ResNet18Settings)


def main(seeds: list[int]) -> None:
    """Plan and schedule for each number of seeds, and print the durations."""
    print("seeds  recipes  dependencies  planned  scheduled  a recipe  of the builds  builds, one GPU  on", GPUS)
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        for count in seeds:
            store = Store(root / f"store-{count}")
            store.prepare()
            paper_planner = planner(root / "data", count)
            started = time.perf_counter()
            requested = tuple(targets(paper_planner))
            planned = time.perf_counter()
            graph = Graph(requested, store)
            pool = SimulatedPool(GPUS, seconds)
            failed = Scheduler(graph, lambda _: None).run(lambda pool=pool: pool, threading.Event())
            scheduled = time.perf_counter()
            assert not failed
            recipes = len(graph.recipes)
            assert len(pool.order) == len(set(pool.order)) == recipes
            edges = sum(len(recipe.dependencies) for recipe in graph.recipes.values())
            print(
                f"{count:5}  {recipes:7}  {edges:12}  {planned - started:5.1f} s  {scheduled - planned:7.1f} s"
                f"  {1000 * (scheduled - started) / recipes:5.2f} ms  {(scheduled - started) / pool.clock:13.3%}"
                f"  {pool.busy_seconds / 3600:13.1f} h  {pool.clock / 3600:5.1f} h"
            )


if __name__ == "__main__":
    main([int(text) for text in sys.argv[1:]] or [1, 2, 5, 10])
