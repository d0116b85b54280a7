"""Settings of ``sd``, a pretrained text-to-image pipeline."""

import re
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from suite.generators.generator import GeneratorSettings
from suite.generators.sd.pipelines import HubPipeline, LocalPipeline
from suite.generators.sd.tiny.settings import TinyTraining

TINY = "tiny"
COMMIT = re.compile(r"[0-9a-f]{40}")
HUB_ID = re.compile(r"[\w.-]+/[\w.-]+")


class TextToImageSampling(GeneratorSettings):
    """How images are drawn from a pipeline; no part of any training's key.

    Attributes:
        negative_prompt: What images are guided away from; "" is the pipeline's own choice.
        guidance: Weight of classifier-free guidance (arXiv 2207.12598) as diffusers counts it; up to 1 is none.
        steps: Steps of the scheduler.
        scheduler: ``default`` is the one that the pipeline comes with, ``dpm-solver++`` (arXiv 2211.01095) or ``ddim``
            (arXiv 2010.02502) takes its place.
        size: Height and width at which images are made; None is the pipeline's own. From there they are brought to
            the dataset's size by Pillow's antialiased bicubic filter, as real images are.
        batch_size: Images made at once; where so many do not fit into memory, fewer are, with a warning.
    """

    negative_prompt: str = ""
    guidance: Annotated[float, Field(ge=0)] = 7.5
    steps: Annotated[int, Field(ge=1, le=1000)] = 50
    scheduler: Literal["default", "dpm-solver++", "ddim"] = "default"
    size: Annotated[int, Field(ge=8, multiple_of=8)] | None = None
    batch_size: Annotated[int, Field(ge=1)] = 8

    @property
    def evaluations(self) -> int:
        """Evaluations of the denoising network per image."""
        return self.steps * (2 if self.guidance > 1 else 1)


class TextToImageSettings(GeneratorSettings):
    """``[generator.sd]``: which pipeline, and how images are drawn from it.

    Attributes:
        model: ``tiny``, the id of a model on the Hugging Face hub, or a directory that ``save_pretrained`` wrote.
        revision: Commit of a model on the hub, 40 hexadecimal digits; for no other.
        training: How the tiny pipeline is pretrained; for no other. None is as ``TinyTraining`` says by itself.
        sampling: How images are drawn.
    """

    model: str = TINY
    revision: str | None = None
    training: TinyTraining | None = None
    sampling: TextToImageSampling = TextToImageSampling()

    @model_validator(mode="after")
    def _fits_together(self) -> Self:
        if self.training is not None and self.model != TINY:
            raise ValueError(f"training is for model {TINY!r}: {self.model!r} is already trained")
        if self.is_on_hub and not COMMIT.fullmatch(self.revision or ""):
            raise ValueError(
                f"{self.model!r} is no directory here, and as a model on the hub it is not pinned: "
                "set revision to a commit, 40 hexadecimal digits"
            )
        if not self.is_on_hub and self.revision is not None:
            raise ValueError(f"revision is for models on the hub, which {self.model!r} is not")
        return self

    @property
    def is_on_hub(self) -> bool:
        """Whether the model is neither the tiny one nor a directory."""
        return self.model != TINY and bool(HUB_ID.fullmatch(self.model)) and not Path(self.model).is_dir()


class FoundSettings(TextToImageSettings):
    """Settings whose pipeline was looked for.

    Attributes:
        source: The pipeline; of the tiny one, the content id of the typefaces that it learns from.
    """

    source: HubPipeline | LocalPipeline | str
