"""``biggan``: the prior work's generator, a class-conditional GAN trained from scratch on the real training images."""

from typing import ClassVar

from suite.artifacts import BuildContext, CostEstimate, Recipe
from suite.artifacts.resources import SAMPLING, TRAINING, ResourceRequest
from suite.compute import Compute
from suite.flops import BACKWARD, FLOAT32, Layers
from suite.generators.biggan.flops import discriminator_layers, generator_layers
from suite.generators.biggan.settings import GanSampling, GanTraining
from suite.images import ImageSet

DISCRIMINATOR_COPIES = 3  # gradient and two moments, beside each weight
GENERATOR_COPIES = 4  # and the average


class TrainGan(Recipe):
    """A class-conditional generator trained against a discriminator on one set of images.

    The payload is ``model.safetensors`` (the generator's averaged weights and buffers) and ``history.json`` (both
    losses per 50 steps, images seen, optimiser steps, parameters).
    """

    step: ClassVar[str] = "gan-training"
    version: ClassVar[int] = 1
    code: ClassVar[tuple[str, ...]] = (
        "suite.generators.biggan.blocks",
        "suite.generators.biggan.network",
        "suite.generators.biggan.shape",
        "suite.generators.biggan.training",
        "suite.generators.common.averaging",
        "suite.generators.common.losses",
        "suite.generators.common.minibatches",
        "suite.generators.common.resizing",
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
    def cost(self) -> CostEstimate:
        """Estimate both networks' training.

        A step of the discriminator takes a generated batch, and a forward and backward pass of it and of a real one;
        a step of the generator passes through both networks, and back without gradients by the discriminator's weights.
        """
        settings, one = self.settings, self.layers
        other = discriminator_layers(settings, self.classes, self.size)
        against = one.operations + 2 * (1 + BACKWARD) * other.operations
        forwards = (1 + BACKWARD) * one.operations + BACKWARD * other.operations
        batch = settings.batch_size
        return CostEstimate(
            operations=settings.steps * batch * (settings.discriminator_steps * against + forwards),
            payload=FLOAT32 * one.parameters,
            memory=one.training(batch, GENERATOR_COPIES, self.compute)
            + other.training(2 * batch, DISCRIMINATOR_COPIES, self.compute)
            + self.real.pixel_bytes,
        )

    def build(self, context: BuildContext) -> None:
        """Train; resumes from the newest checkpoint.

        Raises:
            Diverged: If a loss is not finite.
        """
        from suite.generators.biggan.training import train

        train(self, context)


class SampleGan(ImageSet):
    """Images from a trained generator, exactly so many a class, in the order of the labels.

    The payload is ``images.safetensors`` and ``summary.json`` (n, truncation, evaluations per image).
    """

    step: ClassVar[str] = "gan-samples"
    version: ClassVar[int] = 1
    code: ClassVar[tuple[str, ...]] = (
        "suite.generators.biggan.blocks",
        "suite.generators.biggan.network",
        "suite.generators.biggan.shape",
        "suite.generators.biggan.sampling",
        "suite.generators.common.resizing",
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
        """Generator, step, images it learnt from, seed."""
        return f"biggan, samples for {self.trained.real.label}, seed {self.seed}"

    @property
    def cost(self) -> CostEstimate:
        """Estimate one pass of the generator an image, the last batch filled up."""
        layers, batch = self.trained.layers, self.settings.batch_size
        made = -(-sum(self.per_class) // batch) * batch
        update = {"operations": made * layers.operations, "memory": layers.inference(batch)}
        return super().cost.model_copy(update=update)

    def build(self, context: BuildContext) -> None:
        """Draw the samples; goes on after the last finished batch.

        Raises:
            Diverged: If samples are not finite or all alike.
        """
        from suite.generators.biggan.sampling import sample

        sample(self, context)
