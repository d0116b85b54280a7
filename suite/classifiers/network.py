"""Classifiers that are networks trained by the shared training loop: base class of the plugins, and recipes."""

from abc import abstractmethod
from typing import TYPE_CHECKING, ClassVar, Self

from suite.artifacts import BuildContext, CostEstimate, DataPaths
from suite.artifacts.resources import INFERENCE, TRAINING, ResourceRequest
from suite.classifiers.classifier import Classifier, ClassifierSettings, Predictions, TrainedClassifier, classifiers
from suite.classifiers.settings import PREDICTION_BATCH_SIZE, WEIGHTS, TrainingSettings
from suite.compute import Compute
from suite.flops import BACKWARD, FLOAT32, Layers
from suite.images import ImageSet

if TYPE_CHECKING:
    import torch

OPTIMISER_COPIES = {"sgd": 2, "adamw": 3}  # gradient and moments
IMPORTS = ("torch", "torch._dynamo", "torchvision.models.resnet")  # torch's optimisers import torch._dynamo


class NetworkClassifier(Classifier):
    """Base class of plugins that make a network. The training loop and the predictions are the suite's.

    Attributes:
        normalised: Whether the network gets images normalised by mean and standard deviation of the training set; if
            not, pixel values from -1 to 1.
    """

    settings: type[TrainingSettings]
    normalised: bool = True

    @abstractmethod
    def make(self, classes: int, settings: TrainingSettings) -> "torch.nn.Module":
        """Return an untrained module that maps normalised float images (N, 3, H, W) to logits (N, ``classes``)."""

    def load_pretrained(self, network: "torch.nn.Module", settings: TrainingSettings, data_paths: DataPaths) -> None:
        """Load pretrained weights into an untrained network; does nothing by default.

        Args:
            network: From ``make``.
            settings: Settings of the classifier.
            data_paths: Directories of weights, and whether downloads are allowed.

        Raises:
            Unavailable: If the weights are not on this machine.
        """

    def layers(self, classes: int, settings: TrainingSettings, side: int) -> Layers | None:  # noqa: ARG002
        """Return the size of the network's layers, for cost estimates.

        Args:
            classes: Number of classes.
            settings: Settings of the classifier.
            side: Height and width of the images in pixels.

        Returns:
            The layers, or None if there is no estimate (the default).
        """
        return None

    def train(
        self,
        training_set: ImageSet,
        settings: ClassifierSettings,
        *,
        classes: int,
        size: int,
        seed: int,
        compute: Compute,
    ) -> "TrainedNetwork":
        """Return the recipe of the training; images of another size are resized. See ``Classifier.train``."""
        assert isinstance(settings, TrainingSettings)
        return TrainedNetwork(
            training_set=training_set,
            network=self.name,
            classes=classes,
            settings=settings,
            size=size,
            seed=seed,
            compute=compute,
        )


class TrainedNetwork(TrainedClassifier):
    """A network trained on one set of images.

    The payload is ``model.safetensors`` (weights and buffers) and ``history.json`` (loss per epoch, images seen,
    optimiser steps, parameters).

    Attributes:
        network: Name of the ``NetworkClassifier``.
        settings: Optimiser, schedule, augmentation, and the network's own settings.
        size: Height and width of the images in pixels.
    """

    step: ClassVar[str] = "classifier"
    version: ClassVar[int] = 3
    code: ClassVar[tuple[str, ...]] = (
        "suite.classifiers.training",
        "suite.classifiers.augmentation",
        "suite.classifiers.plugins.fine_tune",
        "suite.classifiers.plugins.resnet18",
        "suite.classifiers.small_images",
        "suite.images.resizing",
        "suite.randomness",
    )
    imports: ClassVar[tuple[str, ...]] = IMPORTS
    resources: ClassVar[ResourceRequest] = TRAINING

    network: str
    settings: TrainingSettings
    size: int

    @property
    def label(self) -> str:
        """Name for progress and messages: network and seed."""
        return f"{self.network}, seed {self.seed}"

    @property
    def plugin(self) -> NetworkClassifier:
        """The plugin that makes the network."""
        plugin = classifiers.get(self.network)
        assert isinstance(plugin, NetworkClassifier)
        return plugin

    def make(self) -> "torch.nn.Module":
        """Return the untrained network, with weights drawn from torch's global generator."""
        return self.plugin.make(self.classes, self.settings)

    @property
    def optimiser_steps(self) -> int | None:
        """Number of optimiser steps, or None if it depends on a number of images that is not known yet."""
        if self.settings.steps is not None or self.training_set.counts is None:
            return self.settings.steps
        return self.settings.epochs * -(-sum(self.training_set.counts) // self.settings.batch_size)

    def limited(self, steps: int) -> Self:
        """Return this training with at most ``steps`` steps, if it is longer or its length is not known."""
        planned = self.optimiser_steps
        if planned is not None and planned <= steps:
            return self
        return self.model_copy(update={"settings": self.settings.model_copy(update={"steps": steps})})

    @property
    def layers(self) -> Layers | None:
        """Size of the network's layers, or None if the plugin gives no estimate."""
        return self.plugin.layers(self.classes, self.settings, self.size)

    @property
    def cost(self) -> CostEstimate:
        """Cost of the training: a forward and a backward pass for every image; the images stay on the device."""
        layers, counts, steps = self.layers, self.training_set.counts, self.optimiser_steps
        if layers is None or counts is None or steps is None:
            return CostEstimate(operations=None)
        batch = min(self.settings.batch_size, sum(counts))
        copies = OPTIMISER_COPIES[self.settings.optimiser]
        return CostEstimate(
            operations=steps * batch * layers.operations * (1 + BACKWARD),
            payload=FLOAT32 * layers.parameters,
            memory=layers.training(batch, copies, self.compute) + self.training_set.pixel_bytes,
        )

    def predictions(self, images: ImageSet) -> "NetworkPredictions":
        """Return the recipe of the predictions on images."""
        return NetworkPredictions(classifier=self, images=images, compute=self.compute)

    def build(self, context: BuildContext) -> None:
        """Train the network, resuming from the newest checkpoint.

        Raises:
            Diverged: If the training loss is not finite or exceeds ``training.MAX_LOSS``.
        """
        from suite.classifiers.training import train

        train(
            self.training_set.open_resized(context.store, self.size),
            context,
            make=self.make,
            load_pretrained=lambda network: self.plugin.load_pretrained(network, self.settings, context.data_paths),
            normalised=self.plugin.normalised,
            settings=self.settings,
            seed=self.seed,
            compute=self.compute,
        )


class NetworkPredictions(Predictions):
    """Predictions of a trained network on a set of images; see ``Predictions``."""

    step: ClassVar[str] = "predictions"
    version: ClassVar[int] = 2
    code: ClassVar[tuple[str, ...]] = (
        "suite.classifiers.prediction",
        "suite.classifiers.prediction_summary",
        "suite.classifiers.training",
        "suite.classifiers.plugins.fine_tune",
        "suite.classifiers.plugins.resnet18",
        "suite.classifiers.small_images",
        "suite.images.resizing",
    )
    imports: ClassVar[tuple[str, ...]] = IMPORTS
    resources: ClassVar[ResourceRequest] = INFERENCE

    classifier: TrainedNetwork

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

        classifier = self.classifier
        predict(
            self.images.open_resized(context.store, classifier.size),
            context.artifact(classifier).file(WEIGHTS),
            context,
            make=classifier.make,
            seed=classifier.seed,
            compute=self.compute,
        )
