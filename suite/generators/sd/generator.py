"""``sd``: a pretrained text-to-image pipeline, prompted with class names."""

from pathlib import Path
from typing import Any

from suite.artifacts import DataPaths
from suite.compute import Compute
from suite.generators.generator import Generator, GeneratorSettings, Request, TrainedOn, generators, resized_to
from suite.generators.sd.pipelines import HubPipeline, LocalPipeline
from suite.generators.sd.prompts import prompts_of
from suite.generators.sd.recipes import SampleTextToImage
from suite.generators.sd.settings import TINY, ResolvedSettings, TextToImageSettings
from suite.generators.sd.tiny.fonts import fonts_id
from suite.generators.sd.tiny.recipes import TrainTinyPipeline
from suite.generators.sd.tiny.settings import TinyTraining

PRETRAINING_SEED = 0


@generators.register
class TextToImage(Generator):
    """The paper's SD: "takes class names as input text prompts" (latent diffusion, arXiv 2112.10752).

    A pipeline is pretrained once, independently of the generator seed, which only changes the sampled images.
    """

    name = "sd"
    title = "Stable Diffusion"
    trained_on: TrainedOn = "the web"
    settings = TextToImageSettings

    def configure(self, values: dict[str, Any], data_paths: DataPaths) -> GeneratorSettings:
        """Validate the settings and locate the pipeline; nothing is loaded or downloaded.

        Args:
            values: Settings by name, as set under ``[generator.sd]``.
            data_paths: Where data and caches are.

        Raises:
            UsageError: If a setting does not exist or has an invalid value.
            Unavailable: If the pipeline is not on this machine and may not be downloaded.
            BadData: If the directory does not contain a pipeline, or the pipeline cannot be loaded safely.
        """
        settings = super().configure(values, data_paths)
        assert isinstance(settings, TextToImageSettings)
        source: HubPipeline | LocalPipeline | str
        if settings.model == TINY:
            source = fonts_id()
            settings = settings.model_copy(update={"training": settings.training or TinyTraining()})
        elif settings.is_on_hub:
            source = HubPipeline(id=settings.model, revision=settings.revision or "")
            source.check(data_paths)
        else:
            source = LocalPipeline.locate(Path(settings.model).expanduser(), data_paths)
        return ResolvedSettings(**dict(settings), source=source)

    def training_data(self, settings: GeneratorSettings) -> TrainedOn:
        """Return what the configured pipeline was trained on."""
        assert isinstance(settings, ResolvedSettings)
        if isinstance(settings.source, HubPipeline):
            return "the web"
        return "unknown" if isinstance(settings.source, LocalPipeline) else "another domain"

    def describe(self, settings: GeneratorSettings, size: int) -> str:
        """Return a description of the pipeline and of the sampling settings."""
        assert isinstance(settings, ResolvedSettings)
        source, sampling = settings.source, settings.sampling
        if isinstance(source, str):
            pipeline = "tiny, trained from scratch on captioned typefaces"
        else:
            pipeline = source.id if isinstance(source, HubPipeline) else "a local pipeline"
        at_size = f" at {sampling.size}x{sampling.size} pixels" if sampling.size else ""
        return (
            f"{self.title} ({pipeline}), prompted with class names, sampled{at_size} with {sampling.steps} steps and "
            f"guidance {sampling.guidance:g}{resized_to(size, sampling.size) if sampling.size else ''}"
        )

    def synthetic(self, request: Request, settings: GeneratorSettings) -> SampleTextToImage:
        """Return the recipe of the images, which includes the training of the tiny pipeline if that is the model.

        Raises:
            UsageError: If a class has no prompt, or two classes have the same prompt.
        """
        assert isinstance(settings, ResolvedSettings)
        return SampleTextToImage(
            pipeline=_pipeline(settings, request.compute.threads),
            prompts=prompts_of(request),
            per_class=request.counts,
            size=request.size,
            settings=settings.sampling,
            seed=request.seed,
            compute=request.compute,
        )


def _pipeline(settings: ResolvedSettings, threads: int) -> TrainTinyPipeline | HubPipeline | LocalPipeline:
    if not isinstance(settings.source, str):
        return settings.source
    assert settings.training is not None
    return TrainTinyPipeline(
        fonts=settings.source,
        settings=settings.training,
        seed=PRETRAINING_SEED,
        compute=Compute(threads=threads),
    )
