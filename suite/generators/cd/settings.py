"""Settings and file names of ``cd``, the class-conditional diffusion model."""

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from suite.generators.generator import GeneratorSettings

WEIGHTS = "model.safetensors"
HISTORY = "history.json"
SUMMARY = "summary.json"


class DiffusionTraining(GeneratorSettings):
    """Settings of the network and its training, without data and seed. The defaults are those of DDPM for CIFAR-10.

    Attributes:
        size: Height and width of the network's images in pixels; None is the dataset's size. For any other size the
            real images are resized to it and the samples are resized back, with Pillow's antialiased bicubic filter.
        patch: Height and width of the patches of pixels that the network sees as one position (pixel unshuffle): the
            network works at a ``patch``-th of the resolution with 3 ``patch``^2 channels, and no pixel is lost.
        channels: Channels of each level. Every level after the first halves height and width.
        layers: Residual blocks per level of the encoder; the decoder has one more per level.
        attention: Levels with self-attention; level 0 has the highest resolution. If there is any, the middle block has
            self-attention too.
        norm_groups: Groups of the group normalisation; must divide the channels of every level.
        prediction: What the network predicts: the noise, or the velocity of Salimans and Ho, arXiv 2202.00512.
        snr_limit: Limit of the signal-to-noise ratio by which the errors of the image estimate are weighted (min-SNR,
            Hang et al., arXiv 2303.09556, who use 5); None weights the errors of the prediction equally.
        label_dropout: Share of the training labels replaced by "no class"; guidance needs it above 0.
        batch_size: Images per step.
        steps: Optimiser steps.
        learning_rate: Peak learning rate of AdamW: linear warm-up over ``warmup`` steps, then cosine decay to 0.
        warmup: Warm-up steps.
        weight_decay: Weight decay of AdamW.
        clip: Maximum norm of the gradient.
        ema: Decay of the exponential moving average of the weights; images are sampled with the averaged weights.
        flip: Whether training images are flipped horizontally at random.
    """

    size: Annotated[int, Field(ge=4)] | None = None
    patch: Annotated[int, Field(ge=1)] = 1
    channels: Annotated[tuple[Annotated[int, Field(ge=1)], ...], Field(min_length=1)] = (128, 256, 256, 256)
    layers: Annotated[int, Field(ge=1)] = 2
    attention: tuple[Annotated[int, Field(ge=0)], ...] = (1,)
    norm_groups: Annotated[int, Field(ge=1)] = 32
    prediction: Literal["v_prediction", "epsilon"] = "v_prediction"
    snr_limit: Annotated[float, Field(gt=0)] | None = None
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
            raise ValueError(f"attention {self.attention} contains a level that channels {self.channels} do not have")
        return self


class DiffusionSampling(GeneratorSettings):
    """Settings of sampling from a trained network; not part of the training's key.

    Attributes:
        solver: ``dpm-solver++`` (second order, arXiv 2211.01095), ``ddim`` (arXiv 2010.02502) or ``ddpm``
            (arXiv 2006.11239).
        steps: Solver steps. Each evaluates the network once per image, or twice with guidance.
        guidance: Weight w of classifier-free guidance (arXiv 2207.12598) in the convention of diffusers: the prediction
            is unconditional + w (conditional - unconditional), and 1 means no guidance.
        batch_size: Images per batch.
        strength: Share of the noise schedule that a sample goes through. 1 starts from noise. A smaller share starts
            from a training image of the class with as much noise (SDEdit, arXiv 2108.01073), and takes this share of
            the steps.
    """

    solver: Literal["dpm-solver++", "ddim", "ddpm"] = "dpm-solver++"
    steps: Annotated[int, Field(ge=1, le=1000)] = 50
    guidance: Annotated[float, Field(ge=1)] = 1.0
    batch_size: Annotated[int, Field(ge=1)] = 256
    strength: Annotated[float, Field(gt=0, le=1)] = 1.0

    @property
    def skipped(self) -> int:
        """Solver steps at the start of the schedule that are not taken."""
        return self.steps - max(1, round(self.steps * self.strength))

    @property
    def evaluations(self) -> int:
        """Network evaluations per image."""
        return (self.steps - self.skipped) * (1 if self.guidance == 1 else 2)


class DiffusionSettings(GeneratorSettings):
    """Settings under ``[generator.cd]`` of a profile.

    Attributes:
        training: Settings of the network and its training.
        sampling: Settings of the sampling.
    """

    training: DiffusionTraining = DiffusionTraining()
    sampling: DiffusionSampling = DiffusionSampling()

    @model_validator(mode="after")
    def _guidance_needs_label_dropout(self) -> Self:
        if self.sampling.guidance != 1 and not self.training.label_dropout:
            raise ValueError("guidance other than 1 needs training with label_dropout above 0")
        return self
