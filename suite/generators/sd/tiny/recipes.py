"""The tiny pipeline: a real Stable Diffusion, small enough to be trained here, on another domain than any dataset."""

from typing import ClassVar

from suite.artifacts import BuildContext, CostEstimate, Recipe
from suite.artifacts.resources import TRAINING, ResourceRequest
from suite.compute import Compute
from suite.flops import FLOAT32
from suite.generators.sd import flops
from suite.generators.sd.tiny.settings import TinyTraining


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
        """Generator and step."""
        return "sd, pretraining of the tiny pipeline"

    @property
    def cost(self) -> CostEstimate:
        """Estimate the three trainings."""
        settings = self.settings
        stages = (
            (settings.text_encoder, flops.TEXT_ENCODER),
            (settings.autoencoder, flops.AUTOENCODER),
            (settings.denoiser, flops.DENOISER),
        )
        return CostEstimate(
            operations=sum(stage.steps * stage.batch_size * operations for stage, operations in stages),
            payload=FLOAT32 * flops.TINY.parameters,
        )

    def build(self, context: BuildContext) -> None:
        """Train the three networks one after the other; resumes from the newest checkpoint.

        Raises:
            Unavailable: If a typeface is missing.
            BadData: If the typefaces are not those that the work was planned with.
            Diverged: If a loss is not finite.
        """
        from suite.generators.sd.tiny.training import train

        train(self, context)
