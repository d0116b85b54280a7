"""``biggan``: the prior work's generator, a class-conditional GAN trained from scratch on the real training images."""

from typing import Annotated, ClassVar, Literal

from pydantic import Field

from suite.artifacts import Recipe, Work, Workbench
from suite.artifacts.demand import SAMPLING, TRAINING, Demand
from suite.compute import Compute
from suite.generators.gan.layers import discriminator_layers, generator_layers
from suite.generators.generator import Generator, Request, Settings, Sight, generators, resized_to
from suite.images import ImageSet
from suite.layers import BACKWARD, FLOAT32, Layers

WEIGHTS = "model.safetensors"
HISTORY = "history.json"
SUMMARY = "summary.json"
DISCRIMINATOR_COPIES = 3  # gradient and two moments, beside each weight
GENERATOR_COPIES = 4  # and the average


class GanTraining(Settings):
    """Everything about the two networks and their training but the data and the seed.

    The defaults are those of Brock et al., arXiv 1809.11096, as far as images of 32x32 let them be kept.

    Attributes:
        size: Height and width the networks work at, at least; None is the dataset's size. Real images are resized to
            it and samples back, both by Pillow's antialiased bicubic filter.
        bottom: Height and width the generator starts from; each of its blocks doubles them, until ``size`` is reached
            or passed.
        channels: Channels of every block up to 32x32; beyond, each doubling of the size halves them.
        noise: Noise values per block, and as many again for the first layer.
        embedding: Length of the class embedding that all of the generator's blocks share.
        batch_size: Real, and as many generated, images a step.
        steps: Optimiser steps of the generator.
        discriminator_steps: Steps of the discriminator for each of them.
        generator_rate: Learning rate of the generator's Adam.
        discriminator_rate: Learning rate of the discriminator's Adam.
        betas: Of both.
        decay_start: Share of the steps at the full learning rates; then they go down linearly.
        final_rate: Share of the learning rates that is left at the end.
        ema: Decay of the exponential average of the generator's weights and buffers.
        flip: Whether training images are mirrored left to right at random.
    """

    size: Annotated[int, Field(ge=4)] | None = None
    bottom: Literal[2, 4] = 4
    channels: Annotated[int, Field(ge=1)] = 256
    noise: Annotated[int, Field(ge=1)] = 20
    embedding: Annotated[int, Field(ge=1)] = 128
    batch_size: Annotated[int, Field(ge=2)] = 64
    steps: Annotated[int, Field(ge=1)] = 100_000
    discriminator_steps: Annotated[int, Field(ge=1)] = 2
    generator_rate: Annotated[float, Field(gt=0)] = 1e-4
    discriminator_rate: Annotated[float, Field(gt=0)] = 4e-4
    betas: tuple[Annotated[float, Field(ge=0, lt=1)], Annotated[float, Field(ge=0, lt=1)]] = (0.0, 0.999)
    decay_start: Annotated[float, Field(ge=0, le=1)] = 0.5
    final_rate: Annotated[float, Field(ge=0, le=1)] = 0.05
    ema: Annotated[float, Field(ge=0, lt=1)] = 0.9999
    flip: bool = True


class GanSampling(Settings):
    """How samples are drawn from a trained generator; no part of the training's key.

    Attributes:
        truncation: Noise is drawn anew until it lies within plus or minus this value; None, as for training sets,
            which need all the variety there is, does not truncate.
        batch_size: Images made at once.
    """

    truncation: Annotated[float, Field(gt=0)] | None = None
    batch_size: Annotated[int, Field(ge=1)] = 256


class GanSettings(Settings):
    """``[generator.biggan]``: how it is trained, and how it is sampled from."""

    training: GanTraining = GanTraining()
    sampling: GanSampling = GanSampling()


