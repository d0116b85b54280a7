"""The generator ``biggan``."""

from suite.generators.biggan.recipes import SampleGan, TrainGan
from suite.generators.biggan.settings import GanSettings
from suite.generators.generator import Generator, GeneratorSettings, Request, TrainedOn, generators, resized_to


@generators.register
class BigGan(Generator):
    """BigGAN (Brock et al., arXiv 1809.11096), the generator of the prior work "Seeing is Not Necessarily Believing".

    Class-conditional batch normalisation, projection discriminator (arXiv 1802.05637), spectral normalisation in both
    networks (arXiv 1802.05957, 1805.08318), hinge loss, orthogonal initialisation and averaged weights.
    """

    name = "biggan"
    title = "BigGAN"
    trained_on: TrainedOn = "this train split"
    settings = GanSettings

    def describe(self, settings: GeneratorSettings, size: int) -> str:
        """Return a phrase with the networks' image size and the length of the training.

        Args:
            settings: Settings of the generator.
            size: Height and width of the requested images in pixels.
        """
        assert isinstance(settings, GanSettings)
        training = settings.training
        network_size = training.size or size
        patches = f" in patches of {training.patch}x{training.patch}" if training.patch > 1 else ""
        augmented = f" with differentiable augmentation ({', '.join(training.augment)})" if training.augment else ""
        return (
            f"{self.title}, trained from scratch at {network_size}x{network_size} pixels{patches} for"
            f" {training.steps:,} steps of {training.batch_size} images{augmented}{resized_to(size, network_size)}"
        )

    def synthetic(self, request: Request, settings: GeneratorSettings) -> SampleGan:
        """Plan one training and the sampling of the requested images."""
        assert isinstance(settings, GanSettings)
        trained = TrainGan(
            real=request.real,
            classes=len(request.classes),
            settings=settings.training,
            seed=request.seed,
            compute=request.compute,
        )
        return SampleGan(
            trained=trained,
            size=request.size,
            per_class=request.counts,
            settings=settings.sampling,
            seed=request.seed,
            compute=request.compute,
        )
