"""Base classes of classifiers: the plugin, and the recipes of a trained classifier and of its predictions."""

from abc import ABC, abstractmethod
from typing import Annotated, Any, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from suite.artifacts import DataPaths, Recipe
from suite.compute import Compute
from suite.errors import UsageError, first_mistake
from suite.images import ImageSet
from suite.registry import Registry

HISTORY = "history.json"
PREDICTIONS = "predictions.safetensors"
SUMMARY = "summary.json"
RESAMPLES = 20  # of the training images, for the variance of a classifier without training noise


class ClassifierSettings(BaseModel):
    """Base class of a classifier's settings, as set in a profile. They hold everything that changes its training.

    Three field names have the same meaning for every classifier, and sweeps change them: ``steps`` is the number of
    optimiser steps, ``augmentation`` are names of random changes to the training images, and ``balanced`` says whether
    every class has the same weight in the loss.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")


class TrainedClassifier(Recipe):
    """Base class of the recipe of a classifier that was trained on one set of images.

    The payload contains ``history.json`` with at least ``images_seen``, ``steps`` and ``parameters``: training images
    counted with repetition, optimiser steps, and trained parameters.

    Attributes:
        training_set: The images to train on.
        classes: Number of classes of the dataset, at least 2.
        seed: Seed of everything random in the training.
        compute: Precision, memory format and threads.
    """

    training_set: ImageSet
    classes: Annotated[int, Field(ge=2)]
    seed: int
    compute: Compute

    @property
    def optimiser_steps(self) -> int | None:
        """Number of optimiser steps; None if there are none, or if it depends on a number of images not known yet."""
        return None

    def limited(self, steps: int) -> Self:  # noqa: ARG002 - for overrides
        """Return this classifier with at most ``steps`` optimiser steps."""
        return self

    @abstractmethod
    def predictions(self, images: ImageSet) -> "Predictions":
        """Return the recipe of its predictions on images."""


class ResampledClassifier(TrainedClassifier):
    """Base class of a classifier without training noise: its variance comes from resampling the training images."""

    @abstractmethod
    def resampled_predictions(self, images: ImageSet) -> "ResampledPredictions":
        """Return the recipe of the predictions of classifiers that are trained on resampled training images."""


class Predictions(Recipe):
    """Base class of the recipe of a classifier's predictions on a set of images.

    The payload is ``predictions.safetensors`` (``probabilities`` float32 (N, classes), ``labels`` int64 (N,)) and
    ``summary.json`` (``n``; ``accuracy``, ``per_class``, ``balanced_accuracy``, ``macro_f1`` in percent; ``auroc`` for
    two classes).

    Attributes:
        classifier: The trained classifier.
        images: The images to classify.
        compute: Precision, memory format and threads.
    """

    classifier: TrainedClassifier
    images: ImageSet
    compute: Compute

    @property
    def label(self) -> str:
        """Name for progress and messages: step and seed of the classifier."""
        return f"predictions, seed {self.classifier.seed}"


class ResampledPredictions(Recipe):
    """Base class of the recipe of the predictions of classifiers trained on resampled training images.

    The payload is ``predictions.safetensors``: ``predicted`` int64 (resamples, N), ``labels`` int64 (N,). Resample k
    draws real images with a random stream of its own, so that two classifiers whose training sets contain the same
    real images get the same resample of them.

    Attributes:
        classifier: The classifier that is trained again.
        images: The images to classify.
        resamples: Number of resamples.
    """

    classifier: ResampledClassifier
    images: ImageSet
    resamples: Annotated[int, Field(ge=2)] = RESAMPLES


class Classifier(ABC):
    """Base class of classifier plugins. A classifier plans how it is trained.

    Attributes:
        name: Name in options, case ids and reports.
        title: Name in the text of reports.
        settings: Model of the settings that a profile may set under ``[classifier.<name>]``.
        has_seeds: Whether another seed gives another classifier. One without training noise is a
            ``ResampledClassifier`` and is judged once, by resampling its training images.
    """

    name: str
    title: str
    settings: type[ClassifierSettings]
    has_seeds: bool = True

    def configure(self, values: dict[str, Any], data_paths: DataPaths) -> ClassifierSettings:  # noqa: ARG002
        """Validate the settings of a profile. Override it if something has to be located first.

        Args:
            values: Settings by name, as set under ``[classifier.<name>]``.
            data_paths: Where data and weights are.

        Raises:
            UsageError: If a setting does not exist or has an invalid value.
            Unavailable: If something that the classifier needs is not on this machine.
        """
        try:
            return self.settings.model_validate(values)
        except ValidationError as error:
            raise UsageError(f"classifier {self.name}, setting {first_mistake(error)}") from error

    def describe(self, settings: ClassifierSettings) -> str:  # noqa: ARG002
        """Return a short phrase that describes the configured classifier, for the report."""
        return self.title

    def pretrained_on(self, settings: ClassifierSettings) -> str | None:  # noqa: ARG002
        """Return what the network was trained on before, such as ``ImageNet-1k``; None if trained from scratch."""
        return None

    def image_size(self, settings: ClassifierSettings) -> int | None:  # noqa: ARG002
        """Return the height and width in pixels that images need to have; None takes them at the profile's size."""
        return None

    @abstractmethod
    def train(
        self,
        training_set: ImageSet,
        settings: ClassifierSettings,
        *,
        classes: int,
        size: int,
        seed: int,
        compute: Compute,
    ) -> TrainedClassifier:
        """Return the recipe of a classifier trained on a set of images. Nothing is built.

        Args:
            training_set: The images; the parts of a mixture may differ in size.
            settings: From ``configure``.
            classes: Number of classes.
            size: Height and width in pixels of the real images.
            seed: Seed of everything random in the training.
            compute: Precision, memory format and threads.
        """


classifiers: Registry[Classifier] = Registry("classifier", "suite.classifiers.plugins")
