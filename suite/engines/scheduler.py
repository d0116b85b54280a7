"""A shift: what every engine does with a graph, whoever builds for it."""

import time
from collections.abc import Callable, Hashable
from heapq import heappop, heappush
from threading import Event as Flag

from suite.artifacts import Recipe
from suite.engines.engine import Event, EventKind, Listener
from suite.engines.graph import Graph
from suite.engines.messages import Advanced, Built, Busy, Failed, Message, MissingInput, Started, WorkerDied
from suite.engines.worker_pool import WorkerPool
from suite.errors import StoreFailed

TRIES = 3
SECONDS_BETWEEN_LOOKS = 0.2


class Scheduler:
    """One run of an engine: starts what is ready where there is room, mends what is damaged, gives up what fails.

    Args:
        graph: What is left to build.
        listen: Hears everything that happens.
    """

    def __init__(self, graph: Graph, listen: Listener) -> None:
        self.graph = graph
        self.listen = listen
        self._queues: dict[Hashable, list[tuple[tuple[int, int, str], Recipe]]] = {}
        self._later: list[tuple[float, str]] = []
        self._not_before: dict[str, float] = {}
        self._mended: dict[str, int] = {}
        self._deaths: dict[str, int] = {}

    def work(self, hire: Callable[[], WorkerPool], stop: Flag) -> dict[str, str]:
        """Build what the graph lacks.

        Args:
            hire: Makes the crew; not called if nothing is missing.
            stop: Once set, nothing new is begun and what is running is ended.

        Returns:
            For each key that could not be built, why.
        """
        for key, recipe in self.graph.recipes.items():
            if key not in self.graph.waiting and self.graph.store.find(recipe) is not None:
                self.listen(Event(EventKind.CACHED, recipe))
        if not self.graph.open:
            return self.graph.failed
        pool = hire()
        try:
            while self.graph.open and not stop.is_set():
                self._begin(pool)
                for recipe, message in pool.poll(SECONDS_BETWEEN_LOOKS):
                    self._take(pool, recipe, message)
        finally:
            pool.end()
        return self.graph.failed

    def _begin(self, pool: WorkerPool) -> None:
        while (recipe := self._next(pool)) is not None:
            if self.graph.store.find(recipe) is not None:  # another process was quicker
                self.graph.finish(recipe.key)
                self.listen(Event(EventKind.CACHED, recipe))
            else:
                self.graph.begin(recipe.key)
                pool.start(recipe)

    def _next(self, pool: WorkerPool) -> Recipe | None:
        """Return what to begin now, the most urgent of what there is room for."""
        self._queue(pool)
        while True:
            able = [queue for kind, queue in self._queues.items() if queue and pool.has_capacity(kind)]
            if not able:
                return None
            _, recipe = heappop(min(able, key=lambda queue: queue[0][0]))
            if self.graph.is_ready(recipe.key):  # it may have lost what it needs, or stand here twice
                return recipe

    def _queue(self, pool: WorkerPool) -> None:
        now = time.monotonic()
        for recipe in self.graph.take_ready():
            heappush(self._later, (self._not_before.get(recipe.key, 0.0), recipe.key))
        while self._later and self._later[0][0] <= now:
            recipe = self.graph.recipes[heappop(self._later)[1]]
            heappush(self._queues.setdefault(pool.kind(recipe), []), (self.graph.rank(recipe.key), recipe))

    def _take(self, pool: WorkerPool, recipe: Recipe, message: Message) -> None:
        match message:
            case Started():
                self.listen(Event(EventKind.STARTED, recipe))
            case Advanced(done, total):
                self.listen(Event(EventKind.PROGRESS, recipe, done=done, total=total))
            case Built(seconds):
                self.graph.finish(recipe.key)
                self.listen(Event(EventKind.BUILT, recipe, seconds=seconds))
            case Busy():
                self._not_before[recipe.key] = time.monotonic() + SECONDS_BETWEEN_LOOKS
                self.graph.put_back(recipe.key)
            case MissingInput(key, reason):
                self._mend(recipe, key, reason)
            case Failed(reason):
                self._fail(recipe, reason)
            case WorkerDied(reason):
                self._try_again(pool, recipe, reason)

    def _try_again(self, pool: WorkerPool, recipe: Recipe, reason: str) -> None:
        deaths = self._deaths[recipe.key] = self._deaths.get(recipe.key, 0) + 1
        if deaths >= pool.lives:
            self._fail(recipe, reason if deaths == 1 else f"{reason}; it was tried {deaths} times")
            return
        self.graph.put_back(recipe.key)
        self.listen(Event(EventKind.RETRIED, recipe, f"{recipe.label}: {reason}; begun again"))

    def _mend(self, recipe: Recipe, key: str, message: str) -> None:
        lost = self.graph.recipes.get(key)
        if lost is None:
            self._fail(recipe, message)
            return
        self.graph.need(recipe.key, key)  # it may lie deep, below what is there
        if key in self.graph.failed:
            self._fail(recipe, self.graph.failed[key])
            return
        if (
            key not in self.graph.waiting
            and key not in self.graph.running
            and not self._set_aside(recipe, lost, message)
        ):
            return
        self.graph.want(lost)
        self.graph.put_back(recipe.key)

    def _set_aside(self, recipe: Recipe, lost: Recipe, message: str) -> bool:
        """Take a damaged artifact out of the way; what needs it fails if that has been done too often, or cannot be."""
        self._mended[lost.key] = self._mended.get(lost.key, 0) + 1
        if self._mended[lost.key] > TRIES:
            self._fail(recipe, message)
            return False
        try:
            aside = self.graph.store.set_aside(lost.key)
        except StoreFailed as error:
            self._fail(recipe, f"{message}; {error}")
            return False
        self.listen(Event(EventKind.DAMAGED, lost, f"{message}; set aside as {aside}" if aside else message))
        return True

    def _fail(self, recipe: Recipe, message: str) -> None:
        told = message if message.startswith(recipe.label) else f"{recipe.label}: {message}"
        for lost in self.graph.fail(recipe.key, told):
            self.listen(Event(EventKind.FAILED, lost, self.graph.failed[lost.key]))
