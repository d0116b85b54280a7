"""Settings of ``cd``, the class-conditional diffusion model."""

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from suite.generators.generator import GeneratorSettings

WEIGHTS = "model.safetensors"
HISTORY = "history.json"
SUMMARY = "summary.json"


class DiffusionTraining(GeneratorSettings):
    """Everything about the network and its training but its data and its seed; the defaults are DDPM's for CIFAR-10.

    Attributes:
        size: Height and width the network works at; None is the dataset's size. At any other size the real images are
            resized to it and the samples back, both by Pillow's antialiased bicubic filter.
        channels: Channels of each level; every level after the first halves height and width.
        layers: Residual blocks a level, on the way down; one more on the way up.
        attention: Levels with self-attention, counted from 0, the finest; with any, the middle has it too.
        norm_groups: Groups of the group normalisation; divides every level's channels.
        prediction: What the network predicts: the noise, or the velocity of Salimans and Ho, arXiv 2202.00512.
        label_dropout: Share of the training labels replaced by "no class", which guidance needs.
        batch_size: Images a step.
        steps: Optimiser steps.
        learning_rate: Peak of AdamW's learning rate: linear up over ``warmup`` steps, cosine down to 0.
        warmup: Steps that climb.
        weight_decay: Of AdamW.
        clip: Largest norm of the gradient.
        ema: Decay of the exponential average of the weights, which is what samples are made with.
        flip: Whether training images are mirrored left to right at random.
    """

    size: Annotated[int, Field(ge=4)] | None = None
    channels: Annotated[tuple[Annotated[int, Field(ge=1)], ...], Field(min_length=1)] = (128, 256, 256, 256)
    layers: Annotated[int, Field(ge=1)] = 2
    attention: tuple[Annotated[int, Field(ge=0)], ...] = (1,)
    norm_groups: Annotated[int, Field(ge=1)] = 32
    prediction: Literal["v_prediction", "epsilon"] = "v_prediction"
    label_dropout: Annotated[float, Field(ge=0, lt=1)] = 0.1
    batch_size: Annotated[int, Field(ge=1)] = 128
    steps: Annotated[int, Field(ge=1)] = 200_000
    learning_rate: Annotated[float, Field(gt=0)] = 2e-4
    warmup: Annotated[int, Field(ge=0)] = 1_000
    weight_decay: Annotated[float, Field(ge=0)] = 0.0
    clip: Annotated[float, Field(gt=0)] = 1.0
    ema: Annotated[float, Field(ge=0, lt=1)] = 0.9999
    flip: bool = True

    @model_validator(mode="after")
    def _fits_together(self) -> Self:
        if any(channels % self.norm_groups for channels in self.channels):
            raise ValueError(f"norm_groups {self.norm_groups} does not divide every one of channels {self.channels}")
        if any(level >= len(self.channels) for level in self.attention):
            raise ValueError(f"attention {self.attention} names a level that channels {self.channels} do not have")
        return self


class DiffusionSampling(GeneratorSettings):
    """How samples are drawn from a trained network; no part of the training's key.

    Attributes:
        solver: ``dpm-solver++`` (second order, arXiv 2211.01095), ``ddim`` (arXiv 2010.02502) or ``ddpm``
            (arXiv 2006.11239).
        steps: Steps of the solver, each one evaluation of the network an image, or two with guidance.
        guidance: Weight w of classifier-free guidance (arXiv 2207.12598) as diffusers counts it: the prediction is
            free + w (conditional - free), and 1 is no guidance.
        batch_size: Images made at once.
    """

    solver: Literal["dpm-solver++", "ddim", "ddpm"] = "dpm-solver++"
    steps: Annotated[int, Field(ge=1, le=1000)] = 50
    guidance: Annotated[float, Field(ge=1)] = 1.0
    batch_size: Annotated[int, Field(ge=1)] = 256

    @property
    def evaluations(self) -> int:
        """Evaluations of the network per image."""
        return self.steps * (1 if self.guidance == 1 else 2)


class DiffusionSettings(GeneratorSettings):
    """``[generator.cd]``: how it is trained, and how it is sampled from."""

    training: DiffusionTraining = DiffusionTraining()
    sampling: DiffusionSampling = DiffusionSampling()

    @model_validator(mode="after")
    def _guidance_was_trained_for(self) -> Self:
        if self.sampling.guidance != 1 and not self.training.label_dropout:
            raise ValueError("guidance other than 1 needs training with label_dropout above 0")
        return self
