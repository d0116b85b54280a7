"""Search for test images among synthetic images: the same pixels, similar pixels, and close features.

The question is asked once for each *test* image, so that a complete test set among many other images is found: the
share of synthetic images that are copies would be small there.

Pixels are compared in two steps. Thumbnails give the most similar synthetic image to each test image and to its mirror
image. The pair is then compared on a grid of at most 64 x 64 pixels, slightly blurred, at nine shifts of up to one grid
pixel. Every image is reduced to zero mean and unit norm, so that brightness and contrast do not count; distances are
from 0 to 2. A copy must be several times closer than the nearest other test image, and close in itself. 5,000 synthetic
and 10,000 test images of 32 x 32 pixels take 7 s on one core, 15 s if all are copies. Memory is 3 KB for each synthetic
image and 6 KB for each test image, and 40 MB.

Measured by ``benchmarks/copy_search.py``, November 2026: percentage of test images found if all of them, changed, are
the synthetic set; features are those of EfficientNet-Lite0 at 64 pixels.

    ============================  ======  ========  =============  ========
    change                        digits  CIFAR-10  Imagenette 64  melanoma
    ============================  ======  ========  =============  ========
    none, or mirrored                100       100            100       100
    JPEG, quality 75                  47        98            100        88
    shifted by 1 pixel                 1        99            100       100
    brightness x 1.1                  98       100            100        96
    noise of deviation 5              99       100            100        95
    double size and back               0       100            100       100
    half size and back                 0       100            100       100
    cropped by 1/16 on all sides       0       0.2            0.3         0
    ============================  ======  ========  =============  ========

Real images that are no copies: none of the training images of digits, Imagenette and melanoma, and none of the 50,000
images of CIFAKE, is taken for a copy. With all 50,000 training images of CIFAR-10, 0.3 % of its 10,000 test images are
found, and all that were looked at are duplicates within CIFAR-10. By ``CLOSE`` alone, the most that a tiny test set
can give, 1.1 % would be found in CIFAR-10 (duplicates again), 2.2 % in digits (no copies) and 0.3 % in melanoma.

Not found: copies that are cropped, rotated, moved by more than a pixel, recoloured or redrawn; most blurred or
compressed copies of images of 8 x 8 pixels; a changed copy of a test image that has a near duplicate in the test set;
and parts of several images in one. Features find 4 points more in digits (brightness) and at most 0.3 elsewhere; their
limit was not measured with other extractors.
"""

from hashlib import blake2b
from itertools import product

import numpy as np
import torch
from numpy.typing import NDArray
from torch.nn import functional

from suite.metrics.networks import resize_images

Images = NDArray[np.uint8]
Floats = NDArray[np.float32]
Indices = NDArray[np.int64]

ABSENT = -1
TILE = 1024  # images compared with each other at a time
PAIRS = 64  # pairs of images compared at a time, so that they stay in the processor's cache
CHUNK = 2**22  # bytes of images resized at a time
SMALLEST = 1e-3  # norm of an image of one value, up to rounding
GRID = 64
BLURRED = 16  # smallest images that are blurred; it would leave nothing of 8 x 8 pixels
# Copies are at most FRACTION of the distance to the nearest other test image away, and at most CLOSE. The second rule
# is for small test sets, in which the nearest other image is far away. The smallest fractions of held-back training
# images: digits 0.39, melanoma 0.27, Imagenette 0.45; larger limits find more changed copies and CIFAR-10's own
# duplicates: 0.3 instead of 0.2 finds 1 % of its test images.
CLOSE = 0.2
FRACTION = 0.2
# The smallest fractions of held-back training images: digits 0.59, melanoma 0.49, CIFAR-10 0.42, Imagenette 0.60; with
# 30 test images 0.30, 0.42, 0.35, 0.53.
FEATURE_FRACTION = 0.3


def find_equal(synthetic: Images, test: Images) -> Indices:
    """Find the test images whose pixels, mirrored or not, are those of a synthetic image.

    Args:
        synthetic: uint8, (N, H, W, 3).
        test: uint8, (M, H, W, 3).

    Returns:
        int64, (M,): index of the first such synthetic image; -1 where there is none.
    """
    first: dict[bytes, int] = {}
    for index, image in enumerate(synthetic):
        first.setdefault(_digest(image), index)
    found = [
        next((first[key] for key in map(_digest, (image, image[:, ::-1])) if key in first), ABSENT) for image in test
    ]
    return np.array(found, dtype=np.int64)


def find_similar(synthetic: Images, test: Images, side: int) -> Indices:
    """Find the test images to which a synthetic image is so similar in pixels, mirrored or not, that it is a copy.

    Args:
        synthetic: uint8, (N, H, W, 3).
        test: uint8, (M, H, W, 3).
        side: Height and width of the thumbnails.

    Returns:
        int64, (M,): index of the most similar synthetic image; -1 where none is similar enough.
    """
    count = len(test)
    found = np.full(count, ABSENT, dtype=np.int64)
    if not len(synthetic) or count < 2:
        return found
    gallery = _thumbnails(test, side)
    queries = np.concatenate([gallery, _thumbnails(test[:, :, ::-1], side)])  # row M + i is the mirror image of i
    candidates = _nearest(queries, _thumbnails(synthetic, side))
    distances = _pair_distances(test, np.arange(2 * count), synthetic, candidates).reshape(2, count)
    smallest = distances.min(axis=0)
    close = np.flatnonzero(smallest <= CLOSE)
    rows = np.concatenate([close, close + count])
    others = _nearest(queries[rows], gallery, rows % count)
    to_others = _pair_distances(test, rows, test, others).reshape(2, -1).min(axis=0)
    copied = close[smallest[close] <= FRACTION * to_others]
    found[copied] = candidates.reshape(2, count)[distances.argmin(axis=0)[copied], copied]
    return found


