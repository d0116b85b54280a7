"""Recipes of ``biggan``: training of the GAN, and sampling from it."""

from typing import ClassVar

from suite.artifacts import BuildContext, CostEstimate, Recipe
from suite.artifacts.resources import SAMPLING, TRAINING, ResourceRequest
from suite.compute import Compute
from suite.flops import BACKWARD, FLOAT32, Layers
from suite.generators.biggan.flops import discriminator_layers, generator_layers
from suite.generators.biggan.settings import WEIGHTS, GanSampling, GanTraining
from suite.images import ImageSet

DISCRIMINATOR_COPIES = 3  # kept for each weight: gradient and two moments
GENERATOR_COPIES = 4  # the same and the average


class TrainGan(Recipe):
    """Training of a class-conditional generator against a discriminator on one set of images.

    The payload is ``model.safetensors`` (the generator's averaged weights and buffers) and ``history.json`` (mean of
    both losses per 50 steps, images seen, optimiser steps, parameters).

    Attributes:
        real: Training images.
        classes: Number of classes.
        settings: Settings of the networks and their training.
        seed: Seed of the initial weights and of the training.
        compute: Precision, memory format and threads.
    """

    step: ClassVar[str] = "gan-training"
    version: ClassVar[int] = 1
    code: ClassVar[tuple[str, ...]] = (
        "suite.generators.biggan.augmentation",
        "suite.generators.biggan.blocks",
        "suite.generators.biggan.network",
        "suite.generators.biggan.shape",
        "suite.generators.biggan.training",
        "suite.generators.common.averaging",
        "suite.generators.common.losses",
        "suite.generators.common.minibatches",
        "suite.images.resizing",
        "suite.randomness",
    )
    imports: ClassVar[tuple[str, ...]] = ("torch", "torch.optim.swa_utils")
    resources: ClassVar[ResourceRequest] = TRAINING

    real: ImageSet
    classes: int
    settings: GanTraining
    seed: int
    compute: Compute

    @property
    def label(self) -> str:
        """Short text for progress and messages: generator, step, training images, seed."""
        return f"biggan, training on {self.real.label}, seed {self.seed}"

    @property
    def size(self) -> int:
        """Minimum height and width of the networks' images in pixels."""
        return self.settings.size or self.real.side or 0

    @property
    def layers(self) -> Layers:
        """Layers of the generator network."""
        return generator_layers(self.settings, self.classes, self.size)

    @property
    def cost(self) -> CostEstimate:
        """Estimate the training of both networks.

        A discriminator step generates a batch, and runs a forward and a backward pass on it and on a real batch. A
        generator step runs a forward and a backward pass through both networks, without the gradients of the
        discriminator's weights.
        """
        settings, generator = self.settings, self.layers
        discriminator = discriminator_layers(settings, self.classes, self.size)
        discriminator_step = generator.operations + 2 * (1 + BACKWARD) * discriminator.operations
        generator_step = (1 + BACKWARD) * generator.operations + BACKWARD * discriminator.operations
        batch = settings.batch_size
        return CostEstimate(
            operations=settings.steps * batch * (settings.discriminator_steps * discriminator_step + generator_step),
            payload=FLOAT32 * generator.parameters,
            memory=generator.training(batch, GENERATOR_COPIES, self.compute)
            + discriminator.training(2 * batch, DISCRIMINATOR_COPIES, self.compute)
            + self.real.pixel_bytes,
        )

    def build(self, context: BuildContext) -> None:
        """Train both networks; resumes from the latest checkpoint.

        Raises:
            Diverged: If a loss is not finite or too large.
        """
        from suite.generators.biggan.training import train

        train(
            context,
            self.real.open(context.store),
            classes=self.classes,
            settings=self.settings,
            seed=self.seed,
            compute=self.compute,
        )


class SampleGan(ImageSet):
    """Images sampled from a trained generator: an exact number per class, in label order.

    The payload is ``images.safetensors`` and ``summary.json`` (n, truncation, evaluations per image).

    Attributes:
        trained: The training that made the generator.
        size: Height and width of the images in pixels.
        per_class: Number of images per class.
        settings: Settings of the sampling.
        seed: Seed of the noise.
        compute: Precision, memory format and threads.
    """

    step: ClassVar[str] = "gan-samples"
    version: ClassVar[int] = 1
    code: ClassVar[tuple[str, ...]] = (
        "suite.generators.biggan.blocks",
        "suite.generators.biggan.network",
        "suite.generators.biggan.shape",
        "suite.generators.biggan.sampling",
        "suite.images.resizing",
        "suite.generators.common.sampling",
        "suite.randomness",
    )
    imports: ClassVar[tuple[str, ...]] = ("torch",)
    resources: ClassVar[ResourceRequest] = SAMPLING

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
        """Short text for progress and messages: generator, step, training images, seed."""
        return f"biggan, samples for {self.trained.real.label}, seed {self.seed}"

    @property
    def cost(self) -> CostEstimate:
        """Estimate one forward pass of the generator per image; the last batch is padded."""
        layers, batch = self.trained.layers, self.settings.batch_size
        generated_images = -(-sum(self.per_class) // batch) * batch
        update = {"operations": generated_images * layers.operations, "memory": layers.inference(batch)}
        return super().cost.model_copy(update=update)

    def build(self, context: BuildContext) -> None:
        """Sample the images; resumes after the last finished batch.

        Raises:
            Diverged: If samples are not finite, or all images of a class are the same.
        """
        from suite.generators.biggan.network import load_generator
        from suite.generators.biggan.sampling import sample

        training = self.trained.settings
        network = load_generator(
            training,
            self.trained.classes,
            training.size or self.size,
            context.artifact(self.trained).tensors(WEIGHTS),
        )
        sample(
            context,
            network,
            settings=self.settings,
            counts=self.per_class,
            size=self.size,
            seed=self.seed,
            compute=self.compute,
        )
