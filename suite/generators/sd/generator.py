"""``sd``: a pretrained text-to-image pipeline, prompted with class names."""

from pathlib import Path
from typing import Any

from suite.artifacts import DataPaths
from suite.compute import Compute
from suite.generators.generator import Generator, GeneratorSettings, Request, TrainedOn, generators, resized_to
from suite.generators.sd.pipelines import HubPipeline, LocalPipeline
from suite.generators.sd.prompts import prompts_of
from suite.generators.sd.recipes import SampleTextToImage
from suite.generators.sd.settings import TINY, FoundSettings, TextToImageSettings
from suite.generators.sd.tiny.fonts import fonts_id
from suite.generators.sd.tiny.recipes import TrainTinyPipeline
from suite.generators.sd.tiny.settings import TinyTraining

SEED_OF_PRETRAINING = 0


@generators.register
class TextToImage(Generator):
    """The paper's SD: "takes class names as input text prompts" (latent diffusion, arXiv 2112.10752).

    Whatever the generator's seed, a pipeline is pretrained once: seeds are seeds of images.
    """

    name = "sd"
    title = "Stable Diffusion"
    trained_on: TrainedOn = "the web"
    settings = TextToImageSettings

    def configure(self, given: dict[str, Any], data_paths: DataPaths) -> GeneratorSettings:
        """Read the settings and look for the pipeline; nothing is loaded or fetched.

        Raises:
            UsageError: If a setting does not exist or cannot be.
            Unavailable: If the pipeline is not on this machine and may not be downloaded.
            BadData: If the directory holds no pipeline, or one that cannot be loaded safely.
        """
        settings = super().configure(given, data_paths)
        assert isinstance(settings, TextToImageSettings)
        source: HubPipeline | LocalPipeline | str
        if settings.model == TINY:
            source = fonts_id()
            settings = settings.model_copy(update={"training": settings.training or TinyTraining()})
        elif settings.is_on_hub:
            source = HubPipeline(id=settings.model, revision=settings.revision or "")
            source.check(data_paths)
        else:
            source = LocalPipeline.found(Path(settings.model).expanduser(), data_paths)
        return FoundSettings(**dict(settings), source=source)

    def training_data(self, settings: GeneratorSettings) -> TrainedOn:
        """Return what the configured pipeline has seen."""
        assert isinstance(settings, FoundSettings)
        if isinstance(settings.source, HubPipeline):
            return "the web"
        return "unknown" if isinstance(settings.source, LocalPipeline) else "another domain"

    def describe(self, settings: GeneratorSettings, size: int) -> str:
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

    def synthetic(self, request: Request, settings: GeneratorSettings) -> SampleTextToImage:
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
