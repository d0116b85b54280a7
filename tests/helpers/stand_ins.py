"""A crew that builds nothing: every recipe takes a stand-in duration of a clock that jumps."""

from collections.abc import Callable, Hashable
from heapq import heappop, heappush

from suite.artifacts import Recipe
from suite.engines.messages import Built, Message, Started
from suite.engines.worker_pool import WorkerPool


class StandIns(WorkerPool):
    """So many slots; what is started in one is built as soon as the clock has jumped to its end.

    Args:
        slots: Builds at once.
        seconds: Returns how long the build of a recipe takes.

    Attributes:
        clock: Seconds since the start, of the stand-in clock.
        work: Seconds of all builds together.
        order: Keys in the order in which they were started.
    """

    def __init__(self, slots: int, seconds: Callable[[Recipe], float]) -> None:
        self.clock = 0.0
        self.work = 0.0
        self.order: list[str] = []
        self._slots = slots
        self._seconds = seconds
        self._running: list[tuple[float, int, Recipe]] = []

    def has_capacity(self, kind: Hashable) -> bool:  # noqa: ARG002
        return len(self._running) < self._slots

    def start(self, recipe: Recipe) -> None:
        seconds = self._seconds(recipe)
        self.work += seconds
        heappush(self._running, (self.clock + seconds, len(self.order), recipe))
        self.order.append(recipe.key)

    def poll(self, seconds: float) -> list[tuple[Recipe, Message]]:  # noqa: ARG002
        assert self._running, "nothing runs, and nothing was begun: the shift would wait for ever"
        self.clock, _, recipe = heappop(self._running)
        return [(recipe, Started()), (recipe, Built(self._seconds(recipe)))]

    def end(self) -> None:
        assert not self._running
