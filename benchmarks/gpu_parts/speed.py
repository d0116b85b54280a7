"""Part 3: every network of profile ``paper`` at full size, and the hours of the paper's table that follow.

Recipes are those of the plan, with fewer steps or images, and with noise in place of real images.
"""

import gc
import time
from collections import Counter
from functools import partial
from typing import Any

from noise import Noise

from gpu_parts import GENERATORS, CheckFailed, Checks, Options, Row, matrix_rate, synchronise
from gpu_parts.pipeline import save_random_pipeline
from suite.artifacts import Recipe
from suite.engines.build import build, in_order
from suite.generators.sd.pipelines import LocalPipeline
from suite.planning.case import Case, cases_of
from suite.planning.dry_run import DryRunPlanner
from suite.planning.profiles import load_profile
from suite.statistics.looks import last_look

DATASETS = ("cifar10", "imagenette", "melanoma")  # of the paper's table
MEASURED_AS = {"predictions": "classifier"}  # steps that are counted at the rate of another one
# Settings that are changed, by step; the first steps or images are not timed.
CHANGES: dict[str, dict[str, Any]] = {
    "classifier": {"steps": 400},
    "diffusion-training": {"steps": 200},
    "gan-training": {"steps": 200},
}
BATCHES = {"diffusion-samples": 3, "gan-samples": 10, "text-to-image-samples": 3, "features": 64}
TINY: dict[str, dict[str, Any]] = {
    "classifier": {"steps": 4, "width": 8, "batch_size": 4},
    "diffusion-training": {"steps": 3, "channels": (32, 32), "batch_size": 2},
    "gan-training": {"steps": 3, "channels": 8, "batch_size": 2},
    "diffusion-samples": {"steps": 2, "batch_size": 2},
    "gan-samples": {"batch_size": 2},
    "text-to-image-samples": {"steps": 2, "batch_size": 1, "size": 64},
}


def checks(options: Options) -> Checks:
    """Yield the matrix product, the measurement of each step, and the hours of the table."""
    speed = Speed(options)
    yield "bfloat16 matrix product", speed.matrix
    for step in (*CHANGES, *BATCHES):
        yield step, partial(speed.measure, step)
    for step in (*CHANGES, *BATCHES, *MEASURED_AS):
        yield f"table: {step}", partial(speed.hours, step)
    yield "table", speed.total


