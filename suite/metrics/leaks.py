"""Search for copies of real images among synthetic images: equal pixels, and images changed in a usual way.

Equal pixels are compared by hash. Changed copies are searched for in two steps. Thumbnails of 4 x 4 pixels, of several
crops and shifts and of mirror images, give the most similar real image to each synthetic image. The pair is then
aligned on a grid of at most 32 x 32 pixels (``suite.metrics.alignment``). Every image is reduced to zero mean and unit
norm, so that brightness and contrast do not count; distances are from 0 to 2. A synthetic image is a copy if its
distance is at most ``CLOSE``, and at most ``FRACTION`` of that between the real image and its most similar other real
image.

Found are images that are mirrored, brighter, compressed, noisy, resized, shifted by up to an eighth, or cropped by up
to an eighth on each side, and combinations. Not found are rotated, strongly recoloured or redrawn images, parts of
several images in one, and most shifted or cropped images below 16 x 16 pixels. ``docs/copies.md`` has the measured
rates; ``benchmarks/copy_search.py`` measures them.
"""

from dataclasses import dataclass
from hashlib import blake2b
from itertools import product

import numpy as np
import torch
from numpy.typing import NDArray

from suite.metrics.alignment import Window, aligned_distances
from suite.metrics.networks import resize_images

Images = NDArray[np.uint8]
Floats = NDArray[np.float32]
Indices = NDArray[np.int64]

ABSENT = -1
TILE = 1024  # images compared with each other at a time
CHUNK = 2**22  # bytes of images resized at a time
SMALLEST = 1.0  # norm of pixel values; an image of less contrast is like no other
SIDE = 4  # of a thumbnail: 99 % of the copies that a thumbnail of 8 x 8 pixels finds, at a quarter of the time
LARGEST = 64  # height and width that are compared; larger images are reduced first, which takes less time than the rest
ALIGNED = 16  # smallest images that are aligned; there is nothing left to compare in a crop of 8 x 8 pixels
CANDIDATE = 0.4  # largest distance between thumbnails of a pair that is aligned
CLOSE = 0.2
FRACTION = 0.3
MIN_IMAGES = 100  # with fewer real images, the most similar other one is too far away to say what is close

CROP, SHIFT = 1 / 8, 1 / 16  # of the size of an image
FULL = Window(0, 0, 1, 1)


def _views() -> tuple[tuple[Window, Window], ...]:
    """Return pairs of a window of the synthetic image and the window of the real image that it is compared with."""

    def inside(edge: float, left: float, top: float, right: float, bottom: float) -> Window:
        return Window(edge * left, edge * top, 1 - edge * right, 1 - edge * bottom)

    centres = [inside(CROP * part, 1, 1, 1, 1) for part in (0, 1 / 2, 1)]
    corners = [inside(CROP, x, y, 1 - x, 1 - y) for x, y in product((0, 1), repeat=2)]
    shifts = [
        (inside(SHIFT, x > 0, y > 0, x < 0, y < 0), inside(SHIFT, x < 0, y < 0, x > 0, y > 0))
        for x, y in product((-1, 0, 1), repeat=2)
        if x or y
    ]
    return (*((FULL, window) for window in (*centres, *corners)), *shifts)


VIEWS = _views()  # the first one is that of an image that is neither cropped nor shifted


@dataclass(frozen=True)
class Copies:
    """The real image that each of N synthetic images is a changed copy of.

    Attributes:
        indices: int64, (N,): index of the real image; -1 where the image is no copy.
        distances: float32, (N,): distance after alignment; 2 where the image is no copy.
    """

    indices: Indices
    distances: Floats


@dataclass(frozen=True)
class _Candidates:
    """The most similar real image to each of N synthetic images, by thumbnails.

    Attributes:
        scores: float32, (N,): cosine of the thumbnails.
        indices: int64, (N,): the real image.
        views: int64, (N,): index in ``VIEWS``.
        mirrored: bool, (N,): whether the mirror image of the synthetic image is more similar.
    """

    scores: Floats
    indices: Indices
    views: Indices
    mirrored: NDArray[np.bool_]


def find_equal(images: Images, among: Images) -> Indices:
    """Find for each image the first one among others that has its pixels, mirrored or not.

    Args:
        images: uint8, (N, H, W, 3).
        among: uint8, (M, H, W, 3).

    Returns:
        int64, (N,): index of that other image; -1 where there is none.
    """
    first: dict[bytes, int] = {}
    for index, image in enumerate(among):
        first.setdefault(_digest(image), index)
    found = [
        next((first[key] for key in map(_digest, (image, image[:, ::-1])) if key in first), ABSENT) for image in images
    ]
    return np.array(found, dtype=np.int64)


