"""Images of noise, of any number and size, that are fast to build."""

from typing import ClassVar

from suite.artifacts import BuildContext
from suite.images import ImageSet
from suite.images.image_set import IMAGES


class Noise(ImageSet):
    """Images of uniform noise, labelled.

    Attributes:
        per_class: Images of each class.
        size: Height and width in pixels.
        seed: Seed of the noise.
    """

    step: ClassVar[str] = "benchmark-noise"
    version: ClassVar[int] = 1

    per_class: tuple[int, ...]
    size: int
    seed: int = 0

    @property
    def counts(self) -> tuple[int, ...]:
        """Images per class."""
        return self.per_class

    def build(self, context: BuildContext) -> None:
        """Draw the images."""
        import numpy as np

        labels = np.repeat(np.arange(len(self.per_class)), self.per_class)
        random = np.random.default_rng(self.seed)
        images = random.integers(0, 256, (len(labels), self.size, self.size, 3), dtype=np.uint8)
        context.write_tensors(IMAGES, {"images": images, "labels": labels})
