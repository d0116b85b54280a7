"""Cost estimates: from recorded times of the same steps, else from operations at an assumed speed."""

import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field

from suite.artifacts import DataPaths, Download, Recipe, Store
from suite.artifacts.artifact import Artifact
from suite.compute import Compute

# Operations a second of small networks, which do not fill a device: half of the matrix product rate of one core; a
# twentieth and an eighth of the peak of a data-centre GPU of 2020. Used only for steps that were never measured.
SPEEDS = {
    ("cpu", "float32"): 4e10,
    ("cpu", "bfloat16"): 1e10,  # emulated on processors without bfloat16 instructions
    ("cuda", "float32"): 8e12,
    ("cuda", "bfloat16"): 4e13,
    ("mps", "float32"): 1e12,
    ("mps", "bfloat16"): 1e12,
}
MIN_SECONDS = 0.5  # lower limit of every estimate
RECORDED, ASSUMED, SMALL, UNKNOWN = "recorded", "assumed", "small", "unknown"


@dataclass
class Estimate:
    """Estimated cost of building a set of recipes.

    Attributes:
        seconds: Total time of all builds, one after the other.
        payload: Bytes added to the store.
        memory: Device memory of the build that needs most of it, in bytes.
        largest: Step of that build.
        downloads: What has to be downloaded, by name.
        bases: Steps by the basis of their time estimate, see ``Estimator.seconds``.
    """

    seconds: float = 0.0
    payload: int = 0
    memory: int = 0
    largest: str = ""
    downloads: dict[str, Download] = field(default_factory=dict)
    bases: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))


@dataclass
class _RecordedBuilds:
    builds: int = 0
    seconds: float = 0.0
    counted_seconds: float = 0.0
    operations: float = 0.0


class Estimator:
    """Estimates the cost of builds.

    Args:
        store: The store whose artifacts have the recorded times.
        data_paths: Paths in which weights and pipelines are searched for.
        device: Kind of device to build on: ``cpu``, ``cuda`` or ``mps``.
    """

    def __init__(self, store: Store, data_paths: DataPaths, device: str) -> None:
        self.device = device
        self._data_paths = data_paths
        self._recorded: dict[tuple[str, str], _RecordedBuilds] = defaultdict(
            _RecordedBuilds
        )  # by step and kind of device
        for key in store.keys():  # noqa: SIM118 - not a mapping
            self._record(Artifact(store.path(key), key))

    def estimate(self, recipes: Iterable[Recipe]) -> Estimate:
        """Return the total cost of building all recipes."""
        total = Estimate()
        for recipe in recipes:
            seconds, basis = self.seconds(recipe)
            cost = recipe.cost
            total.seconds += seconds
            total.payload += cost.payload
            total.bases[basis].add(recipe.step)
            if cost.memory > total.memory:
                total.memory, total.largest = cost.memory, recipe.step
            total.downloads.update((download.what, download) for download in recipe.downloads(self._data_paths))
        return total

    def seconds(self, recipe: Recipe) -> tuple[float, str]:
        """Return the estimated time of one build and its basis.

        The basis is ``recorded``: builds of the same step on the same kind of device in this store, in proportion to
        operations if both have some, else their mean; ``assumed``: operations at ``SPEEDS``; ``small``: too few
        operations to count; or ``unknown``: no estimate, counted as 0 seconds.
        """
        cost = recipe.cost
        device = self.device if recipe.resources.gpus else "cpu"
        recorded = self._recorded[recipe.step, device]
        if cost.operations and recorded.operations:
            return max(MIN_SECONDS, cost.operations * recorded.counted_seconds / recorded.operations), RECORDED
        if not cost.operations and recorded.builds:
            return max(MIN_SECONDS, recorded.seconds / recorded.builds), RECORDED
        if cost.operations is None:
            return 0.0, UNKNOWN
        if not cost.operations:
            return MIN_SECONDS, SMALL
        compute = getattr(recipe, "compute", Compute())
        speed = SPEEDS[device, compute.precision] * (compute.threads if device == "cpu" else 1)
        return max(MIN_SECONDS, cost.operations / speed), ASSUMED

    def _record(self, artifact: Artifact) -> None:
        run = artifact.run
        step, seconds, operations = run.get("step"), run.get("seconds"), run.get("operations")
        if not isinstance(step, str) or not isinstance(seconds, int | float):
            return  # built by an older version
        kind = re.split("[: ]", str(run.get("device", "")), maxsplit=1)[0]  # "cuda" of "cuda:0 (its name)"
        recorded = self._recorded[step, kind]
        recorded.builds += 1
        recorded.seconds += seconds
        if operations:
            recorded.counted_seconds += seconds
            recorded.operations += operations
