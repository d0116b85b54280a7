"""Pairwise distances and kernel sums of two image sets: neighbours, balls and mean kernels in one tiled pass.

One product of two feature matrices gives precision, recall, density, coverage, the copying metrics and the kernel
distance. It is computed in float32, in tiles of 1024 x 1024, so that memory is one copy of the features (4 D bytes per
image) plus 20 MB, for any number of pairs. Features are centred first: this leaves distances unchanged and avoids the
cancellation error of |x|^2 + |y|^2 - 2 x y.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

TILE = 1024
PRECISION_K = 3  # neighbours for precision and recall
DENSITY_K = 5  # neighbours for density and coverage

Floats = NDArray[np.float32]
Doubles = NDArray[np.float64]


@dataclass(frozen=True)
class PairwiseWithin:
    """Pairwise results within one set of N images.

    Attributes:
        radii: float32, (N, 5): distances from each image to its nearest other images, in ascending order; infinite
            where the set has too few images.
        mean_kernel: float64, (N,): mean kernel of each image with all other images.
    """

    radii: Floats
    mean_kernel: Doubles


@dataclass(frozen=True)
class PairwiseBetween:
    """Pairwise results between N synthetic and M reference images.

    The k-neighbour ball of an image has the distance to its k-th nearest other image of the same set as its radius.

    Attributes:
        nearest: int64, (N,): index of the nearest reference image.
        nearest_distance: float32, (N,): distance to the nearest reference image, exactly 0 for a copy.
        in_reference: bool, (N,): whether a synthetic image lies in the 3-neighbour ball of any reference image.
        in_synthetic: bool, (M,): whether a reference image lies in the 3-neighbour ball of any synthetic image.
        ball_counts: int64, (N,): number of 5-neighbour balls of reference images with a synthetic image in their
            interior.
        covered: bool, (M,): whether the interior of a reference image's 5-neighbour ball contains any synthetic image.
        mean_kernel: float64, (N,): mean kernel of each synthetic image with the reference images.
        reference_mean_kernel: float64, (M,): mean kernel of each reference image with the synthetic images.
    """

    nearest: NDArray[np.int64]
    nearest_distance: Floats
    in_reference: NDArray[np.bool_]
    in_synthetic: NDArray[np.bool_]
    ball_counts: NDArray[np.int64]
    covered: NDArray[np.bool_]
    mean_kernel: Doubles
    reference_mean_kernel: Doubles


@contextmanager
def limit_blas_threads(threads: int) -> Iterator[None]:
    """Limit numpy's linear algebra to a number of threads, including libraries loaded after ``Compute.apply``."""
    from threadpoolctl import threadpool_limits

    with threadpool_limits(threads):
        yield


def pairwise_within(features: Floats) -> PairwiseWithin:
    """Compare every image of a set with every other image.

    Args:
        features: float32, (N, D), N at least 2.
    """
    count = len(features)
    nearest_squares = np.full((count, DENSITY_K), np.inf, dtype=np.float32)
    kernel_sums = np.zeros(count)
    for rows, columns, squares, kernels in _tiles(features, features, symmetric=True):
        if rows == columns:
            np.fill_diagonal(squares, np.inf)
            np.fill_diagonal(kernels, 0)
        else:
            nearest_squares[columns] = _smallest(nearest_squares[columns], squares.T)
            kernel_sums[columns] += kernels.sum(axis=0, dtype=np.float64)
        nearest_squares[rows] = _smallest(nearest_squares[rows], squares)
        kernel_sums[rows] += kernels.sum(axis=1, dtype=np.float64)
    return PairwiseWithin(np.sqrt(np.sort(nearest_squares, axis=1)), kernel_sums / (count - 1))


