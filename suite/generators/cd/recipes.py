"""``cd``: a class-conditional diffusion model, trained from scratch on the real training images."""

from typing import ClassVar

from suite.artifacts import BuildContext, CostEstimate, Recipe
from suite.artifacts.resources import SAMPLING, TRAINING, ResourceRequest
from suite.compute import Compute
from suite.flops import BACKWARD, FLOAT32, Layers
from suite.generators.cd.flops import denoiser_layers
from suite.generators.cd.settings import DiffusionSampling, DiffusionTraining
from suite.images import ImageSet

COPIES = 4  # gradient, two moments and the average, beside each weight


class TrainDiffusion(Recipe):
    """A class-conditional UNet trained to denoise one set of images.

    The payload is ``model.safetensors`` (the averaged weights) and ``history.json`` (loss per 50 steps, images seen,
    optimiser steps, parameters).
    """

    step: ClassVar[str] = "diffusion-training"
    version: ClassVar[int] = 1
    code: ClassVar[tuple[str, ...]] = (
        "suite.generators.cd.network",
        "suite.generators.cd.training",
        "suite.generators.common.averaging",
        "suite.generators.common.losses",
        "suite.generators.common.minibatches",
        "suite.generators.common.resizing",
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
        """Generator, step, images it learns from, seed."""
        return f"cd, training on {self.real.label}, seed {self.seed}"

    @property
    def layers(self) -> Layers:
        """The network's layers at the size it works at."""
        return denoiser_layers(self.settings, self.classes, self.settings.size or self.real.side or 0)

    @property
    def cost(self) -> CostEstimate:
        """Estimate the training: forward and backward for every image seen; the images stay on the device."""
        layers, settings = self.layers, self.settings
        return CostEstimate(
            operations=settings.steps * settings.batch_size * layers.operations * (1 + BACKWARD),
            payload=FLOAT32 * layers.parameters,
            memory=layers.training(settings.batch_size, COPIES, self.compute) + self.real.pixel_bytes,
        )

    def build(self, context: BuildContext) -> None:
        """Train; resumes from the newest checkpoint.

        Raises:
            Diverged: If the loss is not finite.
        """
        from suite.generators.cd.training import train

        train(self, context)


class SampleDiffusion(ImageSet):
    """Images drawn from a trained network, exactly so many a class, in the order of the labels.

    The payload is ``images.safetensors`` and ``summary.json`` (n, solver, steps, guidance, evaluations per image).
    """

    step: ClassVar[str] = "diffusion-samples"
    version: ClassVar[int] = 2
    code: ClassVar[tuple[str, ...]] = (
        "suite.generators.cd.network",
        "suite.generators.cd.sampling",
        "suite.generators.common.resizing",
        "suite.generators.common.sampling",
        "suite.randomness",
    )
    imports: ClassVar[tuple[str, ...]] = ("torch", "diffusers.models.unets.unet_2d")
    resources: ClassVar[ResourceRequest] = SAMPLING

    trained: TrainDiffusion
    size: int
    per_class: tuple[int, ...]
    settings: DiffusionSampling
    seed: int
    compute: Compute

    @property
    def counts(self) -> tuple[int, ...]:
        """Images per class."""
        return self.per_class

    @property
    def label(self) -> str:
        """Generator, step, images it learnt from, seed."""
        return f"cd, samples for {self.trained.real.label}, seed {self.seed}"

    @property
    def cost(self) -> CostEstimate:
        """Estimate the solver's evaluations, the last batch filled up; with guidance two images stand for one."""
        layers, settings = self.trained.layers, self.settings
        made = -(-sum(self.per_class) // settings.batch_size) * settings.batch_size
        return super().cost.model_copy(
            update={
                "operations": made * settings.evaluations * layers.operations,
                "memory": layers.inference(settings.batch_size * (1 if settings.guidance == 1 else 2)),
            }
        )

    def build(self, context: BuildContext) -> None:
        """Draw the samples; goes on after the last finished batch.

        Raises:
            Diverged: If samples are not finite or all alike.
        """
        from suite.generators.cd.sampling import sample

        sample(self, context)
