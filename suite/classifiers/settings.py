"""File names of the artifacts of classifiers and predictions, and the settings of trained networks."""

from typing import Annotated, Literal

from pydantic import Field

from suite.classifiers.classifier import ClassifierSettings

WEIGHTS = "model.safetensors"
PREDICTION_BATCH_SIZE = 500
SMALL_SIDE = 2  # height and width in pixels up to which 3x3 convolutions are matrix products
AugmentationName = Literal["flip", "crop"]


class TrainingSettings(ClassifierSettings):
    """Settings of the training loop that all networks share.

    Attributes:
        epochs: Passes over the training set. The schedule is fixed, and the weights after the last epoch are used.
        batch_size: Images per step. An epoch is split into batches whose sizes differ by at most one, so that no
            image is dropped.
        optimiser: ``sgd`` with Nesterov momentum, or ``adamw``.
        learning_rate: Peak of the schedule.
        schedule: How the learning rate falls to 0 after ``warmup``: ``linear`` or ``cosine``.
        warmup: Fraction of the steps in which the learning rate rises linearly.
        momentum: Nesterov momentum of SGD; not used by AdamW.
        weight_decay: SGD: L2 penalty on every weight. AdamW: decoupled weight decay.
        label_smoothing: Fraction of the target probability that is spread evenly over the classes.
        balanced: Whether the images of a class are weighted in the loss inversely to their number.
        augmentation: Traditional augmentation, drawn independently for every image and step.
        crop_padding: Width of the reflected border for the random crop, in pixels.
        steps: Train for exactly this number of steps instead of ``epochs``; None uses ``epochs``.
    """

    epochs: Annotated[int, Field(ge=1)] = 30
    batch_size: Annotated[int, Field(ge=2)] = 128
    optimiser: Literal["sgd", "adamw"] = "sgd"
    learning_rate: Annotated[float, Field(gt=0)] = 0.1
    schedule: Literal["linear", "cosine"] = "linear"
    warmup: Annotated[float, Field(ge=0, lt=1)] = 0.25
    momentum: Annotated[float, Field(ge=0, lt=1)] = 0.9
    weight_decay: Annotated[float, Field(ge=0)] = 5e-4
    label_smoothing: Annotated[float, Field(ge=0, lt=1)] = 0.0
    balanced: bool = False
    augmentation: tuple[AugmentationName, ...] = ("flip", "crop")
    crop_padding: Annotated[int, Field(ge=0)] = 4
    steps: Annotated[int, Field(ge=1)] | None = None
