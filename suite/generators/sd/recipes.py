"""``sd``: a pretrained text-to-image pipeline, prompted with class names; any that diffusers loads, or a tiny one."""

from typing import ClassVar

from suite.artifacts import BuildContext, CostEstimate, DataPaths, Download
from suite.artifacts.resources import PIPELINE, ResourceRequest
from suite.compute import Compute
from suite.datasets.naming import shown
from suite.flops import FLOAT32
from suite.generators.sd import flops
from suite.generators.sd.pipelines import HubPipeline, LocalPipeline
from suite.generators.sd.settings import TextToImageSampling
from suite.generators.sd.tiny.recipes import TrainTinyPipeline
from suite.images import ImageSet


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
        "suite.generators.common.sampling",
        "suite.generators.sd.loading",
        "suite.generators.sd.memory",
        "suite.generators.sd.sampling",
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
        """Generator, step, first and last prompt, seed."""
        return f"sd, samples of '{shown(self.prompts[0][0])}' to '{shown(self.prompts[-1][0])}', seed {self.seed}"

    @property
    def cost(self) -> CostEstimate:
        """Estimate prompts, evaluations and decoding of a pipeline that is known; of another one nobody knows."""
        pipeline = self.pipeline
        networks = flops.TINY if isinstance(pipeline, TrainTinyPipeline) else getattr(pipeline, "known", None)
        if networks is None:
            return super().cost.model_copy(update={"operations": None})
        settings, half = self.settings, self.compute.precision != "float32"
        scale = ((settings.size or networks.size) / networks.size) ** 2
        image = networks.encoding + scale * (settings.evaluations * networks.evaluation + networks.decoding)
        values = networks.parameters + 4 * settings.batch_size * round(scale * networks.largest)
        update = {"operations": sum(self.per_class) * image, "memory": values * (FLOAT32 // 2 if half else FLOAT32)}
        return super().cost.model_copy(update=update)

    def downloads(self, data_paths: DataPaths) -> tuple[Download, ...]:
        """Return a pipeline on the hub that is not here yet."""
        return self.pipeline.downloads(data_paths) if not isinstance(self.pipeline, LocalPipeline) else ()

    def build(self, context: BuildContext) -> None:
        """Draw the images; goes on after the last finished batch.

        Raises:
            Unavailable: If the pipeline is not on this machine, or does not fit into memory.
            BadData: If it is no text-to-image pipeline, or cannot be loaded safely.
            UsageError: If it cannot be asked what the settings ask.
            Diverged: If images are not finite, or all alike.
        """
        from suite.generators.sd.sampling import sample

        sample(self, context)
