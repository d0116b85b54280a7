"""``cd``: a class-conditional diffusion model, trained from scratch on the real training images."""

from typing import Annotated, ClassVar, Literal, Self

from pydantic import Field, model_validator

from suite.artifacts import Recipe, Work, Workbench
from suite.artifacts.demand import SAMPLING, TRAINING, Demand
from suite.compute import Compute
from suite.errors import UsageError
from suite.generators.diffusion.layers import denoiser_layers
from suite.generators.generator import Generator, Request, Settings, Sight, generators, resized_to
from suite.images import ImageSet
from suite.layers import BACKWARD, FLOAT32, Layers

WEIGHTS = "model.safetensors"
HISTORY = "history.json"
SUMMARY = "summary.json"
COPIES = 4  # gradient, two moments and the average, beside each weight


class DiffusionTraining(Settings):
    """Everything about the network and its training but its data and its seed; the defaults are DDPM's for CIFAR-10.

    Attributes:
        size: Height and width the network works at; None is the dataset's size. At any other size the real images are
            resized to it and the samples back, both by Pillow's antialiased bicubic filter.
        channels: Channels of each level; every level after the first halves height and width.
        layers: Residual blocks a level, on the way down; one more on the way up.
        attention: Levels with self-attention, counted from 0, the finest; with any, the middle has it too.
        norm_groups: Groups of the group normalisation; divides every level's channels.
        prediction: What the network predicts: the noise, or the velocity of Salimans and Ho, arXiv 2202.00512.
        label_dropout: Share of the training labels replaced by "no class", which guidance needs.
        batch_size: Images a step.
        steps: Optimiser steps.
        learning_rate: Peak of AdamW's learning rate: linear up over ``warmup`` steps, cosine down to 0.
        warmup: Steps that climb.
        weight_decay: Of AdamW.
        clip: Largest norm of the gradient.
        ema: Decay of the exponential average of the weights, which is what samples are made with.
        flip: Whether training images are mirrored left to right at random.
    """

    size: Annotated[int, Field(ge=4)] | None = None
    channels: Annotated[tuple[Annotated[int, Field(ge=1)], ...], Field(min_length=1)] = (128, 256, 256, 256)
    layers: Annotated[int, Field(ge=1)] = 2
    attention: tuple[Annotated[int, Field(ge=0)], ...] = (1,)
    norm_groups: Annotated[int, Field(ge=1)] = 32
    prediction: Literal["v_prediction", "epsilon"] = "v_prediction"
    label_dropout: Annotated[float, Field(ge=0, lt=1)] = 0.1
    batch_size: Annotated[int, Field(ge=1)] = 128
    steps: Annotated[int, Field(ge=1)] = 200_000
    learning_rate: Annotated[float, Field(gt=0)] = 2e-4
    warmup: Annotated[int, Field(ge=0)] = 1_000
    weight_decay: Annotated[float, Field(ge=0)] = 0.0
    clip: Annotated[float, Field(gt=0)] = 1.0
    ema: Annotated[float, Field(ge=0, lt=1)] = 0.9999
    flip: bool = True

    @model_validator(mode="after")
    def _fits_together(self) -> Self:
        if any(channels % self.norm_groups for channels in self.channels):
            raise ValueError(f"norm_groups {self.norm_groups} does not divide every one of channels {self.channels}")
        if any(level >= len(self.channels) for level in self.attention):
            raise ValueError(f"attention {self.attention} names a level that channels {self.channels} do not have")
        return self


class DiffusionSampling(Settings):
    """How samples are drawn from a trained network; no part of the training's key.

    Attributes:
        solver: ``dpm-solver++`` (second order, arXiv 2211.01095), ``ddim`` (arXiv 2010.02502) or ``ddpm``
            (arXiv 2006.11239).
        steps: Steps of the solver, each one evaluation of the network an image, or two with guidance.
        guidance: Weight w of classifier-free guidance (arXiv 2207.12598) as diffusers counts it: the prediction is
            free + w (conditional - free), and 1 is no guidance.
        batch_size: Images made at once.
    """

    solver: Literal["dpm-solver++", "ddim", "ddpm"] = "dpm-solver++"
    steps: Annotated[int, Field(ge=1, le=1000)] = 50
    guidance: Annotated[float, Field(ge=1)] = 1.0
    batch_size: Annotated[int, Field(ge=1)] = 256

    @property
    def evaluations(self) -> int:
        """Evaluations of the network per image."""
        return self.steps * (1 if self.guidance == 1 else 2)


