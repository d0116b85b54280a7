"""The recipes of a trained classifier and of its predictions."""

from typing import Annotated, ClassVar, Literal

from pydantic import BaseModel, ConfigDict, Field

from suite.artifacts import Recipe, Work, Workbench
from suite.artifacts.demand import INFERENCE, TRAINING, Demand
from suite.compute import Compute
from suite.images import ImageSet
from suite.layers import BACKWARD, FLOAT32, Layers

WEIGHTS = "model.safetensors"
HISTORY = "history.json"
PREDICTIONS = "predictions.safetensors"
SUMMARY = "summary.json"
PREDICTED_AT_ONCE = 500
OPTIMISER_COPIES = 2  # gradient and momentum
IMPORTS = ("torch", "torch._dynamo", "torchvision.models.resnet")  # an optimiser imports torch._dynamo by itself

Augmentation = Literal["flip", "crop"]


class ClassifierSettings(BaseModel):
    """Everything about a classifier's training but its data and its seed.

    Attributes:
        network: Name of a registered network.
        width: Channels of the first stage; 64 is the published ResNet-18.
        stem: ``3x3`` keeps small images at their size, ``3x3/2`` halves them once, ``imagenet`` twice.
        epochs: Passes over the training set; the schedule is fixed and the last epoch counts.
        batch_size: Images a step; the last, smaller batch of an epoch is used too.
        learning_rate: Peak of the one-cycle schedule (linear up over ``warmup``, linear down to 0).
        warmup: Share of the steps that climb.
        momentum: Nesterov momentum of SGD.
        weight_decay: L2 penalty on every weight.
        label_smoothing: Share of the target spread evenly over the classes.
        augmentation: Traditional augmentation, drawn anew for every image and step.
        crop_padding: Pixels of reflected border for the random crop.
        steps: Train for exactly so many steps instead of ``epochs``; None follows the epochs.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    network: str = "resnet18"
    width: Annotated[int, Field(ge=1)] = 64
    stem: Literal["3x3", "3x3/2", "imagenet"] = "3x3"
    epochs: Annotated[int, Field(ge=1)] = 30
    batch_size: Annotated[int, Field(ge=2)] = 128
    learning_rate: Annotated[float, Field(gt=0)] = 0.1
    warmup: Annotated[float, Field(ge=0, lt=1)] = 0.25
    momentum: Annotated[float, Field(ge=0, lt=1)] = 0.9
    weight_decay: Annotated[float, Field(ge=0)] = 5e-4
    label_smoothing: Annotated[float, Field(ge=0, lt=1)] = 0.0
    augmentation: tuple[Augmentation, ...] = ("flip", "crop")
    crop_padding: Annotated[int, Field(ge=0)] = 4
    steps: Annotated[int, Field(ge=1)] | None = None


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
    demand: ClassVar[Demand] = TRAINING

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
    def work(self) -> Work:
        """Estimate the training: forward and backward for every image seen; the images stay on the device."""
        layers, counts, steps = self.layers, self.training_set.counts, self.optimiser_steps
        if layers is None or counts is None or steps is None:
            return Work(operations=None)
        batch = min(self.settings.batch_size, sum(counts))
        return Work(
            operations=steps * batch * layers.operations * (1 + BACKWARD),
            payload=FLOAT32 * layers.parameters,
            memory=layers.training(batch, OPTIMISER_COPIES, self.compute) + self.training_set.pixel_bytes,
        )

    def build(self, bench: Workbench) -> None:
        """Train; resumes from the newest checkpoint.

        Raises:
            Diverged: If the loss is not finite.
        """
        from suite.classifiers.training import train

        train(self, bench)


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
    demand: ClassVar[Demand] = INFERENCE

    classifier: Classifier
    images: ImageSet
    compute: Compute

    @property
    def label(self) -> str:
        """What it is, for people."""
        return f"predictions, seed {self.classifier.seed}"

    @property
    def work(self) -> Work:
        """Estimate a forward pass of every image, the last batch filled up."""
        layers, counts = self.classifier.layers, self.images.counts
        if layers is None or counts is None:
            return Work(operations=None)
        batches = -(-sum(counts) // PREDICTED_AT_ONCE)
        return Work(
            operations=batches * PREDICTED_AT_ONCE * layers.operations,
            payload=sum(counts) * (FLOAT32 * self.classifier.classes + 8),
            memory=layers.inference(PREDICTED_AT_ONCE),
        )

    def build(self, bench: Workbench) -> None:
        """Classify every image once, in the order of the set."""
        from suite.classifiers.prediction import predict

        predict(self, bench)
