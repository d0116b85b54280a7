"""Recipe of images sampled from a text-to-image pipeline that diffusers loads, or from the tiny pipeline."""

from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from suite.artifacts import BuildContext, CostEstimate, DataPaths, Download
from suite.artifacts.resources import PIPELINE, ResourceRequest
from suite.compute import Compute
from suite.datasets.naming import escaped
from suite.flops import FLOAT32
from suite.generators.sd.pipeline_sizes import TINY_PIPELINE
from suite.generators.sd.pipelines import HubPipeline, LocalPipeline
from suite.generators.sd.settings import TextToImageSampling
from suite.generators.sd.tiny.recipes import TrainTinyPipeline
from suite.generators.sd.tiny.settings import PIPELINE as PIPELINE_DIRECTORY
from suite.images import ImageSet

if TYPE_CHECKING:
    from diffusers.pipelines.pipeline_utils import DiffusionPipeline


class SampleTextToImage(ImageSet):
    """Images sampled from a text-to-image pipeline: an exact number per class, in label order.

    An image is a function of the seed, the index of its prompt and its number for that prompt. It does not depend on
    the other images. The payload is ``images.safetensors`` and ``summary.json`` (n, classes of pipeline and
    scheduler, steps, guidance, evaluations per image).

    Attributes:
        pipeline: The pipeline.
        prompts: Prompts of each class; the images of a class alternate between them.
        per_class: Number of images per class.
        size: Height and width of the finished images in pixels.
        settings: Sampling settings.
        seed: Seed of the images.
        compute: Precision of the pipeline's weights, memory format and threads.
    """

    step: ClassVar[str] = "text-to-image-samples"
    version: ClassVar[int] = 1
    code: ClassVar[tuple[str, ...]] = (
        "suite.generators.common.sampling",
        "suite.generators.sd.loading",
        "suite.generators.sd.memory",
        "suite.generators.sd.sampling",
        "suite.images.resizing",
        "suite.randomness",
    )
    imports: ClassVar[tuple[str, ...]] = TrainTinyPipeline.imports
    resources: ClassVar[ResourceRequest] = PIPELINE

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
        """Name for progress and messages: generator, step, first and last prompt, seed."""
        return f"sd, samples of '{escaped(self.prompts[0][0])}' to '{escaped(self.prompts[-1][0])}', seed {self.seed}"

    @property
    def cost(self) -> CostEstimate:
        """Cost of prompt encoding, evaluations and decoding; without operations if the pipeline is not a known one."""
        if isinstance(self.pipeline, TrainTinyPipeline):
            networks = TINY_PIPELINE
        elif isinstance(self.pipeline, HubPipeline) and self.pipeline.size is not None:
            networks = self.pipeline.size
        else:
            return super().cost.model_copy(update={"operations": None})
        settings, half = self.settings, self.compute.precision != "float32"
        scale = ((settings.size or networks.size) / networks.size) ** 2
        image = networks.encoding + scale * (settings.evaluations * networks.evaluation + networks.decoding)
        values = networks.parameters + 4 * settings.batch_size * round(scale * networks.largest_output)
        update = {"operations": sum(self.per_class) * image, "memory": values * (FLOAT32 // 2 if half else FLOAT32)}
        return super().cost.model_copy(update=update)

    def downloads(self, data_paths: DataPaths) -> tuple[Download, ...]:
        """Return the download of a pipeline on the hub, if it is not in the hub's cache."""
        return self.pipeline.downloads(data_paths) if not isinstance(self.pipeline, LocalPipeline) else ()

    def load_pipeline(self, context: BuildContext) -> "DiffusionPipeline":
        """Load the pipeline with its scheduler, precision and memory format on the device of the build context.

        Raises:
            Unavailable: If the pipeline is not on this machine and may not or cannot be downloaded.
            BadData: If it is not a text-to-image pipeline, or cannot be loaded safely.
            UsageError: If its scheduler cannot be replaced by the one in the settings.
        """
        from suite.generators.sd.loading import load_pipeline

        directory, name = self._locate(context)
        return load_pipeline(
            directory,
            name=name,
            scheduler=self.settings.scheduler,
            compute=self.compute,
            device=context.device,
        )

    def _locate(self, context: BuildContext) -> tuple[Path, str]:
        """Return the complete directory of the pipeline, and its name in messages."""
        if isinstance(self.pipeline, HubPipeline):
            from suite.generators.sd.loading import download

            return download(self.pipeline, context.data_paths), self.pipeline.id
        if isinstance(self.pipeline, LocalPipeline):
            directory = self.pipeline.directory(context.data_paths)
            return directory, escaped(directory)
        artifact = context.artifact(self.pipeline)
        artifact.verify()
        return artifact.path / PIPELINE_DIRECTORY, "the tiny pipeline"

    def build(self, context: BuildContext) -> None:
        """Sample the images, resuming after the last finished batch.

        Raises:
            Unavailable: If the pipeline is not on this machine, or does not fit into memory.
            BadData: If it is not a text-to-image pipeline, or cannot be loaded safely.
            UsageError: If the pipeline does not support one of the settings.
            Diverged: If image values are not finite, or all images of a class are equal.
        """
        from suite.generators.sd.sampling import sample

        sample(
            self.load_pipeline(context),
            context,
            prompts=self.prompts,
            per_class=self.per_class,
            size=self.size,
            settings=self.settings,
            seed=self.seed,
        )
