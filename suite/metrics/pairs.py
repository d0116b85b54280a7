"""Everything that takes all pairs of images: neighbours, balls and kernel means, in one tiled pass.

One product of two feature matrices feeds precision, recall, density, coverage, the copying scores and the kernel
distance. It is taken in float32, in tiles of 1024 x 1024, so that memory is a copy of the features (4 D bytes an
image) and 20 MB, however many pairs there are. Features are centred first, which no distance notices and which keeps
the digits that |x|^2 + |y|^2 - 2 x y would lose.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

TILE = 1024
FINE, COARSE = 3, 5

Floats = NDArray[np.float32]
Doubles = NDArray[np.float64]


@dataclass(frozen=True)
class Within:
    """Pairs inside one set of N images.

    Attributes:
        radii: float32, (N, 5): distance of each image to its nearest others, nearest first; infinite where there are
            not so many.
        kernel: float64, (N,): mean kernel of each image with all others.
    """

    radii: Floats
    kernel: Doubles


@dataclass(frozen=True)
class Between:
    """Pairs between N synthetic and M reference images; a ball's radius is the distance to a k-th nearest other.

    Attributes:
        nearest: int64, (N,): index of the nearest reference image.
        to_reference: float32, (N,): distance to it, exactly 0 for a copy.
        in_reference: bool, (N,): whether an image lies in a 3-neighbour ball of any reference image.
        in_synthetic: bool, (M,): whether a reference image lies in a 3-neighbour ball of any synthetic image.
        balls: int64, (N,): how many 5-neighbour balls of reference images hold an image in their interior.
        covered: bool, (M,): whether a reference image's 5-neighbour ball holds any synthetic image in its interior.
        kernel: float64, (N,): mean kernel of each synthetic image with the reference.
        kernel_reference: float64, (M,): mean kernel of each reference image with the synthetic ones.
    """

    nearest: NDArray[np.int64]
    to_reference: Floats
    in_reference: NDArray[np.bool_]
    in_synthetic: NDArray[np.bool_]
    balls: NDArray[np.int64]
    covered: NDArray[np.bool_]
    kernel: Doubles
    kernel_reference: Doubles


def within(features: Floats) -> Within:
    """Compare every image of a set with every other: features float32, (N, D), N at least 2."""
    count = len(features)
    squares_kept = np.full((count, COARSE), np.inf, dtype=np.float32)
    kernel = np.zeros(count)
    for rows, columns, squares, kernels in _tiles(features, features, symmetric=True):
        if rows == columns:
            np.fill_diagonal(squares, np.inf)
            np.fill_diagonal(kernels, 0)
        else:
            squares_kept[columns] = _nearest(squares_kept[columns], squares.T)
            kernel[columns] += kernels.sum(axis=0, dtype=np.float64)
        squares_kept[rows] = _nearest(squares_kept[rows], squares)
        kernel[rows] += kernels.sum(axis=1, dtype=np.float64)
    return Within(np.sqrt(np.sort(squares_kept, axis=1)), kernel / (count - 1))


def between(synthetic: Floats, reference: Floats, synthetic_within: Within, reference_within: Within) -> Between:
    """Compare every synthetic image (N, D) with every reference image (M, D), given the balls inside each set."""
    count, others = len(synthetic), len(reference)
    fine, coarse = (np.square(reference_within.radii[:, k - 1]) for k in (FINE, COARSE))
    synthetic_fine = np.square(synthetic_within.radii[:, FINE - 1])
    least = np.full(count, np.inf, dtype=np.float32)
    nearest = np.zeros(count, dtype=np.int64)
    in_reference, in_synthetic, covered = (np.zeros(size, dtype=np.bool_) for size in (count, others, others))
    balls = np.zeros(count, dtype=np.int64)
    kernel, kernel_reference = np.zeros(count), np.zeros(others)
    for rows, columns, squares, kernels in _tiles(synthetic, reference):
        closest = squares.argmin(axis=1)
        distance = squares[np.arange(len(squares)), closest]
        nearest[rows] = np.where(distance < least[rows], closest + columns.start, nearest[rows])
        least[rows] = np.minimum(distance, least[rows])
        in_reference[rows] |= (squares <= fine[columns]).any(axis=1)
        in_synthetic[columns] |= (squares <= synthetic_fine[rows, None]).any(axis=0)
        inside = squares < coarse[columns]
        balls[rows] += np.count_nonzero(inside, axis=1)
        covered[columns] |= inside.any(axis=0)
        kernel[rows] += kernels.sum(axis=1, dtype=np.float64)
        kernel_reference[columns] += kernels.sum(axis=0, dtype=np.float64)
    return Between(
        nearest=nearest,
        to_reference=np.linalg.norm(synthetic - reference[nearest], axis=1),
        in_reference=in_reference,
        in_synthetic=in_synthetic,
        balls=balls,
        covered=covered,
        kernel=kernel / others,
        kernel_reference=kernel_reference / count,
    )


def _tiles(a: Floats, b: Floats, *, symmetric: bool = False) -> Iterator[tuple[slice, slice, Floats, Floats]]:
    """Yield tiles of squared distances and kernels, which may be overwritten; with symmetry those above the diagonal.

    The kernel is the cubic (x y / D + 1)^3 of Binkowski et al., ICLR 2018, of the features as they are.
    """
    dimension = a.shape[1]
    centre = b.mean(axis=0, dtype=np.float64).astype(np.float32)
    x = a - centre
    y = x if symmetric else b - centre
    x_squares, y_squares = _squares(x), _squares(y)
    # x y = (x - c)(y - c) + x c + (y - c) c: the kernel is made of the same product as the distances
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


def _squares(vectors: Floats) -> Floats:
    squares: Doubles = np.einsum("nd,nd->n", vectors, vectors, dtype=np.float64)
    return squares.astype(np.float32)


def _nearest(kept: Floats, squares: Floats) -> Floats:
    """Return the least of each row of both, unordered, as many as are kept."""
    candidates = np.concatenate([kept, squares], axis=1)
    candidates.partition(COARSE - 1, axis=1)
    return candidates[:, :COARSE]