class Speed:
    """Measured rates, and the plan they are applied to.

    Args:
        options: Options of all parts.
        profile: Name of the profile.
        generators: Names of the generators.
    """

    def __init__(self, options: Options, profile: str = "paper", generators: tuple[str, ...] = GENERATORS) -> None:
        self._options = options
        self._generators = generators
        self._store = options.store("speed")
        self._planner = DryRunPlanner(load_profile(profile), options.data_paths, options.work / "memo")
        by_cost = sorted(self._recipes(DATASETS[0], last=False), key=lambda recipe: recipe.cost.operations or 0.0)
        self._planned = {recipe.step: recipe for recipe in by_cost}  # the largest of each step
        self._small: dict[str, Recipe] = {}
        self._matrix_rate = 0.0
        self._rates: dict[str, float] = {}
        self._hours: Counter[str] = Counter()

    def matrix(self) -> Row:
        """Return the rate of a matrix product, to which other rates are compared."""
        import torch

        cpu = self._options.device == "cpu"
        rate = matrix_rate(self._options.device, 1024 if cpu else 8192, torch.float32 if cpu else torch.bfloat16)
        self._matrix_rate = rate
        return {"TFLOP/s": rate / 1e12}

    def measure(self, step: str, *, compiled: bool = False) -> Row:
        """Build a shortened recipe, and return its rate without the first quarter of its steps or images.

        Args:
            step: Step of the recipe.
            compiled: Whether networks are compiled by ``torch.compile``.
        """
        recipe, images_per_unit = self._shortened(step)
        if compiled:
            recipe = recipe.model_copy(update={"compute": recipe.compute.model_copy(update={"compile": True})})
        device, data_paths = self._options.device, self._options.data_paths
        for dependency in in_order(recipe):
            if dependency.key != recipe.key:
                build(self._store, dependency, device=device, data_paths=data_paths)
        marks: list[tuple[int, float]] = []

        def progress(done: int, total: int) -> None:
            if done == total or (not marks and done >= total / 4):
                synchronise(device)
                marks.append((done, time.perf_counter()))

        _reset_peak_memory(device)
        build(self._store, recipe, device=device, data_paths=data_paths, progress=progress)
        (before, started), (done, ended) = marks
        seconds, images = ended - started, (done - before) * images_per_unit
        cost = self._with_known_cost(recipe).cost
        rate = self._rates[step] = (cost.operations or 0.0) * (done - before) / done / seconds
        return {
            "images": images,
            "images/s": images / seconds,
            "TFLOP/s": rate / 1e12,
            "share of the matrix rate": rate / self._matrix_rate if self._matrix_rate else None,
            "peak memory, GiB": _peak_memory(device),
            "estimated memory, GiB": cost.memory / 2**30,
        }

    def hours(self, step: str) -> Row:
        """Return the hours of all builds of a step that the table needs at the first and at the last look."""
        rate = self._rates.get(MEASURED_AS.get(step, step))
        if not rate:
            raise CheckFailed("the step was not measured")
        row: Row = {}
        for look, last in (("first look", False), ("last look", True)):
            recipes = {r.key: r for name in DATASETS for r in self._recipes(name, last=last) if r.step == step}
            hours = sum(recipe.cost.operations or 0.0 for recipe in recipes.values()) / rate / 3600
            self._hours[look] += hours
            row |= {f"builds, {look}": len(recipes), f"hours, {look}": hours}
        return row

    def total(self) -> Row:
        """Return the hours of all measured steps."""
        missing = {*CHANGES, *BATCHES} - self._rates.keys()
        if missing:
            raise CheckFailed(f"not measured: {', '.join(sorted(missing))}")
        return {f"hours, {look}": hours for look, hours in self._hours.items()}

    def _recipes(self, dataset: str, *, last: bool) -> list[Recipe]:
        def plan(case: Case) -> tuple[Recipe, ...]:
            seeds = last_look(self._planner.most_seeds(case)) if last else None
            return self._planner.case(case, seeds).targets

        return list(in_order(*(target for case in cases_of(dataset, self._generators) for target in plan(case))))

    def _shortened(self, step: str) -> tuple[Any, int]:
        """Return a shortened recipe, and the images that one unit of its progress stands for."""
        recipe: Any = self._planned[step]
        changes: dict[str, Any] = {}
        if step != "features":
            settings = {**CHANGES.get(step, {}), **(TINY[step] if self._options.tiny else {})}
            changes["settings"] = recipe.settings.model_copy(update=settings)
        if step in CHANGES:
            noise = Noise(per_class=(20 if self._options.tiny else 500,) * recipe.classes, size=32)
            changes["training_set" if step == "classifier" else "real"] = noise
            images = changes["settings"].batch_size * getattr(recipe.settings, "discriminator_steps", 1)
        else:
            images = 1
            batch = recipe.batch_size if step == "features" else changes["settings"].batch_size
            count = batch * (2 if self._options.tiny else BATCHES[step])
            per_class = tuple(count // 10 + (label < count % 10) for label in range(10))
            noise = Noise(per_class=per_class, size=32)
            changes |= {"images": noise} if step == "features" else {"per_class": per_class}
        if step in ("diffusion-samples", "gan-samples"):
            changes["trained"] = self._small[step.replace("samples", "training")]
        if step == "text-to-image-samples":
            folder = self._options.work / "pipeline"
            save_random_pipeline(folder, self._options.device, tiny=self._options.tiny)
            changes["pipeline"] = LocalPipeline.locate(folder, self._options.data_paths)
        self._small[step] = recipe.model_copy(update=changes)
        return self._small[step], images

    def _with_known_cost(self, recipe: Recipe) -> Recipe:
        """Return the recipe with the pipeline of the plan, whose size is known, in place of a random one."""
        planned: Any = self._planned[recipe.step]
        random = recipe.step == "text-to-image-samples"
        return recipe.model_copy(update={"pipeline": planned.pipeline}) if random else recipe


def _reset_peak_memory(device: str) -> None:
    if device.startswith("cuda"):
        import torch

        gc.collect()
        torch.cuda.empty_cache()
        torch.cuda.reset_peak_memory_stats(device)


def _peak_memory(device: str) -> float | None:
    """Return the peak of allocated device memory in GiB; None on a CPU."""
    import torch

    return torch.cuda.max_memory_allocated(device) / 2**30 if device.startswith("cuda") else None
