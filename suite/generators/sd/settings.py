"""Settings of ``sd``, a pretrained text-to-image pipeline, and the file name of its summary."""

import re
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from suite.generators.generator import GeneratorSettings
from suite.generators.sd.pipelines import HubPipeline, LocalPipeline
from suite.generators.sd.tiny.settings import TinyTraining

SUMMARY = "summary.json"
TINY = "tiny"
COMMIT = re.compile(r"[0-9a-f]{40}")
HUB_ID = re.compile(r"[\w.-]+/[\w.-]+")
SchedulerName = Literal["default", "dpm-solver++", "ddim"]


class TextToImageSampling(GeneratorSettings):
    """Sampling settings. They are not part of the key of any training.

    Attributes:
        negative_prompt: Negative prompt for guidance; "" uses the pipeline's default.
        guidance: Weight of classifier-free guidance (arXiv 2207.12598) in the convention of diffusers: values up to
            1 mean no guidance.
        steps: Steps of the scheduler.
        scheduler: ``default`` is the scheduler saved with the pipeline; ``dpm-solver++`` (arXiv 2211.01095) or
            ``ddim`` (arXiv 2010.02502) replaces it.
        size: Height and width of the generated images in pixels; None is the pipeline's default. They are then
            resized to the dataset's size by Pillow's antialiased bicubic filter, as real images are.
        batch_size: Images per batch; fewer, with a warning, if a batch does not fit into memory.
    """

    negative_prompt: str = ""
    guidance: Annotated[float, Field(ge=0)] = 7.5
    steps: Annotated[int, Field(ge=1, le=1000)] = 50
    scheduler: SchedulerName = "default"
    size: Annotated[int, Field(ge=8, multiple_of=8)] | None = None
    batch_size: Annotated[int, Field(ge=1)] = 8

    @property
    def evaluations(self) -> int:
        """Evaluations of the denoising network per image."""
        return self.steps * (2 if self.guidance > 1 else 1)


class TextToImageSettings(GeneratorSettings):
    """``[generator.sd]``: the pipeline and the sampling settings.

    Attributes:
        model: ``tiny``, the id of a model on the Hugging Face hub, or a directory written by ``save_pretrained``.
        revision: Commit of a model on the hub, 40 hexadecimal digits; not allowed for other models.
        training: Pretraining of the tiny pipeline; not allowed for other models. None uses the defaults of
            ``TinyTraining``.
        sampling: Sampling settings.
    """

    model: str = TINY
    revision: str | None = None
    training: TinyTraining | None = None
    sampling: TextToImageSampling = TextToImageSampling()

    @model_validator(mode="after")
    def _check_combination(self) -> Self:
        if self.training is not None and self.model != TINY:
            raise ValueError(f"training is for model {TINY!r} only: {self.model!r} is already trained")
        if self.is_on_hub and not COMMIT.fullmatch(self.revision or ""):
            raise ValueError(
                f"{self.model!r} is not a local directory, and a model on the hub must be pinned: "
                "set revision to a commit, 40 hexadecimal digits"
            )
        if not self.is_on_hub and self.revision is not None:
            raise ValueError(f"revision is for models on the hub only, and {self.model!r} is not one")
        return self

    @property
    def is_on_hub(self) -> bool:
        """Whether the model is neither the tiny one nor a directory."""
        return self.model != TINY and bool(HUB_ID.fullmatch(self.model)) and not Path(self.model).is_dir()


class ResolvedSettings(TextToImageSettings):
    """Settings after the pipeline has been located.

    Attributes:
        source: The pipeline; for the tiny pipeline, the content id of the typefaces it is trained on.
    """

    source: HubPipeline | LocalPipeline | str
