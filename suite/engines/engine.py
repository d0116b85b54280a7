"""An engine: builds what the store is missing, each artifact once, and says what happens."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import StrEnum
from threading import Event as Flag

from suite.artifacts import Recipe


class EventKind(StrEnum):
    """What an engine can say of a recipe."""

    CACHED = "cached"
    STARTED = "started"
    PROGRESS = "progress"
    BUILT = "built"
    DAMAGED = "damaged"
    RETRIED = "retried"
    FAILED = "failed"


@dataclass(frozen=True)
class Event:
    """One thing that happened.

    Attributes:
        what: The kind.
        recipe: To which recipe.
        message: Why, for a failure, a damaged artifact or another try.
        done: Units of work done, for progress.
        total: Units of work in all, for progress.
        seconds: How long the build took, for a finished one.
    """

    what: EventKind
    recipe: Recipe
    message: str = ""
    done: int = 0
    total: int = 0
    seconds: float = 0.0


Listener = Callable[[Event], None]


class Engine(ABC):
    """Runs a plan against a store."""

    def warm_up(self) -> None:  # noqa: B027 - most have nothing to do
        """Be told that there will be something to build, while it is still being found out what."""

    @abstractmethod
    def run(self, targets: Iterable[Recipe], listen: Listener, stop: Flag) -> dict[str, str]:
        """Build every target and whatever it needs.

        Args:
            targets: Recipes wanted; what they depend on is found from them.
            listen: Called from the engine's thread with everything that happens.
            stop: Once set, nothing new is begun and what is running is ended; checkpoints stay.

        Returns:
            For each key that could not be built, why. What depends on it is there too.
        """
