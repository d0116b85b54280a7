"""The dependency graph of a run: which recipes to build, which are ready, and in which order."""

from collections.abc import Iterable

from suite.artifacts import Recipe, Store
from suite.engines.build import in_order


class Graph:
    """Targets with all their dependencies, and the state of each build.

    The cost of a change is proportional to the number of neighbours of the changed recipe, so that a run costs time
    proportional to the recipes and dependencies in its graph, however many recipes wait at once.

    Args:
        targets: Recipes whose artifacts are required.
        store: Store with the finished artifacts.

    Attributes:
        recipes: Targets and all their dependencies by key, dependencies first.
        waiting: Keys of recipes that have to be built and have not started.
        running: Keys of recipes whose build has started.
        failed: Reason for each key that cannot be built.
    """

    def __init__(self, targets: Iterable[Recipe], store: Store) -> None:
        required = tuple(targets)
        self.store = store
        self.recipes = {recipe.key: recipe for recipe in in_order(*required)}
        self.waiting: set[str] = set()
        self.running: set[str] = set()
        self.failed: dict[str, str] = {}
        self._dependencies: dict[str, list[str]] = {key: [] for key in self.recipes}
        self._dependents: dict[str, list[str]] = {key: [] for key in self.recipes}
        for recipe in self.recipes.values():
            for dependency in recipe.dependencies:
                self.add_dependency(recipe.key, dependency.key)
        self._height: dict[str, int] = {}
        for key in reversed(self.recipes):
            self._height[key] = max((self._height[other] + 1 for other in self._dependents[key]), default=0)
        self._missing_inputs: dict[str, int] = {}  # for waiting recipes: number of unfinished dependencies
        self._newly_ready: list[str] = []
        for recipe in required:
            self.require(recipe)

    def add_dependency(self, key: str, dependency: str) -> None:
        """Record that a recipe reads an artifact, possibly an indirect dependency.

        Args:
            key: Key of the recipe.
            dependency: Key of the artifact that it reads.
        """
        if dependency not in self._dependencies[key]:
            self._dependencies[key].append(dependency)
            self._dependents[dependency].append(key)

    def require(self, recipe: Recipe) -> None:
        """Add a recipe to the waiting ones, with its missing dependencies, unless the store has it."""
        stack, added = [recipe], []
        while stack:
            required = stack.pop()
            known = required.key in self.waiting or required.key in self.running or required.key in self.failed
            if not known and self.store.find(required) is None:
                self._add_waiting(required.key)
                added.append(required.key)
                stack.extend(required.dependencies)
        self._newly_ready.extend(key for key in added if not self._missing_inputs[key])

    def pop_newly_ready(self) -> list[Recipe]:
        """Return the recipes that became ready since the last call; check each with ``is_ready`` before its start."""
        keys, self._newly_ready = self._newly_ready, []
        return [self.recipes[key] for key in keys]

    def is_ready(self, key: str) -> bool:
        """Return whether a recipe waits and all its dependencies are finished."""
        return key in self.waiting and not self._missing_inputs[key]

    def priority(self, key: str) -> tuple[int, int, str]:
        """Return the sort key of a recipe: longest chain of dependents first, then most dependents, then the key."""
        return -self._height[key], -len(self._dependents[key]), key

    def start(self, key: str) -> None:
        """Record that a build has started."""
        self.waiting.discard(key)
        self.running.add(key)

    def requeue(self, key: str) -> None:
        """Record that a build has to be started again later."""
        self.running.discard(key)
        self.waiting.add(key)
        self._missing_inputs[key] = self._count_missing_inputs(key)
        if not self._missing_inputs[key]:
            self._newly_ready.append(key)

    def finish(self, key: str) -> None:
        """Record that an artifact is in the store."""
        if key not in self.waiting and key not in self.running:
            return
        self.running.discard(key)
        self.waiting.discard(key)
        for dependent in self._dependents[key]:
            if dependent in self.waiting:
                self._missing_inputs[dependent] -= 1
                if not self._missing_inputs[dependent]:
                    self._newly_ready.append(dependent)

    def fail(self, key: str, reason: str) -> list[Recipe]:
        """Record that a build failed.

        Args:
            key: Key of the recipe.
            reason: Why it failed, in one line.

        Returns:
            The recipe and all recipes that cannot be built without it.
        """
        affected = []
        stack = [key]
        while stack:
            current = stack.pop()
            if current not in self.failed:
                self.failed[current] = reason
                self.waiting.discard(current)
                self.running.discard(current)
                affected.append(self.recipes[current])
                stack.extend(dependent for dependent in self._dependents[current] if dependent in self.waiting)
        return affected

    @property
    def imports(self) -> tuple[str, ...]:
        """Modules that the waiting builds import: first the modules that define recipes, then ``required_modules``."""
        defining = (type(recipe).__module__ for recipe in self.recipes.values())
        required = (
            name for key, recipe in self.recipes.items() if key in self.waiting for name in recipe.required_modules
        )
        return tuple(dict.fromkeys((*defining, *required)))

    @property
    def is_unfinished(self) -> bool:
        """Whether any recipe waits or runs."""
        return bool(self.waiting or self.running)

    def _add_waiting(self, key: str) -> None:
        self.waiting.add(key)
        self._missing_inputs[key] = self._count_missing_inputs(key)
        for dependent in self._dependents[key]:
            if dependent in self.waiting:
                self._missing_inputs[dependent] += 1

    def _count_missing_inputs(self, key: str) -> int:
        return sum(other in self.waiting or other in self.running for other in self._dependencies[key])
