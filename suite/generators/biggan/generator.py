"""``biggan``: a class-conditional GAN, trained from scratch on the real training images."""

from suite.generators.biggan.recipes import SampleGan, TrainGan
from suite.generators.biggan.settings import GanSettings
from suite.generators.generator import Generator, GeneratorSettings, Request, TrainedOn, generators, resized_to


@generators.register
class BigGan(Generator):
    """The prior work's generator ("Seeing is Not Necessarily Believing", with Brock et al., arXiv 1809.11096).

    Class-conditional batch normalisation, projection discriminator (arXiv 1802.05637), spectral normalisation in both
    networks (arXiv 1802.05957, 1805.08318), hinge loss, orthogonal initialisation, averaged weights.
    """

    name = "biggan"
    title = "BigGAN"
    trained_on: TrainedOn = "this train split"
    settings = GanSettings

    def about(self, settings: GeneratorSettings, size: int) -> str:
        """Return the size it works at and the length of its training."""
        assert isinstance(settings, GanSettings)
        training = settings.training
        side = training.size or size
        return (
            f"{self.title}, trained from scratch at {side}x{side} pixels for {training.steps:,} steps of"
            f" {training.batch_size} images{resized_to(size, side)}"
        )

    def synthetic(self, request: Request, settings: GeneratorSettings) -> SampleGan:
        """Plan one training, and the samples of it that are asked for."""
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
