"""``sd``: a pretrained text-to-image pipeline, prompted with class names; any that diffusers loads, or a tiny one."""

import re
from pathlib import Path
from typing import Annotated, Any, ClassVar, Literal, Self

from pydantic import Field, model_validator

from suite.artifacts import Download, Places, Work, Workbench
from suite.artifacts.demand import PIPELINE, Demand
from suite.compute import Compute
from suite.datasets.naming import shown
from suite.generators.generator import Generator, Request, Settings, Sight, generators, resized_to
from suite.generators.text_to_image import known
from suite.generators.text_to_image.fonts import fonts_id
from suite.generators.text_to_image.pipelines import HubPipeline, LocalPipeline
from suite.generators.text_to_image.prompts import prompts_of
from suite.generators.text_to_image.tiny import TinyTraining, TrainTinyPipeline
from suite.images import ImageSet
from suite.layers import FLOAT32

TINY = "tiny"
SEED_OF_PRETRAINING = 0
COMMIT = re.compile(r"[0-9a-f]{40}")
HUB_ID = re.compile(r"[\w.-]+/[\w.-]+")


class TextToImageSampling(Settings):
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


class TextToImageSettings(Settings):
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


class SampleTextToImage(ImageSet):
    """Images that a pipeline makes of prompts, exactly so many a class, in the order of the labels.

    An image is a function of the seed, its prompt's number and its own number for that prompt, whatever is made beside
    it. The payload is ``images.safetensors`` and ``summary.json`` (n, classes of pipeline and scheduler, steps,
    guidance, evaluations per image).

    Attributes:
        pipeline: The pipeline.
        prompts: The prompts of each class; its images take them in turn.
        per_class: Images per class.
        size: Height and width of the finished images.
        settings: How they are drawn.
        seed: Seed of the images.
        compute: Precision is that of the pipeline's weights.
    """

    step: ClassVar[str] = "text-to-image-samples"
    version: ClassVar[int] = 1
    code: ClassVar[tuple[str, ...]] = (
        "suite.datasets.real",
        "suite.generators.loops.sampling",
        "suite.generators.text_to_image.loading",
        "suite.generators.text_to_image.memory",
        "suite.generators.text_to_image.sampling",
        "suite.randomness",
    )
    imports: ClassVar[tuple[str, ...]] = TrainTinyPipeline.imports
    demand: ClassVar[Demand] = PIPELINE

    pipeline: TrainTinyPipeline | HubPipeline | LocalPipeline
    prompts: tuple[tuple[str, ...], ...]
    per_class: tuple[int, ...]
    size: int
    settings: TextToImageSampling
    seed: int
    compute: Compute

    @property
    def counts(self) -> tuple[int, ...]:
        """Images per class."""
        return self.per_class

    @property
    def label(self) -> str:
        """Generator, step, first and last prompt, seed."""
        return f"sd, samples of '{shown(self.prompts[0][0])}' to '{shown(self.prompts[-1][0])}', seed {self.seed}"

    @property
    def work(self) -> Work:
        """Estimate prompts, evaluations and decoding of a pipeline that is known; of another one nobody knows."""
        pipeline = self.pipeline
        networks = known.TINY if isinstance(pipeline, TrainTinyPipeline) else getattr(pipeline, "known", None)
        if networks is None:
            return super().work.model_copy(update={"operations": None})
        settings, half = self.settings, self.compute.precision != "float32"
        scale = ((settings.size or networks.size) / networks.size) ** 2
        image = networks.encoding + scale * (settings.evaluations * networks.evaluation + networks.decoding)
        values = networks.parameters + 4 * settings.batch_size * round(scale * networks.largest)
        update = {"operations": sum(self.per_class) * image, "memory": values * (FLOAT32 // 2 if half else FLOAT32)}
        return super().work.model_copy(update=update)

    def downloads(self, places: Places) -> tuple[Download, ...]:
        """Return a pipeline on the hub that is not here yet."""
        return self.pipeline.downloads(places) if not isinstance(self.pipeline, LocalPipeline) else ()

    def build(self, bench: Workbench) -> None:
        """Draw the images; goes on after the last finished batch.

        Raises:
            Unavailable: If the pipeline is not on this machine, or does not fit into memory.
            BadData: If it is no text-to-image pipeline, or cannot be loaded safely.
            UsageError: If it cannot be asked what the settings ask.
            Diverged: If images are not finite, or all alike.
        """
        from suite.generators.text_to_image.sampling import sample

        sample(self, bench)


@generators.register
class TextToImage(Generator):
    """The paper's SD: "takes class names as input text prompts" (latent diffusion, arXiv 2112.10752).

    Whatever the generator's seed, a pipeline is pretrained once: seeds are seeds of images.
    """

    name = "sd"
    title = "Stable Diffusion"
    saw: Sight = "the web"
    settings = TextToImageSettings

    def configure(self, given: dict[str, Any], places: Places) -> Settings:
        """Read the settings and look for the pipeline; nothing is loaded or fetched.

        Raises:
            UsageError: If a setting does not exist or cannot be.
            Unavailable: If the pipeline is not on this machine and may not be downloaded.
            BadData: If the directory holds no pipeline, or one that cannot be loaded safely.
        """
        settings = super().configure(given, places)
        assert isinstance(settings, TextToImageSettings)
        source: HubPipeline | LocalPipeline | str
        if settings.model == TINY:
            source = fonts_id()
            settings = settings.model_copy(update={"training": settings.training or TinyTraining()})
        elif settings.is_on_hub:
            source = HubPipeline(id=settings.model, revision=settings.revision or "")
            source.check(places)
        else:
            source = LocalPipeline.found(Path(settings.model).expanduser(), places)
        return FoundSettings(**dict(settings), source=source)

    def sight(self, settings: Settings) -> Sight:
        """Return what the configured pipeline has seen."""
        assert isinstance(settings, FoundSettings)
        if isinstance(settings.source, HubPipeline):
            return "the web"
        return "unknown" if isinstance(settings.source, LocalPipeline) else "another domain"

    def about(self, settings: Settings, size: int) -> str:
        """Return which pipeline it is, and how images are drawn from it."""
        assert isinstance(settings, FoundSettings)
        source, sampling = settings.source, settings.sampling
        if isinstance(source, str):
            which = "tiny, trained from scratch on captioned typefaces"
        else:
            which = source.id if isinstance(source, HubPipeline) else "a local pipeline"
        at = f" at {sampling.size}x{sampling.size} pixels" if sampling.size else ""
        return (
            f"{self.title} ({which}), prompted with class names, sampled{at} with {sampling.steps} steps and guidance"
            f" {sampling.guidance:g}{resized_to(size, sampling.size) if sampling.size else ''}"
        )

    def synthetic(self, request: Request, settings: Settings) -> SampleTextToImage:
        """Plan the images, and the tiny pipeline's training if they are to come from it.

        Raises:
            UsageError: If a class has no prompt, or the same one as another class.
        """
        assert isinstance(settings, FoundSettings)
        return SampleTextToImage(
            pipeline=_pipeline(settings, request.compute.threads),
            prompts=prompts_of(request),
            per_class=request.counts,
            size=request.size,
            settings=settings.sampling,
            seed=request.seed,
            compute=request.compute,
        )


def _pipeline(settings: FoundSettings, threads: int) -> TrainTinyPipeline | HubPipeline | LocalPipeline:
    if not isinstance(settings.source, str):
        return settings.source
    assert settings.training is not None
    return TrainTinyPipeline(
        fonts=settings.source,
        settings=settings.training,
        seed=SEED_OF_PRETRAINING,
        compute=Compute(threads=threads),
    )
