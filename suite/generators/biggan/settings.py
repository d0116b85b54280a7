"""Settings of ``biggan``, the class-conditional GAN."""

from typing import Annotated, Literal

from pydantic import Field

from suite.generators.generator import GeneratorSettings

WEIGHTS = "model.safetensors"
HISTORY = "history.json"
SUMMARY = "summary.json"


class GanTraining(GeneratorSettings):
    """Everything about the two networks and their training but the data and the seed.

    The defaults are those of Brock et al., arXiv 1809.11096, as far as images of 32x32 let them be kept.

    Attributes:
        size: Height and width the networks work at, at least; None is the dataset's size. Real images are resized to
            it and samples back, both by Pillow's antialiased bicubic filter.
        bottom: Height and width the generator starts from; each of its blocks doubles them, until ``size`` is reached
            or passed.
        channels: Channels of every block up to 32x32; beyond, each doubling of the size halves them.
        noise: Noise values per block, and as many again for the first layer.
        embedding: Length of the class embedding that all of the generator's blocks share.
        batch_size: Real, and as many generated, images a step.
        steps: Optimiser steps of the generator.
        discriminator_steps: Steps of the discriminator for each of them.
        generator_rate: Learning rate of the generator's Adam.
        discriminator_rate: Learning rate of the discriminator's Adam.
        betas: Of both.
        decay_start: Share of the steps at the full learning rates; then they go down linearly.
        final_rate: Share of the learning rates that is left at the end.
        ema: Decay of the exponential average of the generator's weights and buffers.
        flip: Whether training images are mirrored left to right at random.
    """

    size: Annotated[int, Field(ge=4)] | None = None
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


class GanSampling(GeneratorSettings):
    """How samples are drawn from a trained generator; no part of the training's key.

    Attributes:
        truncation: Noise is drawn anew until it lies within plus or minus this value; None, as for training sets,
            which need all the variety there is, does not truncate.
        batch_size: Images made at once.
    """

    truncation: Annotated[float, Field(gt=0)] | None = None
    batch_size: Annotated[int, Field(ge=1)] = 256


class GanSettings(GeneratorSettings):
    """``[generator.biggan]``: how it is trained, and how it is sampled from."""

    training: GanTraining = GanTraining()
    sampling: GanSampling = GanSampling()
