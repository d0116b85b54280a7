"""Pure functions of the audit: mean predictions, contradicted labels, and equal images."""

from collections.abc import Sequence
from hashlib import blake2b

import numpy as np
from numpy.typing import NDArray

ABSENT = -1

Doubles = NDArray[np.float64]
Labels = NDArray[np.int64]


def mean_probabilities(of_seeds: Sequence[NDArray[np.float32]]) -> Doubles:
    """Return the mean over classifier seeds of class probabilities: float64 (N, classes)."""
    mean: Doubles = np.stack(of_seeds).mean(axis=0, dtype=np.float64)
    return mean


def contradicted(probabilities: Doubles, labels: Labels, least: float) -> NDArray[np.bool_]:
    """Return whether another class than the label is predicted, with a probability of at least ``least``: bool (N,)."""
    other: NDArray[np.bool_] = (probabilities.argmax(axis=1) != labels) & (probabilities.max(axis=1) >= least)
    return other


def first_equal(images: NDArray[np.uint8]) -> Labels:
    """Return for each image the first earlier one with equal pixels, -1 for none.

    Args:
        images: uint8, (N, H, W, 3).
    """
    first: dict[bytes, int] = {}
    found = [
        first.setdefault(blake2b(image.tobytes(), digest_size=16).digest(), index) for index, image in enumerate(images)
    ]
    indices = np.array(found, dtype=np.int64)
    return np.where(indices < np.arange(len(indices)), indices, ABSENT)
