"""The recipes of a trained classifier and of its predictions."""

from typing import ClassVar

from suite.artifacts import BuildContext, CostEstimate, Recipe
from suite.artifacts.resources import INFERENCE, TRAINING, ResourceRequest
from suite.classifiers.settings import PREDICTED_AT_ONCE, ClassifierSettings
from suite.compute import Compute
from suite.flops import BACKWARD, FLOAT32, Layers
from suite.images import ImageSet

OPTIMISER_COPIES = 2  # gradient and momentum
IMPORTS = ("torch", "torch._dynamo", "torchvision.models.resnet")  # an optimiser imports torch._dynamo by itself


class Classifier(Recipe):
    """A classifier trained on one set of images.

    The payload is ``model.safetensors`` (weights and buffers) and ``history.json`` (loss per epoch, images seen,
    optimiser steps, parameters).
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
    classes: int
    settings: ClassifierSettings
    seed: int
    compute: Compute

    @property
    def label(self) -> str:
        """What it is, for people."""
        return f"classifier, seed {self.seed}"

    @property
    def optimiser_steps(self) -> int | None:
        """Steps the training takes; None where only the artifact tells how many images there are."""
        if self.settings.steps is not None or self.training_set.counts is None:
            return self.settings.steps
        return self.settings.epochs * -(-sum(self.training_set.counts) // self.settings.batch_size)

    @property
    def layers(self) -> Layers | None:
        """The network's layers, where it and the size of the images are known."""
        from suite.classifiers.network import networks

        side = self.training_set.side
        return networks.get(self.settings.network).layers(self.classes, self.settings, side) if side else None

    @property
    def cost(self) -> CostEstimate:
        """Estimate the training: forward and backward for every image seen; the images stay on the device."""
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
        """Train; resumes from the newest checkpoint.

        Raises:
            Diverged: If the loss is not finite.
        """
        from suite.classifiers.training import train

        train(self, context)


class Predictions(Recipe):
    """What a classifier says of a set of images.

    The payload is ``predictions.safetensors`` (``probabilities`` float32 (N, classes), ``labels`` int64 (N,)) and
    ``summary.json`` (``n``; ``accuracy``, ``per_class``, ``balanced_accuracy`` in percent; ``auroc`` for two classes).
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
        """What it is, for people."""
        return f"predictions, seed {self.classifier.seed}"

    @property
    def cost(self) -> CostEstimate:
        """Estimate a forward pass of every image, the last batch filled up."""
        layers, counts = self.classifier.layers, self.images.counts
        if layers is None or counts is None:
            return CostEstimate(operations=None)
        batches = -(-sum(counts) // PREDICTED_AT_ONCE)
        return CostEstimate(
            operations=batches * PREDICTED_AT_ONCE * layers.operations,
            payload=sum(counts) * (FLOAT32 * self.classifier.classes + 8),
            memory=layers.inference(PREDICTED_AT_ONCE),
        )

    def build(self, context: BuildContext) -> None:
        """Classify every image once, in the order of the set."""
        from suite.classifiers.prediction import predict

        predict(self, context)
