"""Small random image sets."""

from typing import ClassVar

import numpy as np
import pytest

from suite.images import ImageSet
from suite.images.image_set import IMAGES


class RandomImages(ImageSet):
    """Noisy images in the colours of two classes; the first images do not depend on the count."""

    step: ClassVar[str] = "random-images"
    version: ClassVar[int] = 1

    seed: int
    count: int
    size: int = 8
    mislabelled: bool = False
    contrast: float = 1.0

    @property
    def counts(self):
        return None

    def build(self, context):
        images = np.empty((self.count, self.size, self.size, 3), dtype=np.uint8)
        for index in range(self.count):
            rng = np.random.default_rng((self.seed, index))
            colour = np.array([60, 120, 180]) if index % 2 else np.array([180, 90, 60])
            images[index] = np.clip(colour + self.contrast * rng.normal(0, 40, images.shape[1:]), 0, 255)
        labels = np.arange(self.mislabelled, self.count + self.mislabelled, dtype=np.int64) % 2
        context.write_tensors(IMAGES, {"images": images, "labels": labels})


@pytest.fixture
def random_images():
    """Return the recipe class of random image sets."""
    return RandomImages
