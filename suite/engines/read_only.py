"""The engine of a store that can only be read: it builds nothing."""

from collections.abc import Iterable
from threading import Event as Flag

from suite.artifacts import Recipe, Store
from suite.engines.engine import Engine, Event, EventKind, Listener
from suite.engines.graph import Graph


class ReadingEngine(Engine):
    """Finds what is there, and says of everything else why it cannot be made.

    Args:
        store: Where artifacts are.
        reason: Why nothing can be built, and what to do about it.
    """

    def __init__(self, store: Store, reason: str) -> None:
        self.store = store
        self.reason = reason

    def run(self, targets: Iterable[Recipe], listen: Listener, stop: Flag) -> dict[str, str]:  # noqa: ARG002
        """Look for every target; see ``Engine.run``."""
        graph = Graph(targets, self.store)
        for key, recipe in graph.recipes.items():
            if key not in graph.waiting and self.store.find(recipe) is not None:
                listen(Event(EventKind.CACHED, recipe))
        for key in list(graph.waiting):
            if key in graph.waiting:
                for lost in graph.fail(key, f"{graph.recipes[key].label}: {self.reason}"):
                    listen(Event(EventKind.FAILED, lost, graph.failed[lost.key]))
        return graph.failed
