"""A minimal generator in one module: a Gaussian distribution of the pixels of each class."""

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
    """Settings under ``[generator.gaussian]`` of a profile.

    Attributes:
        components: Number of principal components per class.
        spread: Standard deviation of the samples along each component, relative to that of the training images.
    """

    components: Annotated[int, Field(ge=1)] = 32
    spread: Annotated[float, Field(gt=0)] = 1.0


class FitGaussians(Recipe):
    """Mean and principal axes of each class.

    The payload is ``model.safetensors``: ``means`` float64 (K, P) and ``axes`` float64 (K, components, P), for K
    classes and P values per image. The length of an axis is the standard deviation along it.
    """

    step: ClassVar[str] = "gaussian-fit"
    version: ClassVar[int] = 1

    real: ImageSet
    classes: int
    components: int
    compute: Compute

    @property
    def label(self) -> str:
        """Short text for progress and messages: generator, step, training images."""
        return f"gaussian, fit to {self.real.label}"

    def build(self, context: BuildContext) -> None:
        """Fit the classes one after the other.

        Raises:
            BadData: If a class has fewer than two images.
        """
        import numpy as np

        data = self.real.open(context.store)
        pixels = data.images.reshape(len(data), -1).astype(np.float64)
        means = np.zeros((self.classes, pixels.shape[1]))
        axes = np.zeros((self.classes, self.components, pixels.shape[1]))
        for label in range(self.classes):
            class_pixels = pixels[data.labels == label]
            count = len(class_pixels)
            if count < 2:
                raise BadData(f"{self.label}: class {label} has {count} images, but 2 are needed: use more real images")
            means[label] = class_pixels.mean(axis=0)
            _, lengths, directions = np.linalg.svd(class_pixels - means[label], full_matrices=False)
            class_axes = (lengths[:, np.newaxis] * directions)[: self.components] / np.sqrt(count - 1)
            axes[label, : len(class_axes)] = class_axes
            context.progress(label + 1, self.classes)
        context.write_tensors(MODEL, {"means": means, "axes": axes})


class GaussianImages(ImageSet):
    """Images drawn from the fitted distributions: an exact number per class, in label order."""

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
        """Short text for progress and messages: generator, step, training images, seed."""
        return f"gaussian, samples for {self.fit.real.label}, seed {self.seed}"

    def build(self, context: BuildContext) -> None:
        """Draw each image with its own random generator, so that it does not depend on the other images."""
        import numpy as np

        from suite.randomness import numpy_generator

        model = context.artifact(self.fit).tensors(MODEL)
        images, labels = [], []
        for label, count in enumerate(self.per_class):
            for number in range(count):
                random = numpy_generator(self.seed, f"image of class {label}", number)
                weights = self.spread * random.standard_normal(self.fit.components)
                image = model["means"][label] + weights @ model["axes"][label]
                images.append(np.rint(image).clip(0, 255).astype(np.uint8).reshape(self.size, self.size, 3))
                labels.append(label)
                context.progress(len(images), sum(self.per_class))
        context.write_tensors(IMAGES, {"images": np.stack(images), "labels": np.array(labels, dtype=np.int64)})


class Gaussian(Generator):
    """Fits the mean and the principal components of the pixels of each class, and draws images from them."""

    name = "gaussian"
    title = "Gaussian of each class"
    trained_on: TrainedOn = "this train split"
    settings = GaussianSettings

    def synthetic(self, request: Request, settings: GeneratorSettings) -> GaussianImages:
        """Plan one fit for all seeds, and the requested images."""
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
