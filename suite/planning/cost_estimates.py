"""How long a plan will take: from what the same steps took before, else from operations at an assumed speed."""

import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field

from suite.artifacts import DataPaths, Download, Recipe, Store
from suite.artifacts.artifact import Artifact
from suite.compute import Compute

# Operations a second of networks as small as these, which fill no device: half of what one core's matrix product
# reaches; a twentieth and an eighth of the peak of a data-centre GPU of 2020. Only what was never measured needs them.
SPEEDS = {
    ("cpu", "float32"): 4e10,
    ("cpu", "bfloat16"): 1e10,  # emulated, where the processor has no instructions for it
    ("cuda", "float32"): 8e12,
    ("cuda", "bfloat16"): 4e13,
    ("mps", "float32"): 1e12,
    ("mps", "bfloat16"): 1e12,
}
LEAST = 0.5  # seconds of any build
RECORDED, ASSUMED, SMALL, UNKNOWN = "recorded", "assumed", "small", "unknown"


@dataclass
class Estimate:
    """What building some recipes is estimated to take.

    Attributes:
        seconds: Of all builds, one after the other.
        payload: Bytes that they add to the store.
        memory: Bytes on the device that the largest build needs.
        largest: Step of that build.
        downloads: What has to be fetched, each thing once.
        bases: For each basis of the times, the steps that rest on it.
    """

    seconds: float = 0.0
    payload: int = 0
    memory: int = 0
    largest: str = ""
    downloads: dict[str, Download] = field(default_factory=dict)
    bases: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))


@dataclass
class _Past:
    builds: int = 0
    seconds: float = 0.0
    counted_seconds: float = 0.0
    operations: float = 0.0


class Estimator:
    """Estimates what is still to be built.

    Args:
        store: Its artifacts tell what builds took.
        data_paths: Where weights and pipelines may lie.
        device: Kind of device to build on: cpu, cuda, mps.
    """

    def __init__(self, store: Store, data_paths: DataPaths, device: str) -> None:
        self.device = device
        self._places = data_paths
        self._past: dict[tuple[str, str], _Past] = defaultdict(_Past)  # by step and kind of device
        for key in store.keys():  # noqa: SIM118 - no mapping
            self._learn(Artifact(store.path(key), key))

    def estimate(self, recipes: Iterable[Recipe]) -> Estimate:
        """Return what building all of these takes."""
        total = Estimate()
        for recipe in recipes:
            seconds, basis = self.seconds(recipe)
            cost = recipe.cost
            total.seconds += seconds
            total.payload += cost.payload
            total.bases[basis].add(recipe.step)
            if cost.memory > total.memory:
                total.memory, total.largest = cost.memory, recipe.step
            total.downloads.update((download.what, download) for download in recipe.downloads(self._places))
        return total

    def seconds(self, recipe: Recipe) -> tuple[float, str]:
        """Return how long one build takes, and what that rests on.

        ``recorded``: builds of the same step on the same kind of device in this store, in proportion to operations
        where both have some, else their mean. ``assumed``: operations at ``SPEEDS``. ``small``: too few to count.
        ``unknown``: nobody can tell, and nothing is counted.
        """
        cost = recipe.cost
        device = self.device if recipe.resources.gpus else "cpu"
        past = self._past[recipe.step, device]
        if cost.operations and past.operations:
            return max(LEAST, cost.operations * past.counted_seconds / past.operations), RECORDED
        if not cost.operations and past.builds:
            return max(LEAST, past.seconds / past.builds), RECORDED
        if cost.operations is None:
            return 0.0, UNKNOWN
        if not cost.operations:
            return LEAST, SMALL
        compute = getattr(recipe, "compute", Compute())
        speed = SPEEDS[device, compute.precision] * (compute.threads if device == "cpu" else 1)
        return max(LEAST, cost.operations / speed), ASSUMED

    def _learn(self, artifact: Artifact) -> None:
        run = artifact.run
        step, seconds, operations = run.get("step"), run.get("seconds"), run.get("operations")
        if not isinstance(step, str) or not isinstance(seconds, int | float):
            return  # built by an older version
        kind = re.split("[: ]", str(run.get("device", "")), maxsplit=1)[0]  # of "cuda:0 (its name)"
        past = self._past[step, kind]
        past.builds += 1
        past.seconds += seconds
        if operations:
            past.counted_seconds += seconds
            past.operations += operations
