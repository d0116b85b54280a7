"""The engine interface: build the artifacts that the store lacks, each once, and report events."""

import threading
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import StrEnum

from suite.artifacts import Recipe


class EventKind(StrEnum):
    """Kinds of events."""

    CACHED = "cached"
    STARTED = "started"
    PROGRESS = "progress"
    BUILT = "built"
    DAMAGED = "damaged"
    RETRIED = "retried"
    FAILED = "failed"


@dataclass(frozen=True)
class Event:
    """One event of a recipe.

    Attributes:
        kind: Kind of the event.
        recipe: Recipe that the event is about.
        message: The reason, for FAILED, DAMAGED and RETRIED.
        done: Finished units of work, for PROGRESS.
        total: All units of work, for PROGRESS.
        seconds: Duration of the build, for BUILT.
    """

    kind: EventKind
    recipe: Recipe
    message: str = ""
    done: int = 0
    total: int = 0
    seconds: float = 0.0


EventCallback = Callable[[Event], None]


class Engine(ABC):
    """Builds the artifacts of recipes that a store lacks."""

    def warm_up(self) -> None:  # noqa: B027 - most engines have nothing to do
        """Warm up workers before the plan is known."""

    @abstractmethod
    def run(self, targets: Iterable[Recipe], on_event: EventCallback, stop: threading.Event) -> dict[str, str]:
        """Build every target and the dependencies that are missing.

        Args:
            targets: Recipes whose artifacts are required.
            on_event: Called with every event, in the thread of the engine.
            stop: Once set, no further build is started and running builds are stopped; checkpoints are kept.

        Returns:
            The reason for each key that could not be built, including everything that depends on it.
        """
