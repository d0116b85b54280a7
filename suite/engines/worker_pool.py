"""A crew: those who build what a shift hands them, processes of this machine or tasks on a cluster."""

from abc import ABC, abstractmethod
from collections.abc import Hashable

from suite.artifacts import Recipe
from suite.engines.messages import Message


class WorkerPool(ABC):
    """Builds recipes whose dependencies are in the store, several at once, and says how it goes.

    Attributes:
        lives: How often the build of one recipe may die before it has failed.
    """

    lives: int = 1

    def kind(self, recipe: Recipe) -> Hashable:  # noqa: ARG002
        """Return what a recipe takes up: where there is room for one of a kind, there is room for any of it."""
        return None

    @abstractmethod
    def has_capacity(self, kind: Hashable) -> bool:
        """Return whether one more of a kind can be started now."""

    @abstractmethod
    def start(self, recipe: Recipe) -> None:
        """Begin to build; what comes of it is heard."""

    @abstractmethod
    def poll(self, seconds: float) -> list[tuple[Recipe, Message]]:
        """Return what was said, as soon as there is anything or ``seconds`` are over; one answer a start."""

    @abstractmethod
    def end(self) -> None:
        """End whatever is running."""
