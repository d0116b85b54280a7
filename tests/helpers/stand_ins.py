"""A simulated worker pool: it builds nothing, and every recipe takes a given time of a simulated clock."""

from collections.abc import Callable, Hashable
from heapq import heappop, heappush

from suite.artifacts import Recipe
from suite.engines.messages import Built, Message, Started
from suite.engines.worker_pool import WorkerPool


class SimulatedPool(WorkerPool):
    """A pool with a fixed number of workers; each poll advances the clock to the end of the next build.

    Args:
        workers: Maximum number of simultaneous builds.
        seconds: Returns the duration of the build of a recipe.

    Attributes:
        clock: Seconds since the start, on the simulated clock.
        busy_seconds: Sum of the durations of all builds.
        order: Keys in the order in which builds were started.
    """

    def __init__(self, workers: int, seconds: Callable[[Recipe], float]) -> None:
        self.clock = 0.0
        self.busy_seconds = 0.0
        self.order: list[str] = []
        self._workers = workers
        self._seconds = seconds
        self._running: list[tuple[float, int, Recipe]] = []

    def has_capacity(self, resource_class: Hashable) -> bool:  # noqa: ARG002
        return len(self._running) < self._workers

    def start(self, recipe: Recipe) -> None:
        seconds = self._seconds(recipe)
        self.busy_seconds += seconds
        heappush(self._running, (self.clock + seconds, len(self.order), recipe))
        self.order.append(recipe.key)

    def poll(self, seconds: float) -> list[tuple[Recipe, Message]]:  # noqa: ARG002
        assert self._running, "no build is running or was started: the scheduler would wait forever"
        self.clock, _, recipe = heappop(self._running)
        return [(recipe, Started()), (recipe, Built(self._seconds(recipe)))]

    def stop(self) -> None:
        assert not self._running
