"""Labelled images in the only image format of the suite: uint8, NHWC, RGB."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class LabelledImages:
    """Images with their labels.

    Attributes:
        images: uint8, (N, H, W, 3), RGB, 0 to 255.
        labels: int64, (N,), from 0 to the number of classes - 1.
    """

    images: NDArray[np.uint8]
    labels: NDArray[np.int64]

    def __post_init__(self) -> None:
        if self.images.dtype != np.uint8 or self.images.ndim != 4 or self.images.shape[-1] != 3:
            raise ValueError(f"images must be uint8 NHWC RGB, not {self.images.dtype} {self.images.shape}")
        if self.labels.dtype != np.int64 or self.labels.shape != (len(self.images),):
            raise ValueError(f"labels must be int64 ({len(self.images)},), not {self.labels.dtype} {self.labels.shape}")

    def __len__(self) -> int:
        return len(self.images)

    def take(self, indices: NDArray[np.int64]) -> "LabelledImages":
        """Return the images at ``indices``, in that order."""
        return LabelledImages(self.images[indices], self.labels[indices])

    def counts(self, classes: int) -> tuple[int, ...]:
        """Return the number of images of each class, for labels 0 to ``classes`` - 1."""
        return tuple(np.bincount(self.labels, minlength=classes).tolist())

    def find_degenerate_class(self) -> str:
        """Describe the first class whose images are all identical or all of a single colour; empty if there is none."""
        for label in np.unique(self.labels).tolist():
            images = self.images[self.labels == label].reshape(-1, self.images[0].size // 3, 3)
            single_colour = images.shape[1] > 1 and bool((images == images[:, :1]).all())
            if single_colour or (len(images) > 1 and bool((images == images[:1]).all())):
                problem = "have a single colour" if single_colour else "are the same"
                return f"all {len(images)} images of class {label} {problem}"
        return ""

    @staticmethod
    def concatenate(parts: Sequence["LabelledImages"]) -> "LabelledImages":
        """Return the images of all parts in order; raises ValueError if the image sizes differ."""
        return LabelledImages(
            np.concatenate([part.images for part in parts]), np.concatenate([part.labels for part in parts])
        )