class TrainGan(Recipe):
    """A class-conditional generator trained against a discriminator on one set of images.

    The payload is ``model.safetensors`` (the generator's averaged weights and buffers) and ``history.json`` (both
    losses per 50 steps, images seen, optimiser steps, parameters).
    """

    step: ClassVar[str] = "gan-training"
    version: ClassVar[int] = 1
    code: ClassVar[tuple[str, ...]] = (
        "suite.generators.gan.blocks",
        "suite.generators.gan.networks",
        "suite.generators.gan.shape",
        "suite.generators.gan.training",
        "suite.generators.loops.averaging",
        "suite.generators.loops.losses",
        "suite.generators.loops.minibatches",
        "suite.generators.loops.resizing",
        "suite.randomness",
    )
    imports: ClassVar[tuple[str, ...]] = ("torch", "torch.optim.swa_utils")
    demand: ClassVar[Demand] = TRAINING

    real: ImageSet
    classes: int
    settings: GanTraining
    seed: int
    compute: Compute

    @property
    def label(self) -> str:
        """Generator, step, images it learns from, seed."""
        return f"biggan, training on {self.real.label}, seed {self.seed}"

    @property
    def size(self) -> int:
        """Height and width the networks work at, at least."""
        return self.settings.size or self.real.side or 0

    @property
    def layers(self) -> Layers:
        """The generator's layers."""
        return generator_layers(self.settings, self.classes, self.size)

    @property
    def work(self) -> Work:
        """Estimate both networks' training.

        A step of the discriminator takes a generated batch, and a forward and backward pass of it and of a real one;
        a step of the generator passes through both networks, and back without gradients by the discriminator's weights.
        """
        settings, one = self.settings, self.layers
        other = discriminator_layers(settings, self.classes, self.size)
        against = one.operations + 2 * (1 + BACKWARD) * other.operations
        forwards = (1 + BACKWARD) * one.operations + BACKWARD * other.operations
        batch = settings.batch_size
        return Work(
            operations=settings.steps * batch * (settings.discriminator_steps * against + forwards),
            payload=FLOAT32 * one.parameters,
            memory=one.training(batch, GENERATOR_COPIES, self.compute)
            + other.training(2 * batch, DISCRIMINATOR_COPIES, self.compute)
            + self.real.pixel_bytes,
        )

    def build(self, bench: Workbench) -> None:
        """Train; resumes from the newest checkpoint.

        Raises:
            Diverged: If a loss is not finite.
        """
        from suite.generators.gan.training import train

        train(self, bench)


class SampleGan(ImageSet):
    """Images from a trained generator, exactly so many a class, in the order of the labels.

    The payload is ``images.safetensors`` and ``summary.json`` (n, truncation, evaluations per image).
    """

    step: ClassVar[str] = "gan-samples"
    version: ClassVar[int] = 1
    code: ClassVar[tuple[str, ...]] = (
        "suite.generators.gan.blocks",
        "suite.generators.gan.networks",
        "suite.generators.gan.shape",
        "suite.generators.gan.sampling",
        "suite.generators.loops.resizing",
        "suite.generators.loops.sampling",
        "suite.randomness",
    )
    imports: ClassVar[tuple[str, ...]] = ("torch",)
    demand: ClassVar[Demand] = SAMPLING

    trained: TrainGan
    size: int
    per_class: tuple[int, ...]
    settings: GanSampling
    seed: int
    compute: Compute

    @property
    def counts(self) -> tuple[int, ...]:
        """Images per class."""
        return self.per_class

    @property
    def label(self) -> str:
        """Generator, step, images it learnt from, seed."""
        return f"biggan, samples for {self.trained.real.label}, seed {self.seed}"

    @property
    def work(self) -> Work:
        """Estimate one pass of the generator an image, the last batch filled up."""
        layers, batch = self.trained.layers, self.settings.batch_size
        made = -(-sum(self.per_class) // batch) * batch
        update = {"operations": made * layers.operations, "memory": layers.inference(batch)}
        return super().work.model_copy(update=update)

    def build(self, bench: Workbench) -> None:
        """Draw the samples; goes on after the last finished batch.

        Raises:
            Diverged: If samples are not finite or all alike.
        """
        from suite.generators.gan.sampling import sample

        sample(self, bench)


@generators.register
class BigGan(Generator):
    """The prior work's generator ("Seeing is Not Necessarily Believing", with Brock et al., arXiv 1809.11096).

    Class-conditional batch normalisation, projection discriminator (arXiv 1802.05637), spectral normalisation in both
    networks (arXiv 1802.05957, 1805.08318), hinge loss, orthogonal initialisation, averaged weights.
    """

    name = "biggan"
    title = "BigGAN"
    saw: Sight = "this train split"
    settings = GanSettings

    def about(self, settings: Settings, size: int) -> str:
        """Return the size it works at and the length of its training."""
        assert isinstance(settings, GanSettings)
        training = settings.training
        side = training.size or size
        return (
            f"{self.title}, trained from scratch at {side}x{side} pixels for {training.steps:,} steps of"
            f" {training.batch_size} images{resized_to(size, side)}"
        )

    def synthetic(self, request: Request, settings: Settings) -> SampleGan:
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
