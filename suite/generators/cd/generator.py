"""``cd``: a class-conditional diffusion model, trained from scratch on the real training images."""

from suite.errors import UsageError
from suite.generators.cd.recipes import SampleDiffusion, TrainDiffusion
from suite.generators.cd.settings import DiffusionSettings
from suite.generators.generator import Generator, GeneratorSettings, Request, TrainedOn, generators, resized_to


@generators.register
class ClassConditionalDiffusion(Generator):
    """The paper's CD: "a simple Denoising Diffusion Probabilistic Model from scratch", conditioned on class labels.

    The paper gives no hyperparameters. The network is diffusers' UNet2DModel with a learned embedding per class and
    one for "no class"; the noise schedule is the squared cosine of Nichol and Dhariwal, arXiv 2102.09672.
    """

    name = "cd"
    title = "class-conditional diffusion"
    trained_on: TrainedOn = "this train split"
    settings = DiffusionSettings

    def about(self, settings: GeneratorSettings, size: int) -> str:
        """Return the size it works at, the length of its training, and how it is sampled."""
        assert isinstance(settings, DiffusionSettings)
        training, sampling = settings.training, settings.sampling
        side = training.size or size
        guidance = f" and guidance {sampling.guidance:g}" if sampling.guidance != 1 else ""
        return (
            f"{self.title}, trained from scratch at {side}x{side} pixels for {training.steps:,} steps of"
            f" {training.batch_size} images, sampled with {sampling.steps} steps of {sampling.solver}{guidance}"
            f"{resized_to(size, side)}"
        )

    def synthetic(self, request: Request, settings: GeneratorSettings) -> SampleDiffusion:
        """Plan one training, and the samples of it that are asked for.

        Raises:
            UsageError: If the network cannot halve the images as often as its levels ask.
        """
        assert isinstance(settings, DiffusionSettings)
        training = settings.training
        size, halvings = training.size or request.size, len(training.channels) - 1
        if size % 2**halvings:
            raise UsageError(
                f"cd on {request.dataset}: {size} pixels cannot be halved {halvings} times:"
                f" set training.size to a multiple of {2**halvings}, or use fewer channels"
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
            settings=settings.sampling,
            seed=request.seed,
            compute=request.compute,
        )