class DiffusionSettings(Settings):
    """``[generator.cd]``: how it is trained, and how it is sampled from."""

    training: DiffusionTraining = DiffusionTraining()
    sampling: DiffusionSampling = DiffusionSampling()

    @model_validator(mode="after")
    def _guidance_was_trained_for(self) -> Self:
        if self.sampling.guidance != 1 and not self.training.label_dropout:
            raise ValueError("guidance other than 1 needs training with label_dropout above 0")
        return self


class TrainDiffusion(Recipe):
    """A class-conditional UNet trained to denoise one set of images.

    The payload is ``model.safetensors`` (the averaged weights) and ``history.json`` (loss per 50 steps, images seen,
    optimiser steps, parameters).
    """

    step: ClassVar[str] = "diffusion-training"
    version: ClassVar[int] = 1
    code: ClassVar[tuple[str, ...]] = (
        "suite.generators.diffusion.network",
        "suite.generators.diffusion.training",
        "suite.generators.loops.averaging",
        "suite.generators.loops.losses",
        "suite.generators.loops.minibatches",
        "suite.generators.loops.resizing",
        "suite.randomness",
    )
    imports: ClassVar[tuple[str, ...]] = ("torch", "diffusers.models.unets.unet_2d")
    demand: ClassVar[Demand] = TRAINING

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
    def work(self) -> Work:
        """Estimate the training: forward and backward for every image seen; the images stay on the device."""
        layers, settings = self.layers, self.settings
        return Work(
            operations=settings.steps * settings.batch_size * layers.operations * (1 + BACKWARD),
            payload=FLOAT32 * layers.parameters,
            memory=layers.training(settings.batch_size, COPIES, self.compute) + self.real.pixel_bytes,
        )

    def build(self, bench: Workbench) -> None:
        """Train; resumes from the newest checkpoint.

        Raises:
            Diverged: If the loss is not finite.
        """
        from suite.generators.diffusion.training import train

        train(self, bench)


class SampleDiffusion(ImageSet):
    """Images drawn from a trained network, exactly so many a class, in the order of the labels.

    The payload is ``images.safetensors`` and ``summary.json`` (n, solver, steps, guidance, evaluations per image).
    """

    step: ClassVar[str] = "diffusion-samples"
    version: ClassVar[int] = 2
    code: ClassVar[tuple[str, ...]] = (
        "suite.generators.diffusion.network",
        "suite.generators.diffusion.sampling",
        "suite.generators.loops.resizing",
        "suite.generators.loops.sampling",
        "suite.randomness",
    )
    imports: ClassVar[tuple[str, ...]] = ("torch", "diffusers.models.unets.unet_2d")
    demand: ClassVar[Demand] = SAMPLING

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
    def work(self) -> Work:
        """Estimate the solver's evaluations, the last batch filled up; with guidance two images stand for one."""
        layers, settings = self.trained.layers, self.settings
        made = -(-sum(self.per_class) // settings.batch_size) * settings.batch_size
        return super().work.model_copy(
            update={
                "operations": made * settings.evaluations * layers.operations,
                "memory": layers.inference(settings.batch_size * (1 if settings.guidance == 1 else 2)),
            }
        )

    def build(self, bench: Workbench) -> None:
        """Draw the samples; goes on after the last finished batch.

        Raises:
            Diverged: If samples are not finite or all alike.
        """
        from suite.generators.diffusion.sampling import sample

        sample(self, bench)


@generators.register
class ClassConditionalDiffusion(Generator):
    """The paper's CD: "a simple Denoising Diffusion Probabilistic Model from scratch", conditioned on class labels.

    The paper gives no hyperparameters. The network is diffusers' UNet2DModel with a learned embedding per class and
    one for "no class"; the noise schedule is the squared cosine of Nichol and Dhariwal, arXiv 2102.09672.
    """

    name = "cd"
    title = "class-conditional diffusion"
    saw: Sight = "this train split"
    settings = DiffusionSettings

    def about(self, settings: Settings, size: int) -> str:
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

    def synthetic(self, request: Request, settings: Settings) -> SampleDiffusion:
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
