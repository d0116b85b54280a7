"""The generator ``cd``."""

from suite.errors import UsageError
from suite.generators.cd.recipes import SampleDiffusion, TrainDiffusion
from suite.generators.cd.settings import DiffusionSettings
from suite.generators.generator import Generator, GeneratorSettings, Request, TrainedOn, generators, resized_to


@generators.register
class ClassConditionalDiffusion(Generator):
    """The paper's CD: "a simple Denoising Diffusion Probabilistic Model from scratch", conditioned on class labels.

    The paper gives no hyperparameters. The network is diffusers' UNet2DModel with a learned embedding per class and
    one for "no class". The noise schedule is the squared cosine of Nichol and Dhariwal, arXiv 2102.09672.
    """

    name = "cd"
    title = "class-conditional diffusion"
    trained_on: TrainedOn = "this train split"
    settings = DiffusionSettings

    def describe(self, settings: GeneratorSettings, size: int) -> str:
        """Return a phrase with the network's image size, the length of the training and the sampling settings.

        Args:
            settings: Settings of the generator.
            size: Height and width of the requested images in pixels.
        """
        assert isinstance(settings, DiffusionSettings)
        training, sampling = settings.training, settings.sampling
        network_size = training.size or size
        guidance = f" and guidance {sampling.guidance:g}" if sampling.guidance != 1 else ""
        start = f" from real images with a noise strength of {sampling.strength:g}" if sampling.strength < 1 else ""
        patches = f" in patches of {training.patch}x{training.patch}" if training.patch > 1 else ""
        return (
            f"{self.title}, trained from scratch at {network_size}x{network_size} pixels{patches} for"
            f" {training.steps:,} steps of {training.batch_size} images, sampled with {sampling.steps} steps of"
            f" {sampling.solver}{guidance}{start}{resized_to(size, network_size)}"
        )

    def synthetic(self, request: Request, settings: GeneratorSettings) -> SampleDiffusion:
        """Plan one training and the sampling of the requested images.

        Raises:
            UsageError: If the image size cannot be divided by the patch size and then halved once for every level of
                the network after the first.
        """
        assert isinstance(settings, DiffusionSettings)
        training = settings.training
        size, halvings = training.size or request.size, len(training.channels) - 1
        if size % (multiple := training.patch * 2**halvings):
            patches = f" divided by patch {training.patch} and" if training.patch > 1 else ""
            raise UsageError(
                f"cd on {request.dataset}: {size} pixels cannot be{patches} halved {halvings} times:"
                f" set training.size to a multiple of {multiple}, or use fewer channels"
            )
        trained = TrainDiffusion(
            real=request.real,
            classes=len(request.classes),
            settings=training,
            seed=request.seed,
            compute=request.compute,
        )
        return SampleDiffusion(
            trained=trained,
            size=request.size,
            per_class=request.counts,
            start=request.real if settings.sampling.strength < 1 else None,
            settings=settings.sampling,
            seed=request.seed,
            compute=request.compute,
        )
