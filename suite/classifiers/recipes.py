"""Recipes of a trained classifier and of its predictions."""

from typing import Annotated, ClassVar

from pydantic import Field

from suite.artifacts import BuildContext, CostEstimate, Recipe
from suite.artifacts.resources import INFERENCE, TRAINING, ResourceRequest
from suite.classifiers.network import networks
from suite.classifiers.settings import PREDICTION_BATCH_SIZE, WEIGHTS, ClassifierSettings
from suite.compute import Compute
from suite.flops import BACKWARD, FLOAT32, Layers
from suite.images import ImageSet

OPTIMISER_COPIES = 2  # gradient and momentum
IMPORTS = ("torch", "torch._dynamo", "torchvision.models.resnet")  # torch's optimisers import torch._dynamo


class Classifier(Recipe):
    """A classifier trained on one set of images.

    The payload is ``model.safetensors`` (weights and buffers) and ``history.json`` (loss per epoch, images seen,
    optimiser steps, parameters).

    Attributes:
        training_set: The images to train on.
        classes: Number of classes of the dataset, at least 2.
        settings: Network, optimiser, schedule and augmentation.
        seed: Seed of the initial weights, the order of the images and the augmentation.
        compute: Precision, memory format and threads.
    """

    step: ClassVar[str] = "classifier"
    version: ClassVar[int] = 1
    code: ClassVar[tuple[str, ...]] = (
        "suite.classifiers.training",
        "suite.classifiers.augmentation",
        "suite.classifiers.networks.resnet18",
        "suite.randomness",
    )
    imports: ClassVar[tuple[str, ...]] = IMPORTS
    resources: ClassVar[ResourceRequest] = TRAINING

    training_set: ImageSet
    classes: Annotated[int, Field(ge=2)]
    settings: ClassifierSettings
    seed: int
    compute: Compute

    @property
    def label(self) -> str:
        """Name for progress and messages: step and seed."""
        return f"classifier, seed {self.seed}"

    @property
    def optimiser_steps(self) -> int | None:
        """Number of optimiser steps, or None if it depends on a number of images that is not known yet."""
        if self.settings.steps is not None or self.training_set.counts is None:
            return self.settings.steps
        return self.settings.epochs * -(-sum(self.training_set.counts) // self.settings.batch_size)

    @property
    def layers(self) -> Layers | None:
        """Size of the network's layers, or None if the network gives no estimate or the image size is not known."""
        side = self.training_set.side
        return networks.get(self.settings.network).layers(self.classes, self.settings, side) if side else None

    @property
    def cost(self) -> CostEstimate:
        """Cost of the training: a forward and a backward pass for every image; the images stay on the device."""
        layers, counts, steps = self.layers, self.training_set.counts, self.optimiser_steps
        if layers is None or counts is None or steps is None:
            return CostEstimate(operations=None)
        batch = min(self.settings.batch_size, sum(counts))
        return CostEstimate(
            operations=steps * batch * layers.operations * (1 + BACKWARD),
            payload=FLOAT32 * layers.parameters,
            memory=layers.training(batch, OPTIMISER_COPIES, self.compute) + self.training_set.pixel_bytes,
        )

    def build(self, context: BuildContext) -> None:
        """Train the classifier, resuming from the newest checkpoint.

        Raises:
            Diverged: If the training loss is not finite or exceeds ``training.MAX_LOSS``.
        """
        from suite.classifiers.training import train

        train(
            self.training_set.open(context.store),
            context,
            classes=self.classes,
            settings=self.settings,
            seed=self.seed,
            compute=self.compute,
        )


class Predictions(Recipe):
    """Predictions of a classifier on a set of images.

    The payload is ``predictions.safetensors`` (``probabilities`` float32 (N, classes), ``labels`` int64 (N,)) and
    ``summary.json`` (``n``; ``accuracy``, ``per_class``, ``balanced_accuracy`` in percent; ``auroc`` for two classes).

    Attributes:
        classifier: The trained classifier.
        images: The images to classify.
        compute: Precision, memory format and threads.
    """

    step: ClassVar[str] = "predictions"
    version: ClassVar[int] = 1
    code: ClassVar[tuple[str, ...]] = (
        "suite.classifiers.prediction",
        "suite.classifiers.training",
        "suite.classifiers.networks.resnet18",
    )
    imports: ClassVar[tuple[str, ...]] = IMPORTS
    resources: ClassVar[ResourceRequest] = INFERENCE

    classifier: Classifier
    images: ImageSet
    compute: Compute

    @property
    def label(self) -> str:
        """Name for progress and messages: step and seed of the classifier."""
        return f"predictions, seed {self.classifier.seed}"

    @property
    def cost(self) -> CostEstimate:
        """Cost of a forward pass for every image, including the padding of the last batch."""
        layers, counts = self.classifier.layers, self.images.counts
        if layers is None or counts is None:
            return CostEstimate(operations=None)
        batches = -(-sum(counts) // PREDICTION_BATCH_SIZE)
        return CostEstimate(
            operations=batches * PREDICTION_BATCH_SIZE * layers.operations,
            payload=sum(counts) * (FLOAT32 * self.classifier.classes + 8),
            memory=layers.inference(PREDICTION_BATCH_SIZE),
        )

    def build(self, context: BuildContext) -> None:
        """Classify every image once, in the order of the set."""
        from suite.classifiers.prediction import predict

        predict(
            self.images.open(context.store),
            context.artifact(self.classifier).file(WEIGHTS),
            context,
            classes=self.classifier.classes,
            settings=self.classifier.settings,
            seed=self.classifier.seed,
            compute=self.compute,
        )
