"""A Gaussian distribution of each class's pixels: the simplest generator that learns anything, in one module."""

from typing import Annotated, ClassVar

from pydantic import Field

from suite.artifacts import BuildContext, Recipe
from suite.compute import Compute
from suite.errors import BadData
from suite.generators.generator import Generator, GeneratorSettings, Request, TrainedOn
from suite.images import ImageSet
from suite.images.image_set import IMAGES

MODEL = "model.safetensors"


class GaussianSettings(GeneratorSettings):
    """Everything that changes the images.

    Attributes:
        components: Directions in which the images of a class vary, the strongest ones.
        spread: How far samples stray from the mean; 1 is as far as the training images do.
    """

    components: Annotated[int, Field(ge=1)] = 32
    spread: Annotated[float, Field(gt=0)] = 1.0


class FitGaussians(Recipe):
    """Mean and principal axes of each class.

    The payload is ``model.safetensors``: ``means`` float64 (K, P) and ``axes`` float64 (K, components, P), each axis
    as long as its standard deviation, for K classes and P values an image.
    """

    step: ClassVar[str] = "gaussian-fit"
    version: ClassVar[int] = 1

    real: ImageSet
    classes: int
    components: int
    compute: Compute

    @property
    def label(self) -> str:
        """Generator, step, images it learns from."""
        return f"gaussian, fit to {self.real.label}"

    def build(self, context: BuildContext) -> None:
        """Fit one class after the other; raises BadData if one has fewer than two images."""
        import numpy as np

        data = self.real.open(context.store)
        pixels = data.images.reshape(len(data), -1).astype(np.float64)
        means = np.zeros((self.classes, pixels.shape[1]))
        axes = np.zeros((self.classes, self.components, pixels.shape[1]))
        for label in range(self.classes):
            own = pixels[data.labels == label]
            if len(own) < 2:
                raise BadData(f"{self.label}: class {label} has {len(own)} images, two are needed: take more")
            means[label] = own.mean(axis=0)
            _, lengths, directions = np.linalg.svd(own - means[label], full_matrices=False)
            found = (lengths[:, np.newaxis] * directions)[: self.components] / np.sqrt(len(own) - 1)
            axes[label, : len(found)] = found
            context.progress(label + 1, self.classes)
        context.write_tensors(MODEL, {"means": means, "axes": axes})


class GaussianImages(ImageSet):
    """Images drawn from the fitted distributions, exactly so many a class, in the order of the labels."""

    step: ClassVar[str] = "gaussian-samples"
    version: ClassVar[int] = 1

    fit: FitGaussians
    per_class: tuple[int, ...]
    size: int
    spread: float
    seed: int
    compute: Compute

    @property
    def counts(self) -> tuple[int, ...]:
        """Images per class."""
        return self.per_class

    @property
    def label(self) -> str:
        """Generator, step, images it learnt from, seed."""
        return f"gaussian, samples for {self.fit.real.label}, seed {self.seed}"

    def build(self, context: BuildContext) -> None:
        """Draw each image with random numbers of its own, so that it does not depend on the others."""
        import numpy as np

        from suite.randomness import numpy_generator

        model = context.artifact(self.fit).tensors(MODEL)
        images, labels = [], []
        for label, count in enumerate(self.per_class):
            for number in range(count):
                draw = numpy_generator(self.seed, f"image of class {label}", number)
                weights = self.spread * draw.standard_normal(self.fit.components)
                image = model["means"][label] + weights @ model["axes"][label]
                images.append(np.rint(image).clip(0, 255).astype(np.uint8).reshape(self.size, self.size, 3))
                labels.append(label)
                context.progress(len(images), sum(self.per_class))
        context.write_tensors(IMAGES, {"images": np.stack(images), "labels": np.array(labels, dtype=np.int64)})


class Gaussian(Generator):
    """Fits means and covariances of pixels, class by class, and draws from them."""

    name = "gaussian"
    title = "Gaussian of each class"
    trained_on: TrainedOn = "this train split"
    settings = GaussianSettings

    def synthetic(self, request: Request, settings: GeneratorSettings) -> GaussianImages:
        """Plan one fit for all seeds, and the samples that are asked for."""
        assert isinstance(settings, GaussianSettings)
        fit = FitGaussians(
            real=request.real,
            classes=len(request.classes),
            components=settings.components,
            compute=request.compute,
        )
        return GaussianImages(
            fit=fit,
            per_class=request.counts,
            size=request.size,
            spread=settings.spread,
            seed=request.seed,
            compute=request.compute,
        )
