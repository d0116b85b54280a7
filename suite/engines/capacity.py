"""Capacity of cluster nodes, and how many builds fit into it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from math import floor

from suite.artifacts import Recipe
from suite.compute import Compute


@dataclass(frozen=True)
class Capacity:
    """CPU cores, GPUs and memory that a node has or a build needs.

    Attributes:
        cpus: CPU cores.
        gpus: GPUs; a build may need a fraction of one.
        memory: Main memory in bytes.
    """

    cpus: float
    gpus: float
    memory: float

    @classmethod
    def of_node(cls, resources: Mapping[str, float]) -> "Capacity":
        """Return the capacity of a node from the resources that Ray reports for it."""
        return cls(resources.get("CPU", 0.0), resources.get("GPU", 0.0), resources.get("memory", 0.0))

    @classmethod
    def for_recipe(cls, recipe: Recipe, device: str) -> "Capacity":
        """Return what the build of a recipe needs.

        Args:
            recipe: Recipe to build.
            device: Kind of device that the engine uses; GPUs are only needed if it is ``cuda``.
        """
        compute = getattr(recipe, "compute", None)
        cpus = compute.threads if isinstance(compute, Compute) else recipe.resources.cpus
        return cls(cpus, recipe.resources.gpus if device == "cuda" else 0.0, recipe.resources.memory)

    def limited_to(self, nodes: Iterable["Capacity"]) -> "Capacity | None":
        """Return this request reduced to the largest node that can run it; None if no node can.

        A node with fewer cores or less memory than requested can run the build if it runs nothing else.
        """
        usable = [node for node in nodes if node.gpus >= self.gpus and (node.cpus > 0 or self.cpus == 0)]
        if not usable:
            return None
        largest = max(usable, key=lambda node: (node.memory, node.cpus))
        return Capacity(min(self.cpus, largest.cpus), self.gpus, min(self.memory, largest.memory))

    def count_in(self, nodes: Iterable["Capacity"]) -> int:
        """Return how many builds with this request fit into the nodes at the same time."""
        return sum(self._count_in_node(node) for node in nodes)

    def _count_in_node(self, node: "Capacity") -> int:
        pairs = ((node.cpus, self.cpus), (node.gpus, self.gpus), (node.memory, self.memory))
        return min((floor(available / needed) for available, needed in pairs if needed > 0), default=0)

    def __str__(self) -> str:
        cores = f"{self.cpus:g} core" + ("" if self.cpus == 1 else "s")
        return cores if not self.gpus else f"{cores} and {self.gpus:g} GPU"
