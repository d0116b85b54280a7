"""Settings of the classifiers and the file names of their artifacts."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

WEIGHTS = "model.safetensors"
HISTORY = "history.json"
PREDICTIONS = "predictions.safetensors"
SUMMARY = "summary.json"
PREDICTION_BATCH_SIZE = 500
AugmentationName = Literal["flip", "crop"]


class ClassifierSettings(BaseModel):
    """All settings of a classifier's training except its data and its seed.

    Attributes:
        network: Name of a registered network.
        width: Channels of the first stage; 64 is the published ResNet-18.
        stem: ``3x3`` keeps the image size (for small images), ``3x3/2`` halves it once, ``imagenet`` twice.
        epochs: Passes over the training set. The schedule is fixed, and the weights after the last epoch are used.
        batch_size: Images per step. An epoch is split into batches whose sizes differ by at most one, so that no
            image is dropped.
        learning_rate: Peak of the one-cycle schedule (linear up during ``warmup``, then linear down to 0).
        warmup: Fraction of the steps in which the learning rate rises.
        momentum: Nesterov momentum of SGD.
        weight_decay: L2 penalty on every weight.
        label_smoothing: Fraction of the target probability that is spread evenly over the classes.
        augmentation: Traditional augmentation, drawn independently for every image and step.
        crop_padding: Width of the reflected border for the random crop, in pixels.
        steps: Train for exactly this number of steps instead of ``epochs``; None uses ``epochs``.
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
    augmentation: tuple[AugmentationName, ...] = ("flip", "crop")
    crop_padding: Annotated[int, Field(ge=0)] = 4
    steps: Annotated[int, Field(ge=1)] | None = None
