"""The Fréchet distance between two Gaussians, exact also where there are fewer images than dimensions."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from suite.randomness import numpy_generator


@dataclass(frozen=True)
class Gaussian:
    """Mean and covariance of a set of features; the covariance as a root, which loses no digits.

    Attributes:
        mean: float64, (D,).
        root: float64, (R, D) with R = min(N, D); ``root.T @ root`` is the unbiased covariance.
    """

    mean: NDArray[np.float64]
    root: NDArray[np.float64]


def gaussian(features: NDArray[np.floating]) -> Gaussian:
    """Return mean and root of the covariance of features (N, D), both taken in float64.

    The root is the centred features themselves, or their triangular factor once there are more images than dimensions.

    Raises:
        ValueError: If there are fewer than two images, which have no covariance.
    """
    count, dimension = features.shape
    if count < 2:
        raise ValueError(f"a covariance takes at least two images, not {count}")
    centred = features.astype(np.float64)
    mean = centred.mean(axis=0)
    centred -= mean
    centred /= np.sqrt(count - 1)
    return Gaussian(mean, centred if count <= dimension else np.asarray(np.linalg.qr(centred, mode="r")))


def frechet_distance(a: Gaussian, b: Gaussian) -> float:
    """Return the squared 2-Wasserstein distance between two Gaussians; FID over Inception features.

    |mean_a - mean_b|^2 + tr(C_a + C_b - 2 (C_a C_b)^(1/2)), Dowson and Landau 1982; Heusel et al., NeurIPS 2017.
    With roots A and B of the covariances the last trace is the sum of the singular values of A B': no square root of a
    product is taken, directions without variance cost no accuracy (an eigenvalue form has half the digits there), and
    with N images on a side nothing is larger than N x N.

    Returns:
        A number of at least 0, in squared units of the features.
    """
    cross = np.linalg.svd(a.root @ b.root.T, compute_uv=False).sum()
    return max(0.0, _without_cross(a, b) - 2 * float(cross))  # rounding may leave equal sets a hair below zero


def extrapolated(distance: float, features: NDArray[np.floating], reference: Gaussian, seed: int) -> float:
    """Return the Fréchet distance to a reference, extrapolated to infinitely many images on this side.

    The distance's bias falls as 1/N (Chong and Forsyth, "Effectively unbiased FID", CVPR 2020), so that
    2 FD(N) - FD(N/2) is free of it to first order; FD(N/2) is the mean over two random halves. What the reference's
    own number of images adds stays.

    Args:
        distance: FD(N).
        features: (N, D) with N above 2 D; the law does not hold where half of them cannot span the space.
        reference: Mean and covariance of the other side.
        seed: Seed of the halving.

    Returns:
        An estimate that may be negative where the sets are alike.
    """
    order = numpy_generator(seed, "halves for the Fréchet distance").permutation(len(features))
    half = len(features) // 2
    halves = (_frechet_distance_of_half(features[order[part]], reference) for part in (slice(half), slice(-half, None)))
    return 2 * distance - sum(halves) / 2


def _frechet_distance_of_half(features: NDArray[np.floating], reference: Gaussian) -> float:
    """Like ``frechet_distance``, in half of the time and to half of the digits: chance decides far earlier ones."""
    mean = features.mean(axis=0, dtype=np.float64)
    root = (features - mean) / np.sqrt(len(features) - 1)
    product = root @ reference.root.T
    squares = np.linalg.eigvalsh(product.T @ product)
    return _without_cross(Gaussian(mean, root), reference) - 2 * float(np.sqrt(squares.clip(min=0)).sum())


def _without_cross(a: Gaussian, b: Gaussian) -> float:
    difference = a.mean - b.mean
    return float(difference @ difference + np.square(a.root).sum() + np.square(b.root).sum())
