"""The engine for a read-only store: it finds artifacts and builds nothing."""

import threading
from collections.abc import Iterable

from suite.artifacts import Recipe, Store
from suite.engines.engine import Engine, Event, EventCallback, EventKind
from suite.engines.graph import Graph


class ReadOnlyEngine(Engine):
    """Reports the artifacts that exist as cached and all others as failed.

    Args:
        store: Store with the artifacts.
        reason: Why nothing can be built and what to do about it.
    """

    def __init__(self, store: Store, reason: str) -> None:
        self.store = store
        self.reason = reason

    def run(self, targets: Iterable[Recipe], on_event: EventCallback, stop: threading.Event) -> dict[str, str]:  # noqa: ARG002
        """Look up every target; see ``Engine.run``."""
        graph = Graph(targets, self.store)
        for key, recipe in graph.recipes.items():
            if key not in graph.waiting and self.store.find(recipe) is not None:
                on_event(Event(EventKind.CACHED, recipe))
        for key in list(graph.waiting):
            if key in graph.waiting:
                for failed in graph.fail(key, f"{graph.recipes[key].label}: {self.reason}"):
                    on_event(Event(EventKind.FAILED, failed, graph.failed[failed.key]))
        return graph.failed
