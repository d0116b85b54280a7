"""Settings and file names of ``biggan``, the class-conditional GAN."""

from typing import Annotated, Literal

from pydantic import Field

from suite.generators.generator import GeneratorSettings

WEIGHTS = "model.safetensors"
HISTORY = "history.json"
SUMMARY = "summary.json"

Augmentation = Literal["color", "translation", "cutout"]


class GanTraining(GeneratorSettings):
    """Settings of the two networks and their training, without data and seed.

    The defaults are those of Brock et al., arXiv 1809.11096, where they apply to images of 32x32 pixels.

    Attributes:
        size: Minimum height and width of the networks' images in pixels; None is the dataset's size. Real images are
            resized to the networks' size and samples are resized back, with Pillow's antialiased bicubic filter.
        patch: Height and width of the patches of pixels that the networks see as one position (pixel unshuffle): they
            work at a ``patch``-th of the resolution with 3 ``patch``^2 channels, and no pixel is lost.
        bottom: Height and width of the generator's first feature map. Each block doubles them until they are at least
            ``size`` divided by ``patch``.
        channels: Channels of every block up to 32x32 positions. Above, each doubling of the size halves the channels.
        noise: Noise values per block, and as many for the first layer.
        embedding: Length of the class embedding that all blocks of the generator share.
        batch_size: Real images per step, and as many generated images.
        steps: Optimiser steps of the generator.
        discriminator_steps: Optimiser steps of the discriminator per step of the generator.
        generator_rate: Learning rate of the generator's Adam.
        discriminator_rate: Learning rate of the discriminator's Adam.
        betas: Betas of both Adams.
        decay_start: Fraction of the steps with the full learning rates; then they decay linearly.
        final_rate: Fraction of the learning rates at the end of training.
        ema: Decay of the exponential moving average of the generator's weights and buffers.
        flip: Whether training images are flipped horizontally at random.
        augment: Differentiable augmentations of all images that the discriminator sees, real and generated, in order
            (DiffAugment, Zhao et al., arXiv 2006.10738, who use color, translation, cutout for few images).
    """

    size: Annotated[int, Field(ge=4)] | None = None
    patch: Annotated[int, Field(ge=1)] = 1
    bottom: Literal[2, 4] = 4
    channels: Annotated[int, Field(ge=1)] = 256
    noise: Annotated[int, Field(ge=1)] = 20
    embedding: Annotated[int, Field(ge=1)] = 128
    batch_size: Annotated[int, Field(ge=2)] = 64
    steps: Annotated[int, Field(ge=1)] = 100_000
    discriminator_steps: Annotated[int, Field(ge=1)] = 2
    generator_rate: Annotated[float, Field(gt=0)] = 1e-4
    discriminator_rate: Annotated[float, Field(gt=0)] = 4e-4
    betas: tuple[Annotated[float, Field(ge=0, lt=1)], Annotated[float, Field(ge=0, lt=1)]] = (0.0, 0.999)
    decay_start: Annotated[float, Field(ge=0, le=1)] = 0.5
    final_rate: Annotated[float, Field(ge=0, le=1)] = 0.05
    ema: Annotated[float, Field(ge=0, lt=1)] = 0.9999
    flip: bool = True
    augment: tuple[Augmentation, ...] = ()


class GanSampling(GeneratorSettings):
    """Settings of sampling from a trained generator; not part of the training's key.

    Attributes:
        truncation: Limit of the noise, which is drawn from a normal distribution truncated to [-truncation,
            truncation]. None does not truncate, which is right for training sets: they need the full variety.
        batch_size: Images per batch.
    """

    truncation: Annotated[float, Field(gt=0)] | None = None
    batch_size: Annotated[int, Field(ge=1)] = 256


class GanSettings(GeneratorSettings):
    """Settings under ``[generator.biggan]`` of a profile.

    Attributes:
        training: Settings of the networks and their training.
        sampling: Settings of the sampling.
    """

    training: GanTraining = GanTraining()
    sampling: GanSampling = GanSampling()
