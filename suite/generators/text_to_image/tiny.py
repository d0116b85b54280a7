"""The tiny pipeline: a real Stable Diffusion, small enough to be trained here, on another domain than any dataset."""

from typing import Annotated, ClassVar

from pydantic import Field

from suite.artifacts import Recipe, Work, Workbench
from suite.artifacts.demand import TRAINING, Demand
from suite.compute import Compute
from suite.generators.generator import Settings
from suite.generators.text_to_image import known
from suite.layers import FLOAT32

PIPELINE = "pipeline"
HISTORY = "history.json"


class Stage(Settings):
    """The budget of one of the three networks.

    Attributes:
        steps: Optimiser steps.
        batch_size: Pictures a step.
        learning_rate: Peak of AdamW's learning rate: linear up over the first tenth, cosine down to 0.
    """

    steps: Annotated[int, Field(ge=1)]
    batch_size: Annotated[int, Field(ge=2)]
    learning_rate: Annotated[float, Field(gt=0)]


class TinyTraining(Settings):
    """How the tiny pipeline is pretrained.

    Attributes:
        glyphs: Captioned pictures to learn from.
        text_encoder: Contrastive training of the text encoder against a small image encoder.
        autoencoder: Training of the autoencoder, to latents of 4x4x4.
        denoiser: Training of the denoising network in the latents of the finished autoencoder, conditioned on the
            captions' embeddings by the finished text encoder.
        caption_dropout: Share of the captions replaced by the empty one, which guidance needs.
        ema: Decay of the exponential average of the denoising network's weights.
    """

    glyphs: Annotated[int, Field(ge=2)] = 8_000
    text_encoder: Stage = Stage(steps=150, batch_size=128, learning_rate=2e-3)
    autoencoder: Stage = Stage(steps=300, batch_size=64, learning_rate=4e-3)
    denoiser: Stage = Stage(steps=250, batch_size=128, learning_rate=2e-3)
    caption_dropout: Annotated[float, Field(ge=0, lt=1)] = 0.1
    ema: Annotated[float, Field(ge=0, lt=1)] = 0.98


class TrainTinyPipeline(Recipe):
    """A latent text-to-image diffusion pipeline (Rombach et al., arXiv 2112.10752), trained from nothing.

    It learns digits set in typefaces, with captions in English: as far from scanned handwriting or photographs as
    what Stable Diffusion was trained on is from CIFAR-10. It knows no dataset, so that one serves all of them.

    The payload is ``pipeline/``, as diffusers' ``save_pretrained`` writes it (safetensors), and ``history.json``
    (per network: loss per 50 steps, pictures seen, optimiser steps, parameters).

    Attributes:
        fonts: Content id of the typefaces.
        settings: The budget.
        seed: Seed of everything that is drawn.
        compute: Threads; always in single precision, contiguous: there is nothing to gain on networks so small.
    """

    step: ClassVar[str] = "tiny-pipeline"
    version: ClassVar[int] = 1
    code: ClassVar[tuple[str, ...]] = (
        "suite.generators.loops.averaging",
        "suite.generators.loops.losses",
        "suite.generators.loops.minibatches",
        "suite.generators.text_to_image.autoencoder",
        "suite.generators.text_to_image.denoiser",
        "suite.generators.text_to_image.fonts",
        "suite.generators.text_to_image.glyphs",
        "suite.generators.text_to_image.stages",
        "suite.generators.text_to_image.text_encoder",
        "suite.generators.text_to_image.tokenizer",
        "suite.generators.text_to_image.training",
        "suite.randomness",
    )
    imports: ClassVar[tuple[str, ...]] = (
        "torch",
        "diffusers.pipelines.stable_diffusion.pipeline_stable_diffusion",
        "transformers.models.clip.modeling_clip",
    )
    demand: ClassVar[Demand] = TRAINING

    fonts: str
    settings: TinyTraining
    seed: int
    compute: Compute

    @property
    def label(self) -> str:
        """Generator and step."""
        return "sd, pretraining of the tiny pipeline"

    @property
    def work(self) -> Work:
        """Estimate the three trainings."""
        settings = self.settings
        stages = (
            (settings.text_encoder, known.TEXT_ENCODER),
            (settings.autoencoder, known.AUTOENCODER),
            (settings.denoiser, known.DENOISER),
        )
        return Work(
            operations=sum(stage.steps * stage.batch_size * operations for stage, operations in stages),
            payload=FLOAT32 * known.TINY.parameters,
        )

    def build(self, bench: Workbench) -> None:
        """Train the three networks one after the other; resumes from the newest checkpoint.

        Raises:
            Unavailable: If a typeface is missing.
            BadData: If the typefaces are not those that the work was planned with.
            Diverged: If a loss is not finite.
        """
        from suite.generators.text_to_image.training import train

        train(self, bench)
