"""Return values of the fixtures: images and classifiers of a case, with methods that wait until they are built."""

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

from suite.artifacts import Artifact, Recipe, Store
from suite.classifiers.classifier import HISTORY
from suite.images import ImageSet

if TYPE_CHECKING:
    from suite.images.labelled import LabelledImages

Wait = Callable[[Iterable[Recipe]], None]


class Images:
    """A set of labelled images.

    Attributes:
        recipe: The recipe of the set.
        counts: Images per class, as planned.
    """

    def __init__(self, recipe: ImageSet, store: Store, wait: Wait) -> None:
        self.recipe = recipe
        self.counts = recipe.counts
        self._store = store
        self._wait = wait

    def open(self) -> "LabelledImages":
        """Wait until the images are built and return them, uint8 NHWC."""
        self._wait([self.recipe])
        return self.recipe.open(self._store)


class TrainedClassifier:
    """A trained classifier.

    Attributes:
        recipe: The recipe of the classifier.
    """

    def __init__(self, recipe: Recipe, store: Store, wait: Wait) -> None:
        self.recipe = recipe
        self._store = store
        self._wait = wait

    @property
    def artifact(self) -> Artifact:
        """Wait until the classifier is trained and return its artifact: weights and history."""
        self._wait([self.recipe])
        return self._store.get(self.recipe)

    @property
    def history(self) -> dict[str, object]:
        """Loss of each epoch, images seen, optimiser steps and number of parameters."""
        return dict(self.artifact.json(HISTORY))