def pairwise_between(
    synthetic: Floats, reference: Floats, synthetic_radii: Floats, reference_radii: Floats
) -> PairwiseBetween:
    """Compare every synthetic image with every reference image.

    Args:
        synthetic: float32, (N, D), features of the synthetic images.
        reference: float32, (M, D), features of the reference images.
        synthetic_radii: ``PairwiseWithin.radii`` of the synthetic images.
        reference_radii: ``PairwiseWithin.radii`` of the reference images.
    """
    count, reference_count = len(synthetic), len(reference)
    precision_radii, density_radii = (np.square(reference_radii[:, k - 1]) for k in (PRECISION_K, DENSITY_K))
    recall_radii = np.square(synthetic_radii[:, PRECISION_K - 1])
    smallest = np.full(count, np.inf, dtype=np.float32)
    nearest = np.zeros(count, dtype=np.int64)
    in_reference = np.zeros(count, dtype=np.bool_)
    in_synthetic, covered = (np.zeros(reference_count, dtype=np.bool_) for _ in range(2))
    ball_counts = np.zeros(count, dtype=np.int64)
    kernel_sums, reference_kernel_sums = np.zeros(count), np.zeros(reference_count)
    for rows, columns, squares, kernels in _tiles(synthetic, reference):
        nearest_column = squares.argmin(axis=1)
        square = squares[np.arange(len(squares)), nearest_column]
        nearest[rows] = np.where(square < smallest[rows], nearest_column + columns.start, nearest[rows])
        smallest[rows] = np.minimum(square, smallest[rows])
        in_reference[rows] |= (squares <= precision_radii[columns]).any(axis=1)
        in_synthetic[columns] |= (squares <= recall_radii[rows, None]).any(axis=0)
        inside = squares < density_radii[columns]
        ball_counts[rows] += np.count_nonzero(inside, axis=1)
        covered[columns] |= inside.any(axis=0)
        kernel_sums[rows] += kernels.sum(axis=1, dtype=np.float64)
        reference_kernel_sums[columns] += kernels.sum(axis=0, dtype=np.float64)
    return PairwiseBetween(
        nearest=nearest,
        nearest_distance=np.linalg.norm(synthetic - reference[nearest], axis=1),
        in_reference=in_reference,
        in_synthetic=in_synthetic,
        ball_counts=ball_counts,
        covered=covered,
        mean_kernel=kernel_sums / reference_count,
        reference_mean_kernel=reference_kernel_sums / count,
    )


def _tiles(a: Floats, b: Floats, *, symmetric: bool = False) -> Iterator[tuple[slice, slice, Floats, Floats]]:
    """Yield rows, columns, squared distances and kernels of each tile.

    The kernel is the cubic (x y / D + 1)^3 of Binkowski et al., ICLR 2018, of the features before centring. The caller
    may overwrite the yielded arrays.

    Args:
        a: float32, (N, D).
        b: float32, (M, D).
        symmetric: Whether ``a`` and ``b`` are the same; tiles below the diagonal are then left out.
    """
    dimension = a.shape[1]
    centre = b.mean(axis=0, dtype=np.float64).astype(np.float32)
    x = a - centre
    y = x if symmetric else b - centre
    x_squares, y_squares = _squared_norms(x), _squared_norms(y)
    # x y = (x - c)(y - c) + x c + (y - c) c, so that the kernel uses the same product as the distances
    x_shift = (a @ centre.astype(np.float64) / dimension + 1).astype(np.float32)
    y_shift = (y @ centre.astype(np.float64) / dimension).astype(np.float32)
    for top in range(0, len(x), TILE):
        rows = slice(top, min(top + TILE, len(x)))
        for left in range(top if symmetric else 0, len(y), TILE):
            columns = slice(left, min(left + TILE, len(y)))
            products = x[rows] @ y[columns].T
            squares = products * np.float32(-2)
            squares += x_squares[rows, None]
            squares += y_squares[columns]
            np.maximum(squares, 0, out=squares)
            products *= np.float32(1 / dimension)
            products += x_shift[rows, None]
            products += y_shift[columns]
            kernels = products * products
            kernels *= products
            yield rows, columns, squares, kernels


def _squared_norms(vectors: Floats) -> Floats:
    squares: Doubles = np.einsum("nd,nd->n", vectors, vectors, dtype=np.float64)
    return squares.astype(np.float32)


def _smallest(previous: Floats, squares: Floats) -> Floats:
    """Return the ``DENSITY_K`` smallest values of each row of both arrays, unordered."""
    candidates = np.concatenate([previous, squares], axis=1)
    candidates.partition(DENSITY_K - 1, axis=1)
    return candidates[:, :DENSITY_K]
