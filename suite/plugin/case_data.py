"""What a test is handed: lazy handles on the images and classifiers of a case."""

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

from suite.artifacts import Artifact, Recipe, Store
from suite.classifiers.recipes import Classifier
from suite.classifiers.settings import HISTORY
from suite.images import ImageSet

if TYPE_CHECKING:
    from suite.images.labelled import LabelledImages

Wait = Callable[[Iterable[Recipe]], None]


class Images:
    """A set of labelled images that is waited for and opened when it is looked at.

    Attributes:
        recipe: The set's recipe.
        counts: Images per class, as asked for.
    """

    def __init__(self, recipe: ImageSet, store: Store, wait: Wait) -> None:
        self.recipe = recipe
        self.counts = recipe.counts
        self._store = store
        self._wait = wait

    def open(self) -> "LabelledImages":
        """Return the images, uint8 NHWC, as soon as they are there."""
        self._wait([self.recipe])
        return self.recipe.open(self._store)


class Trained:
    """A trained classifier that is waited for when it is looked at.

    Attributes:
        recipe: The classifier's recipe.
    """

    def __init__(self, recipe: Classifier, store: Store, wait: Wait) -> None:
        self.recipe = recipe
        self._store = store
        self._wait = wait

    @property
    def artifact(self) -> Artifact:
        """Weights and history, as soon as they are there."""
        self._wait([self.recipe])
        return self._store.get(self.recipe)

    @property
    def history(self) -> dict[str, object]:
        """Loss per epoch, images seen, optimiser steps, parameters."""
        return dict(self.artifact.json(HISTORY))
