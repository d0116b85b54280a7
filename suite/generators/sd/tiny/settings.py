"""Settings of the tiny pipeline and its file names."""

from typing import Annotated

from pydantic import Field

from suite.generators.generator import GeneratorSettings

PIPELINE = "pipeline"
HISTORY = "history.json"


class StageSettings(GeneratorSettings):
    """Training budget of one of the three networks.

    Attributes:
        steps: Optimiser steps.
        batch_size: Images per step.
        learning_rate: Peak of AdamW's learning rate: linear up over the first tenth of the steps, cosine down to 0.
    """

    steps: Annotated[int, Field(ge=1)]
    batch_size: Annotated[int, Field(ge=2)]
    learning_rate: Annotated[float, Field(gt=0)]


class TinyTraining(GeneratorSettings):
    """Pretraining of the tiny pipeline.

    Attributes:
        glyphs: Number of captioned training images.
        text_encoder: Contrastive training of the text encoder with a small image encoder.
        autoencoder: Training of the autoencoder, to latents of 4x4x4.
        denoiser: Training of the denoising network on the latents of the trained autoencoder, conditioned on the
            caption embeddings of the trained text encoder.
        caption_dropout: Fraction of the captions replaced by the empty caption, for classifier-free guidance.
        ema: Decay of the exponential moving average of the denoising network's weights.
    """

    glyphs: Annotated[int, Field(ge=2)] = 8_000
    text_encoder: StageSettings = StageSettings(steps=150, batch_size=128, learning_rate=2e-3)
    autoencoder: StageSettings = StageSettings(steps=300, batch_size=64, learning_rate=4e-3)
    denoiser: StageSettings = StageSettings(steps=300, batch_size=64, learning_rate=2e-3)
    caption_dropout: Annotated[float, Field(ge=0, lt=1)] = 0.1
    ema: Annotated[float, Field(ge=0, lt=1)] = 0.98
