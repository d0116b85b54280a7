"""Simulated predictions of classifiers that are never trained, for the recipes that read predictions."""

from typing import Any, ClassVar

import numpy as np
from scipy.special import softmax
from simple_classifiers import resnet18

from suite.artifacts import BuildContext, Store
from suite.classifiers.classifier import PREDICTIONS
from suite.classifiers.network import NetworkPredictions
from suite.classifiers.plugins.resnet18 import ResNet18Settings
from suite.compute import Compute
from suite.images import ImageSet

CLASSES = 5


class NoImages(ImageSet):
    """An image set that is never opened."""

    step: ClassVar[str] = "images-that-are-not-opened"
    version: ClassVar[int] = 1

    @property
    def counts(self) -> None:
        return None

    def open(self, store: Store) -> None:
        raise NotImplementedError

    def build(self, context: BuildContext) -> None:
        raise NotImplementedError


class _SimulatedPredictions(NetworkPredictions):
    """Predictions that read nothing."""

    @property
    def dependencies(self) -> tuple[()]:
        return ()

    def tensors(self) -> dict[str, np.ndarray]:
        """Return the probabilities and the labels."""
        raise NotImplementedError

    def build(self, context: BuildContext) -> None:
        context.write_tensors(PREDICTIONS, self.tensors())


class CalibratedPredictions(_SimulatedPredictions):
    """Predictions of a classifier whose logits are multiplied by ``factor``; with 1 it is calibrated.

    Attributes:
        factor: See above.
        stream: Number of the random stream.
        count: Number of images.
        always_right: Whether every label is the predicted class.
    """

    step: ClassVar[str] = "calibrated-predictions"

    factor: float
    stream: int
    count: int
    always_right: bool = False

    def tensors(self) -> dict[str, np.ndarray]:
        """Return probabilities, and labels drawn from those of the calibrated classifier."""
        rng = np.random.default_rng((self.classifier.seed, self.stream))
        logits = rng.normal(0, 2, (self.count, CLASSES))
        labels = (softmax(logits, axis=1).cumsum(axis=1) < rng.random((self.count, 1))).sum(axis=1)
        if self.always_right:
            labels = logits.argmax(axis=1)
        probabilities = softmax(self.factor * logits, axis=1).astype(np.float32)
        return {"probabilities": probabilities, "labels": labels.clip(max=CLASSES - 1).astype(np.int64)}


class PredictionsWithRecalls(_SimulatedPredictions):
    """Predictions on images of classes 0, 0, ..., 1, 1, ..., of which a given share of each class is right.

    Attributes:
        recalls: Probability of a right prediction for each class.
        each: Number of images of each class.
        stream: Number of the random stream, different for case and org.
    """

    step: ClassVar[str] = "predictions-with-recalls"

    recalls: tuple[float, ...]
    each: int
    stream: int = 0

    def tensors(self) -> dict[str, np.ndarray]:
        """Return probabilities of 0.8 for the predicted class, and the labels."""
        classes = len(self.recalls)
        labels = np.repeat(np.arange(classes), self.each)
        rng = np.random.default_rng((self.classifier.seed, self.stream))
        right = rng.random(len(labels)) < np.array(self.recalls)[labels]
        probabilities = np.full((len(labels), classes), 0.2 / (classes - 1), np.float32)
        probabilities[np.arange(len(labels)), np.where(right, labels, (labels + 1) % classes)] = 0.8
        return {"probabilities": probabilities, "labels": labels}


def untrained(seed: int) -> dict[str, Any]:
    """Return the fields of predictions of an untrained classifier with this seed."""
    classifier = resnet18(
        training_set=NoImages(), classes=CLASSES, settings=ResNet18Settings(), seed=seed, compute=Compute()
    )
    return {"classifier": classifier, "images": NoImages(), "compute": Compute()}
