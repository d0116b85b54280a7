"""The worker pool interface: what a scheduler needs to run builds in processes or on a cluster."""

from abc import ABC, abstractmethod
from collections.abc import Hashable

from suite.artifacts import Recipe
from suite.engines.messages import Message


class WorkerPool(ABC):
    """Builds recipes whose dependencies are in the store, several at once.

    Attributes:
        max_attempts: How often the worker of one recipe may die before the recipe has failed.
    """

    max_attempts: int = 1

    def resource_class(self, recipe: Recipe) -> Hashable:  # noqa: ARG002
        """Return a value that is equal for recipes that need the same resources."""
        return None

    @abstractmethod
    def has_capacity(self, resource_class: Hashable) -> bool:
        """Return whether one more recipe of a resource class can be started now."""

    @abstractmethod
    def start(self, recipe: Recipe) -> None:
        """Start to build a recipe; ``poll`` returns its messages."""

    @abstractmethod
    def poll(self, seconds: float) -> list[tuple[Recipe, Message]]:
        """Return new messages, with exactly one outcome for each started recipe.

        Args:
            seconds: How long to wait for a message at most.
        """

    @abstractmethod
    def stop(self) -> None:
        """Stop all running builds."""
