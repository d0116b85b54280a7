"""Recipe of the tiny pipeline: a complete Stable Diffusion, small enough to be trained by the suite."""

from typing import ClassVar

from suite.artifacts import BuildContext, CostEstimate, Recipe
from suite.artifacts.resources import TRAINING, ResourceRequest
from suite.compute import Compute
from suite.flops import FLOAT32
from suite.generators.sd.pipeline_sizes import (
    AUTOENCODER_TRAINING,
    DENOISER_TRAINING,
    TEXT_ENCODER_TRAINING,
    TINY_PIPELINE,
)
from suite.generators.sd.tiny.settings import TinyTraining


class TrainTinyPipeline(Recipe):
    """A latent text-to-image diffusion pipeline (Rombach et al., arXiv 2112.10752), trained from scratch.

    The training data are digits rendered in typefaces, with English captions: another domain than scanned handwriting
    or photographs, as the training data of Stable Diffusion are another domain than CIFAR-10. The pipeline depends on
    no dataset, so that one pipeline is used for all of them.

    The payload is ``pipeline/``, written by diffusers' ``save_pretrained`` (safetensors), and ``history.json``
    (for each network: loss per 50 steps, images seen, optimiser steps, parameters).

    Attributes:
        fonts: Content id of the typefaces.
        settings: Training budget.
        seed: Seed of all random numbers.
        compute: Threads. Precision is always float32 and the memory format contiguous, because other choices do not
            speed up networks this small.
    """

    step: ClassVar[str] = "tiny-pipeline"
    version: ClassVar[int] = 2
    code: ClassVar[tuple[str, ...]] = (
        "suite.generators.common.averaging",
        "suite.generators.common.losses",
        "suite.generators.common.minibatches",
        "suite.generators.sd.tiny.autoencoder",
        "suite.generators.sd.tiny.denoiser",
        "suite.generators.sd.tiny.fonts",
        "suite.generators.sd.tiny.glyphs",
        "suite.generators.sd.tiny.stages",
        "suite.generators.sd.tiny.text_encoder",
        "suite.generators.sd.tiny.tokenizer",
        "suite.generators.sd.tiny.training",
        "suite.randomness",
    )
    imports: ClassVar[tuple[str, ...]] = (
        "torch",
        "diffusers.pipelines.stable_diffusion.pipeline_stable_diffusion",
        "transformers.models.clip.modeling_clip",
    )
    resources: ClassVar[ResourceRequest] = TRAINING

    fonts: str
    settings: TinyTraining
    seed: int
    compute: Compute

    @property
    def label(self) -> str:
        """Name for progress and messages: generator and step."""
        return "sd, pretraining of the tiny pipeline"

    @property
    def cost(self) -> CostEstimate:
        """Cost of training the three networks."""
        settings = self.settings
        stages = (
            (settings.text_encoder, TEXT_ENCODER_TRAINING),
            (settings.autoencoder, AUTOENCODER_TRAINING),
            (settings.denoiser, DENOISER_TRAINING),
        )
        return CostEstimate(
            operations=sum(stage.steps * stage.batch_size * operations for stage, operations in stages),
            payload=FLOAT32 * TINY_PIPELINE.parameters,
        )

    def build(self, context: BuildContext) -> None:
        """Train the three networks one after the other, resuming from the newest checkpoint.

        Raises:
            Unavailable: If a typeface is missing.
            BadData: If the typefaces changed since the work was planned.
            Diverged: If a loss is not finite.
        """
        from suite.generators.sd.tiny.training import train

        train(context, fonts=self.fonts, settings=self.settings, seed=self.seed)
