"""Settings of the classifiers and the file names of their artifacts."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

WEIGHTS = "model.safetensors"
HISTORY = "history.json"
PREDICTIONS = "predictions.safetensors"
SUMMARY = "summary.json"
PREDICTED_AT_ONCE = 500
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
