"""The scheduler: starts the builds of a graph in a worker pool, for every engine."""

import threading
import time
from collections.abc import Callable, Hashable
from heapq import heappop, heappush

from suite.artifacts import Recipe
from suite.engines.engine import Event, EventCallback, EventKind
from suite.engines.graph import Graph
from suite.engines.messages import Built, Busy, Failed, Message, MissingInput, Progressed, Started, WorkerDied
from suite.engines.worker_pool import WorkerPool
from suite.errors import StoreFailed

MAX_REBUILDS = 3
POLL_SECONDS = 0.2


class Scheduler:
    """One run of an engine: starts ready recipes, rebuilds damaged artifacts, and gives up what fails.

    Args:
        graph: Recipes to build.
        on_event: Called with every event.
    """

    def __init__(self, graph: Graph, on_event: EventCallback) -> None:
        self.graph = graph
        self.on_event = on_event
        self._queues: dict[Hashable, list[tuple[tuple[int, int, str], Recipe]]] = {}
        self._delayed: list[tuple[float, str]] = []
        self._not_before: dict[str, float] = {}
        self._rebuilds: dict[str, int] = {}
        self._deaths: dict[str, int] = {}

    def run(self, make_pool: Callable[[], WorkerPool], stop: threading.Event) -> dict[str, str]:
        """Build everything that the graph is waiting for.

        Args:
            make_pool: Creates the worker pool; not called if nothing has to be built.
            stop: Once set, no further build is started and running builds are stopped.

        Returns:
            The reason for each key that could not be built.
        """
        for key, recipe in self.graph.recipes.items():
            if key not in self.graph.waiting and self.graph.store.find(recipe) is not None:
                self.on_event(Event(EventKind.CACHED, recipe))
        if not self.graph.is_unfinished:
            return self.graph.failed
        pool = make_pool()
        try:
            while self.graph.is_unfinished and not stop.is_set():
                self._start_builds(pool)
                for recipe, message in pool.poll(POLL_SECONDS):
                    self._handle(pool, recipe, message)
        finally:
            pool.stop()
        return self.graph.failed

    def _start_builds(self, pool: WorkerPool) -> None:
        while (recipe := self._next(pool)) is not None:
            if self.graph.store.find(recipe) is not None:  # another process has built it in the meantime
                self.graph.finish(recipe.key)
                self.on_event(Event(EventKind.CACHED, recipe))
            else:
                self.graph.start(recipe.key)
                pool.start(recipe)

    def _next(self, pool: WorkerPool) -> Recipe | None:
        """Return the ready recipe with the highest priority among those that the pool has capacity for."""
        self._fill_queues(pool)
        while True:
            startable = [queue for kind, queue in self._queues.items() if queue and pool.has_capacity(kind)]
            if not startable:
                return None
            _, recipe = heappop(min(startable, key=lambda queue: queue[0][0]))
            if self.graph.is_ready(recipe.key):  # False if it lost a dependency or was queued twice
                return recipe

    def _fill_queues(self, pool: WorkerPool) -> None:
        now = time.monotonic()
        for recipe in self.graph.pop_newly_ready():
            heappush(self._delayed, (self._not_before.get(recipe.key, 0.0), recipe.key))
        while self._delayed and self._delayed[0][0] <= now:
            recipe = self.graph.recipes[heappop(self._delayed)[1]]
            queue = self._queues.setdefault(pool.resource_class(recipe), [])
            heappush(queue, (self.graph.priority(recipe.key), recipe))

    def _handle(self, pool: WorkerPool, recipe: Recipe, message: Message) -> None:
        match message:
            case Started():
                self.on_event(Event(EventKind.STARTED, recipe))
            case Progressed(done, total):
                self.on_event(Event(EventKind.PROGRESS, recipe, done=done, total=total))
            case Built(seconds):
                self.graph.finish(recipe.key)
                self.on_event(Event(EventKind.BUILT, recipe, seconds=seconds))
            case Busy():
                self._not_before[recipe.key] = time.monotonic() + POLL_SECONDS
                self.graph.requeue(recipe.key)
            case MissingInput(key, reason):
                self._rebuild_input(recipe, key, reason)
            case Failed(reason):
                self._fail(recipe, reason)
            case WorkerDied(reason):
                self._retry(pool, recipe, reason)

    def _retry(self, pool: WorkerPool, recipe: Recipe, reason: str) -> None:
        deaths = self._deaths[recipe.key] = self._deaths.get(recipe.key, 0) + 1
        if deaths >= pool.max_attempts:
            self._fail(recipe, reason if deaths == 1 else f"{reason}; tried {deaths} times")
            return
        self.graph.requeue(recipe.key)
        self.on_event(Event(EventKind.RETRIED, recipe, f"{recipe.label}: {reason}; started again"))

    def _rebuild_input(self, recipe: Recipe, key: str, reason: str) -> None:
        """Rebuild a damaged or missing artifact that a build could not read, and start that build again afterwards."""
        damaged = self.graph.recipes.get(key)
        if damaged is None:
            self._fail(recipe, reason)
            return
        self.graph.add_dependency(recipe.key, key)  # it may be an indirect dependency
        if key in self.graph.failed:
            self._fail(recipe, self.graph.failed[key])
            return
        is_rebuilding = key in self.graph.waiting or key in self.graph.running
        if not is_rebuilding and not self._set_aside(recipe, damaged, reason):
            return
        self.graph.require(damaged)
        self.graph.requeue(recipe.key)

    def _set_aside(self, recipe: Recipe, damaged: Recipe, reason: str) -> bool:
        """Move a damaged artifact aside; fail the recipe that reads it, and return False, if that is not possible.

        It is not possible if the store cannot be written, or after ``MAX_REBUILDS`` times.
        """
        self._rebuilds[damaged.key] = self._rebuilds.get(damaged.key, 0) + 1
        if self._rebuilds[damaged.key] > MAX_REBUILDS:
            self._fail(recipe, reason)
            return False
        try:
            target = self.graph.store.set_aside(damaged.key)
        except StoreFailed as error:
            self._fail(recipe, f"{reason}; {error}")
            return False
        self.on_event(Event(EventKind.DAMAGED, damaged, f"{reason}; set aside as {target}" if target else reason))
        return True

    def _fail(self, recipe: Recipe, reason: str) -> None:
        message = reason if reason.startswith(recipe.label) else f"{recipe.label}: {reason}"
        for affected in self.graph.fail(recipe.key, message):
            self.on_event(Event(EventKind.FAILED, affected, self.graph.failed[affected.key]))