def find_changed(synthetic: Images, real: Images) -> Copies:
    """Find the synthetic images that are copies of real images, also if they were changed in a usual way.

    Args:
        synthetic: uint8, (N, S, S, 3).
        real: uint8, (M, S, S, 3). With fewer than ``MIN_IMAGES`` nothing is found.
    """
    count = len(synthetic)
    copies = Copies(np.full(count, ABSENT, dtype=np.int64), np.full(count, 2, dtype=np.float32))
    if not count or len(real) < MIN_IMAGES:
        return copies
    synthetic, real = _reduced(synthetic), _reduced(real)
    views = VIEWS if real.shape[1] >= ALIGNED else VIEWS[:1]
    nearest = _most_similar(synthetic, real, views)
    rows = np.flatnonzero(_distances(nearest.scores) <= CANDIDATE)
    distances = _pair_distances(synthetic[rows], real, nearest, rows)
    rows, distances = rows[distances <= CLOSE], distances[distances <= CLOSE]
    originals = nearest.indices[rows]
    unique, positions = np.unique(originals, return_inverse=True)
    others = _most_similar(real[unique], real, VIEWS[:1], own=unique)
    to_others = _pair_distances(real[unique], real, others, np.arange(len(unique)))[positions]
    copied = distances <= FRACTION * to_others
    copies.indices[rows[copied]] = originals[copied]
    copies.distances[rows[copied]] = distances[copied]
    return copies


def _digest(image: Images) -> bytes:
    return blake2b(image.tobytes(), digest_size=16).digest()


def _most_similar(
    images: Images, real: Images, views: tuple[tuple[Window, Window], ...], own: Indices | None = None
) -> _Candidates:
    """Find the real image that is most similar to each image, mirrored or not, in any of the views.

    Args:
        images: uint8, (N, S, S, 3).
        real: uint8, (M, S, S, 3).
        views: Pairs of windows.
        own: int64, (N,): the real image that is not an answer to each image; None if all are.
    """
    side = SIDE if real.shape[1] >= ALIGNED else real.shape[1]
    gallery = {window: _thumbnails(real, window, side) for window in {window for _, window in views}}
    count = len(images)
    scores = np.full(count, -np.inf, dtype=np.float32)
    indices, best_views = np.zeros(count, dtype=np.int64), np.zeros(count, dtype=np.int64)
    mirrored = np.zeros(count, dtype=np.bool_)
    for flipped, (view, (window, real_window)) in product((False, True), enumerate(views)):
        queries = _thumbnails(images[:, :, ::-1] if flipped else images, window, side)
        for top, left in product(range(0, count, TILE), range(0, len(real), TILE)):
            rows = slice(top, top + TILE)
            products = queries[rows] @ gallery[real_window][left : left + TILE].T
            if own is not None:
                inside = np.flatnonzero((own[rows] >= left) & (own[rows] < left + TILE))
                products[inside, own[rows][inside] - left] = -np.inf
            columns = products.argmax(axis=1)
            values = products[np.arange(len(products)), columns]
            better = values > scores[rows]
            scores[rows][better], indices[rows][better] = values[better], columns[better] + left
            best_views[rows][better], mirrored[rows][better] = view, flipped
    return _Candidates(scores, indices, best_views, mirrored)


def _pair_distances(images: Images, real: Images, candidates: _Candidates, rows: Indices) -> Floats:
    """Return the distance of each image to its candidate, ``candidates`` at ``rows``; aligned unless they are tiny."""
    if real.shape[1] < ALIGNED:
        return _distances(candidates.scores[rows])
    images = images.copy()
    flipped = candidates.mirrored[rows]
    images[flipped] = images[flipped, :, ::-1]
    windows = [VIEWS[view] for view in candidates.views[rows]]
    return aligned_distances(images, real, candidates.indices[rows], windows)


def _distances(scores: Floats) -> Floats:
    return np.sqrt(np.maximum(0, 2 - 2 * scores))


def _thumbnails(images: Images, window: Window, side: int) -> Floats:
    """Return normalised thumbnails, float32 (N, 3 side side), of a window of images, uint8 (N, S, S, 3)."""
    rows, columns = window.slices(images.shape[1])
    step = max(1, CHUNK // max(1, images[:1].size))
    parts = (images[start : start + step, rows, columns].copy() for start in range(0, len(images), step))
    return np.concatenate(
        [np.zeros((0, 3 * side**2), np.float32), *(_normalised(_resized(part, side)) for part in parts)]
    )


def _reduced(images: Images) -> Images:
    """Return images, uint8 (N, S, S, 3), at no more than ``LARGEST`` pixels."""
    if images.shape[1] <= LARGEST:
        return images
    step = max(1, CHUNK // images[0].size)
    parts = (torch.from_numpy(images[start : start + step]) for start in range(0, len(images), step))
    reduced = [resize_images(part, LARGEST).round().clamp(0, 255).byte().permute(0, 2, 3, 1) for part in parts]
    return np.ascontiguousarray(torch.cat(reduced).numpy())


def _resized(images: Images, side: int) -> Floats:
    resized: Floats = resize_images(torch.from_numpy(images), side).flatten(1).numpy()
    return resized


def _normalised(vectors: Floats) -> Floats:
    """Return vectors (N, D) with zero mean and unit norm; close to zeros for an image of one value."""
    vectors = vectors - vectors.mean(axis=1, keepdims=True)
    vectors /= np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), SMALLEST)
    return vectors
