"""Recipes of ``cd``: training of the diffusion model, and sampling from it."""

from typing import ClassVar

from suite.artifacts import BuildContext, CostEstimate, Recipe
from suite.artifacts.resources import SAMPLING, TRAINING, ResourceRequest
from suite.compute import Compute
from suite.flops import BACKWARD, FLOAT32, Layers
from suite.generators.cd.flops import denoiser_layers
from suite.generators.cd.settings import WEIGHTS, DiffusionSampling, DiffusionTraining
from suite.images import ImageSet

COPIES = 4  # kept for each weight: gradient, two moments and the average


class TrainDiffusion(Recipe):
    """Training of a class-conditional denoising UNet on one set of images.

    The payload is ``model.safetensors`` (the averaged weights) and ``history.json`` (mean loss per 50 steps, images
    seen, optimiser steps, parameters).

    Attributes:
        real: Training images.
        classes: Number of classes.
        settings: Settings of the network and its training.
        seed: Seed of the initial weights and of the training.
        compute: Precision, memory format and threads.
    """

    step: ClassVar[str] = "diffusion-training"
    version: ClassVar[int] = 1
    code: ClassVar[tuple[str, ...]] = (
        "suite.generators.cd.network",
        "suite.generators.cd.training",
        "suite.generators.common.averaging",
        "suite.generators.common.losses",
        "suite.generators.common.minibatches",
        "suite.images.resizing",
        "suite.randomness",
    )
    imports: ClassVar[tuple[str, ...]] = ("torch", "diffusers.models.unets.unet_2d")
    resources: ClassVar[ResourceRequest] = TRAINING

    real: ImageSet
    classes: int
    settings: DiffusionTraining
    seed: int
    compute: Compute

    @property
    def label(self) -> str:
        """Short text for progress and messages: generator, step, training images, seed."""
        return f"cd, training on {self.real.label}, seed {self.seed}"

    @property
    def layers(self) -> Layers:
        """Layers of the network at its working size."""
        return denoiser_layers(self.settings, self.classes, self.settings.size or self.real.side or 0)

    @property
    def cost(self) -> CostEstimate:
        """Estimate a forward and a backward pass for every image seen; the images stay in device memory."""
        layers, settings = self.layers, self.settings
        return CostEstimate(
            operations=settings.steps * settings.batch_size * layers.operations * (1 + BACKWARD),
            payload=FLOAT32 * layers.parameters,
            memory=layers.training(settings.batch_size, COPIES, self.compute) + self.real.pixel_bytes,
        )

    def build(self, context: BuildContext) -> None:
        """Train the network; resumes from the latest checkpoint.

        Raises:
            Diverged: If the loss is not finite or too large.
        """
        from suite.generators.cd.training import train

        train(
            context,
            self.real.open(context.store),
            classes=self.classes,
            settings=self.settings,
            seed=self.seed,
            compute=self.compute,
        )


class SampleDiffusion(ImageSet):
    """Images sampled from a trained network: an exact number per class, in label order.

    The payload is ``images.safetensors`` and ``summary.json`` (n, solver, steps, guidance, strength, evaluations
    per image).

    Attributes:
        trained: The training that made the network.
        size: Height and width of the images in pixels.
        per_class: Number of images per class.
        start: Real training images that samples start from; None to start from noise.
        settings: Settings of the sampling.
        seed: Seed of the noise.
        compute: Precision, memory format and threads.
    """

    step: ClassVar[str] = "diffusion-samples"
    version: ClassVar[int] = 3
    code: ClassVar[tuple[str, ...]] = (
        "suite.generators.cd.network",
        "suite.generators.cd.sampling",
        "suite.images.resizing",
        "suite.generators.common.sampling",
        "suite.randomness",
    )
    imports: ClassVar[tuple[str, ...]] = ("torch", "diffusers.models.unets.unet_2d")
    resources: ClassVar[ResourceRequest] = SAMPLING

    trained: TrainDiffusion
    size: int
    per_class: tuple[int, ...]
    start: ImageSet | None
    settings: DiffusionSampling
    seed: int
    compute: Compute

    @property
    def counts(self) -> tuple[int, ...]:
        """Images per class."""
        return self.per_class

    @property
    def label(self) -> str:
        """Short text for progress and messages: generator, step, training images, seed."""
        return f"cd, samples for {self.trained.real.label}, seed {self.seed}"

    @property
    def cost(self) -> CostEstimate:
        """Estimate the solver's evaluations: the last batch is padded, and guidance doubles the batch."""
        layers, settings = self.trained.layers, self.settings
        evaluated_images = -(-sum(self.per_class) // settings.batch_size) * settings.batch_size
        return super().cost.model_copy(
            update={
                "operations": evaluated_images * settings.evaluations * layers.operations,
                "memory": layers.inference(settings.batch_size * (1 if settings.guidance == 1 else 2)),
            }
        )

    def build(self, context: BuildContext) -> None:
        """Sample the images; resumes after the last finished batch.

        Raises:
            Diverged: If samples are not finite, or all images of a class are the same.
        """
        from suite.generators.cd.network import load_denoiser
        from suite.generators.cd.sampling import Solver, sample

        training = self.trained.settings
        solver = Solver(
            load_denoiser(training, self.trained.classes, context.artifact(self.trained).tensors(WEIGHTS)),
            training,
            self.settings,
            classes=self.trained.classes,
            size=training.size or self.size,
            compute=self.compute,
            device=context.device,
        )
        real = None if self.start is None else self.start.open(context.store)
        sample(
            context, solver, settings=self.settings, counts=self.per_class, size=self.size, seed=self.seed, real=real
        )
