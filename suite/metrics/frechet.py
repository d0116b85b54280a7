"""The Fréchet distance between two Gaussians, exact even with fewer images than dimensions."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from suite.randomness import numpy_generator


@dataclass(frozen=True)
class Gaussian:
    """Mean and covariance of a set of features; the covariance is stored as a root to keep full precision.

    Attributes:
        mean: float64, (D,).
        root: float64, (R, D) with R = min(N, D); ``root.T @ root`` is the unbiased covariance.
    """

    mean: NDArray[np.float64]
    root: NDArray[np.float64]


def fit_gaussian(features: NDArray[np.floating]) -> Gaussian:
    """Return mean and covariance root of features, computed in float64.

    The root is the matrix of centred features divided by sqrt(N - 1), or its triangular QR factor if N > D.

    Args:
        features: (N, D).

    Raises:
        ValueError: If there are fewer than two images.
    """
    count, dimension = features.shape
    if count < 2:
        raise ValueError(f"a covariance needs at least two images, not {count}")
    centred = features.astype(np.float64)
    mean = centred.mean(axis=0)
    centred -= mean
    centred /= np.sqrt(count - 1)
    return Gaussian(mean, centred if count <= dimension else np.asarray(np.linalg.qr(centred, mode="r")))


def frechet_distance(a: Gaussian, b: Gaussian) -> float:
    """Return the squared 2-Wasserstein distance between two Gaussians; FID if the features are Inception features.

    |mean_a - mean_b|^2 + tr(C_a + C_b - 2 (C_a C_b)^(1/2)), Dowson and Landau 1982; Heusel et al., NeurIPS 2017.
    With roots A and B of the covariances, tr((C_a C_b)^(1/2)) is the sum of the singular values of A B^T. This needs no
    matrix square root, keeps full precision along directions without variance (an eigenvalue decomposition keeps half
    the digits there), and with N images per set needs no matrix larger than N x N.

    Args:
        a: First Gaussian, D dimensions.
        b: Second Gaussian, D dimensions.

    Returns:
        A number of at least 0, in squared units of the features.
    """
    cross = np.linalg.svd(a.root @ b.root.T, compute_uv=False).sum()
    return max(0.0, _without_cross(a, b) - 2 * float(cross))  # rounding can give a tiny negative number for equal sets


def extrapolated_frechet_distance(
    distance: float, features: NDArray[np.floating], reference: Gaussian, seed: int
) -> float:
    """Return the Fréchet distance to a reference, extrapolated to infinitely many images in ``features``.

    The bias of the distance falls as 1/N (Chong and Forsyth, "Effectively unbiased FID", CVPR 2020), so
    2 FD(N) - FD(N/2) removes it to first order; FD(N/2) is the mean over two random halves. The bias due to the finite
    number of reference images remains.

    Args:
        distance: FD(N), the distance of all N images.
        features: (N, D) with N > 2 D; the bias is not proportional to 1/N if half of the images do not span the space.
        reference: Mean and covariance of the reference features.
        seed: Seed of the random halves.

    Returns:
        An estimate, which can be negative if the two distributions are similar.
    """
    order = numpy_generator(seed, "halves for the Fréchet distance").permutation(len(features))
    half = len(features) // 2
    halves = (_frechet_distance_of_half(features[order[part]], reference) for part in (slice(half), slice(-half, None)))
    return 2 * distance - sum(halves) / 2


def _frechet_distance_of_half(features: NDArray[np.floating], reference: Gaussian) -> float:
    """Return the Fréchet distance by eigenvalues: twice as fast, with half the digits.

    The sampling error of a random half is far larger than this loss of precision.
    """
    mean = features.mean(axis=0, dtype=np.float64)
    root = (features - mean) / np.sqrt(len(features) - 1)
    product = root @ reference.root.T
    squares = np.linalg.eigvalsh(product.T @ product)
    return _without_cross(Gaussian(mean, root), reference) - 2 * float(np.sqrt(squares.clip(min=0)).sum())


def _without_cross(a: Gaussian, b: Gaussian) -> float:
    difference = a.mean - b.mean
    return float(difference @ difference + np.square(a.root).sum() + np.square(b.root).sum())
