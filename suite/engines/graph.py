"""The work that is left: which recipes to build, which are ready, which others wait for most."""

from collections.abc import Iterable

from suite.artifacts import Recipe, Store
from suite.engines.build import in_order


class Graph:
    """The recipes behind some targets, and how far their building is.

    Args:
        targets: Recipes wanted.
        store: Where finished artifacts are.

    Attributes:
        recipes: Every recipe behind the targets by key, dependencies first.
        waiting: Keys still to be begun.
        failed: Key to reason, for what cannot be built.
    """

    def __init__(self, targets: Iterable[Recipe], store: Store) -> None:
        wanted = tuple(targets)
        self.store = store
        self.recipes = {recipe.key: recipe for recipe in in_order(*wanted)}
        self.waiting: set[str] = set()
        self.running: set[str] = set()
        self.failed: dict[str, str] = {}
        self._dependents: dict[str, set[str]] = {key: set() for key in self.recipes}
        for recipe in self.recipes.values():
            for dependency in recipe.dependencies:
                self._dependents[dependency.key].add(recipe.key)
        reach: dict[str, set[str]] = {}
        for key in reversed(self.recipes):
            reach[key] = set().union(self._dependents[key], *(reach[other] for other in self._dependents[key]))
        self._weight = {key: len(reached) for key, reached in reach.items()}
        for recipe in wanted:
            self.want(recipe)

    def want(self, recipe: Recipe) -> None:
        """Note that ``recipe`` is needed: it, and what it lacks, waits to be built unless the store has it."""
        stack = [recipe]
        while stack:
            needed = stack.pop()
            known = needed.key in self.waiting or needed.key in self.running or needed.key in self.failed
            if not known and self.store.find(needed) is None:
                self.waiting.add(needed.key)
                stack.extend(needed.dependencies)

    def ready(self) -> list[Recipe]:
        """Return what can be begun now, first what most others wait for."""
        able = [
            self.recipes[key]
            for key in self.waiting
            if not any(
                dependency.key in self.waiting or dependency.key in self.running
                for dependency in self.recipes[key].dependencies
            )
        ]
        return sorted(able, key=lambda recipe: (-self._weight[recipe.key], recipe.key))

    def begin(self, key: str) -> None:
        """Note that a build has begun."""
        self.waiting.discard(key)
        self.running.add(key)

    def put_back(self, key: str) -> None:
        """Note that a build has to be tried again later."""
        self.running.discard(key)
        self.waiting.add(key)

    def finish(self, key: str) -> None:
        """Note that an artifact is in the store."""
        self.running.discard(key)
        self.waiting.discard(key)

    def fail(self, key: str, reason: str) -> list[Recipe]:
        """Note that a build failed, and return it and everything that cannot be built without it."""
        lost = []
        stack = [key]
        while stack:
            current = stack.pop()
            if current not in self.failed:
                self.failed[current] = reason
                self.waiting.discard(current)
                self.running.discard(current)
                lost.append(self.recipes[current])
                stack.extend(other for other in self._dependents[current] if other in self.waiting)
        return lost

    @property
    def open(self) -> bool:
        """Whether anything is left to build."""
        return bool(self.waiting or self.running)