def find_close(synthetic: Floats, test: Floats) -> Indices:
    """Find the test images to which the features of a synthetic image are so close that it is a copy.

    Args:
        synthetic: float32, (N, D), features of the synthetic images.
        test: float32, (M, D), features of the test images.

    Returns:
        int64, (M,): index of the closest synthetic image; -1 where none is close enough.
    """
    count = len(test)
    if not len(synthetic) or count < 2:
        return np.full(count, ABSENT, dtype=np.int64)
    centre = test.mean(axis=0, dtype=np.float64).astype(np.float32)
    queries, gallery = test - centre, synthetic - centre
    candidates, others = _nearest(queries, gallery), _nearest(queries, queries, np.arange(count))
    distances, to_others = (
        np.linalg.norm(queries - nearest, axis=1) for nearest in (gallery[candidates], queries[others])
    )
    return np.where(distances <= FEATURE_FRACTION * to_others, candidates, ABSENT)


def _digest(image: Images) -> bytes:
    return blake2b(image.tobytes(), digest_size=16).digest()


def _nearest(queries: Floats, gallery: Floats, own: Indices | None = None) -> Indices:
    """Return the index of the vector of ``gallery`` (N, D) that is nearest to each of ``queries`` (M, D).

    Args:
        queries: float32, (M, D).
        gallery: float32, (N, D).
        own: int64, (M,): index in ``gallery`` that is not an answer to each query; None if all are.
    """
    best = np.full(len(queries), -np.inf, dtype=np.float32)
    indices = np.zeros(len(queries), dtype=np.int64)
    half_squares = np.einsum("nd,nd->n", gallery, gallery) / 2
    for top in range(0, len(queries), TILE):
        rows = slice(top, top + TILE)
        for left in range(0, len(gallery), TILE):
            scores = queries[rows] @ gallery[left : left + TILE].T  # highest where |x - y|^2 is lowest
            scores -= half_squares[left : left + TILE]
            if own is not None:
                inside = np.flatnonzero((own[rows] >= left) & (own[rows] < left + TILE))
                scores[inside, own[rows][inside] - left] = -np.inf
            columns = scores.argmax(axis=1)
            values = scores[np.arange(len(scores)), columns]
            better = values > best[rows]
            best[rows][better], indices[rows][better] = values[better], columns[better] + left
    return indices


def _pair_distances(test: Images, rows: Indices, others: Images, indices: Indices) -> Floats:
    """Return the distance of each pair of images at the best of nine shifts.

    Args:
        test: uint8, (M, H, W, 3).
        rows: int64, (P,): first image of each pair in ``test``; M + i is the mirror image of i.
        others: uint8, (N, H, W, 3).
        indices: int64, (P,): second image of each pair in ``others``.
    """
    distances = np.full(len(rows), 2, dtype=np.float32)
    for start in range(0, len(rows), PAIRS):
        pairs = slice(start, start + PAIRS)
        images = test[rows[pairs] % len(test)]
        mirrored = rows[pairs] >= len(test)
        images[mirrored] = images[mirrored, :, ::-1]
        first, second = (_grid(part) for part in (images, others[indices[pairs]]))
        for shift in product((-1, 0, 1), repeat=2):
            ahead, back = (
                tuple(slice(max(0, sign * step), min(0, sign * step) or None) for step in shift) for sign in (1, -1)
            )
            products = np.einsum("nd,nd->n", _normalised(first[:, *ahead]), _normalised(second[:, *back]))
            # Not the norm of the difference, which is 0 for two images of one value.
            distances[pairs] = np.minimum(distances[pairs], np.sqrt(np.maximum(0, 2 - 2 * products)))
    return distances


def _thumbnails(images: Images, side: int) -> Floats:
    """Return normalised thumbnails, float32 (N, 3 side side), of images, uint8 (N, H, W, 3)."""
    step = max(1, CHUNK // images[0].size)
    return np.concatenate(
        [_normalised(_resized(images[start : start + step], side)) for start in range(0, len(images), step)]
    )


def _grid(images: Images) -> Floats:
    """Return images, uint8 (N, H, W, 3), on the grid for shifts, float32 (N, S, S, 3), blurred unless they are tiny."""
    side = min(images.shape[1], GRID)
    return _resized(images, side, blurred=side >= BLURRED)


def _resized(images: Images, side: int, blurred: bool = False) -> Floats:
    batch = resize_images(torch.from_numpy(np.ascontiguousarray(images)), side)
    if blurred:
        batch = functional.avg_pool2d(batch, 3, stride=1, padding=1, count_include_pad=False)
    resized: Floats = batch.permute(0, 2, 3, 1).numpy()
    return resized


def _normalised(images: Floats) -> Floats:
    """Return images as vectors (N, D) of zero mean and unit norm; of zeros for an image of one value."""
    vectors: Floats = images.reshape(len(images), -1)
    vectors = vectors - vectors.mean(axis=1, keepdims=True)
    vectors /= np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), SMALLEST)
    return vectors
