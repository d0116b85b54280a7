"""Where on a cluster there is room: what a build takes up, against what the nodes have."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from math import floor

from suite.artifacts import Recipe
from suite.compute import Compute


@dataclass(frozen=True)
class Capacity:
    """Cores, GPUs and memory, asked for or there.

    Attributes:
        cpus: Cores.
        gpus: GPUs; a share of one where less than one is asked for.
        memory: Bytes.
    """

    cpus: float
    gpus: float
    memory: float

    @classmethod
    def of_node(cls, resources: Mapping[str, float]) -> "Capacity":
        """Return what a node has, from what Ray says of it."""
        return cls(resources.get("CPU", 0.0), resources.get("GPU", 0.0), resources.get("memory", 0.0))

    @classmethod
    def for_recipe(cls, recipe: Recipe, device: str) -> "Capacity":
        """Return what a recipe's build takes up when it computes on a kind of device."""
        compute = getattr(recipe, "compute", None)
        cpus = compute.threads if isinstance(compute, Compute) else recipe.resources.cpus
        return cls(cpus, recipe.resources.gpus if device == "cuda" else 0.0, recipe.resources.memory)

    def within(self, nodes: Iterable["Capacity"]) -> "Capacity | None":
        """Return this cut to the largest node that can do it at all; None if there is none.

        A node of fewer cores, or of less memory than was asked for, may do it if it does nothing else.
        """
        able = [node for node in nodes if node.gpus >= self.gpus and (node.cpus > 0 or self.cpus == 0)]
        if not able:
            return None
        largest = max(able, key=lambda node: (node.memory, node.cpus))
        return Capacity(min(self.cpus, largest.cpus), self.gpus, min(self.memory, largest.memory))

    def times_in(self, nodes: Iterable["Capacity"]) -> int:
        """Return how often this fits into nodes at once."""
        return sum(self._times_in(node) for node in nodes)

    def _times_in(self, node: "Capacity") -> int:
        pairs = ((node.cpus, self.cpus), (node.gpus, self.gpus), (node.memory, self.memory))
        return min((floor(there / asked) for there, asked in pairs if asked > 0), default=0)

    def __str__(self) -> str:
        cores = f"{self.cpus:g} core" + ("" if self.cpus == 1 else "s")
        return cores if not self.gpus else f"{cores} and {self.gpus:g} GPU"
