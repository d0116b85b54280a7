"""The work that is left: which recipes to build, which are ready, and in which order."""

from collections.abc import Iterable

from suite.artifacts import Recipe, Store
from suite.engines.build import in_order


class Graph:
    """The recipes behind some targets, and how far their building is.

    Every change costs as much as the changed recipe has neighbours, so that a run costs as much as its graph has
    recipes and dependencies, however many of them wait at once.

    Args:
        targets: Recipes wanted.
        store: Where finished artifacts are.

    Attributes:
        recipes: Every recipe behind the targets by key, dependencies first.
        waiting: Keys still to be begun.
        running: Keys that were begun.
        failed: Key to reason, for what cannot be built.
    """

    def __init__(self, targets: Iterable[Recipe], store: Store) -> None:
        wanted = tuple(targets)
        self.store = store
        self.recipes = {recipe.key: recipe for recipe in in_order(*wanted)}
        self.waiting: set[str] = set()
        self.running: set[str] = set()
        self.failed: dict[str, str] = {}
        self._needs: dict[str, list[str]] = {key: [] for key in self.recipes}
        self._dependents: dict[str, list[str]] = {key: [] for key in self.recipes}
        for recipe in self.recipes.values():
            for dependency in recipe.dependencies:
                self.need(recipe.key, dependency.key)
        self._height: dict[str, int] = {}
        for key in reversed(self.recipes):
            self._height[key] = max((self._height[other] + 1 for other in self._dependents[key]), default=0)
        self._lacks: dict[str, int] = {}  # of what waits: how many dependencies are not there yet
        self._fresh: list[str] = []
        for recipe in wanted:
            self.want(recipe)

    def need(self, key: str, other: str) -> None:
        """Note that a recipe reads an artifact, be it one that lies deeper than those it depends on."""
        if other not in self._needs[key]:
            self._needs[key].append(other)
            self._dependents[other].append(key)

    def want(self, recipe: Recipe) -> None:
        """Note that ``recipe`` is needed: it, and what it lacks, waits to be built unless the store has it."""
        stack, added = [recipe], []
        while stack:
            needed = stack.pop()
            known = needed.key in self.waiting or needed.key in self.running or needed.key in self.failed
            if not known and self.store.find(needed) is None:
                self._wait(needed.key)
                added.append(needed.key)
                stack.extend(needed.dependencies)
        self._fresh.extend(key for key in added if not self._lacks[key])

    def take_ready(self) -> list[Recipe]:
        """Return what became ready since the last call; each still has to be asked for with ``is_ready``."""
        fresh, self._fresh = self._fresh, []
        return [self.recipes[key] for key in fresh]

    def is_ready(self, key: str) -> bool:
        """Return whether a recipe waits, and for nothing but to be begun."""
        return key in self.waiting and not self._lacks[key]

    def rank(self, key: str) -> tuple[int, int, str]:
        """Return what sorts recipes: first the longest chain of steps that waits for one, then the most of them."""
        return -self._height[key], -len(self._dependents[key]), key

    def begin(self, key: str) -> None:
        """Note that a build has begun."""
        self.waiting.discard(key)
        self.running.add(key)

    def put_back(self, key: str) -> None:
        """Note that a build has to be tried again later."""
        self.running.discard(key)
        self.waiting.add(key)
        self._lacks[key] = self._lacking(key)
        if not self._lacks[key]:
            self._fresh.append(key)

    def finish(self, key: str) -> None:
        """Note that an artifact is in the store."""
        if key not in self.waiting and key not in self.running:
            return
        self.running.discard(key)
        self.waiting.discard(key)
        for other in self._dependents[key]:
            if other in self.waiting:
                self._lacks[other] -= 1
                if not self._lacks[other]:
                    self._fresh.append(other)

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
    def imports(self) -> tuple[str, ...]:
        """Modules that building what waits will import: first those of every recipe in it, then what each needs."""
        recipes = (type(recipe).__module__ for recipe in self.recipes.values())
        needed = (name for key, recipe in self.recipes.items() if key in self.waiting for name in recipe.needed)
        return tuple(dict.fromkeys((*recipes, *needed)))

    @property
    def open(self) -> bool:
        """Whether anything is left to build."""
        return bool(self.waiting or self.running)

    def _wait(self, key: str) -> None:
        self.waiting.add(key)
        self._lacks[key] = self._lacking(key)
        for other in self._dependents[key]:
            if other in self.waiting:
                self._lacks[other] += 1

    def _lacking(self, key: str) -> int:
        return sum(other in self.waiting or other in self.running for other in self._needs[key])
