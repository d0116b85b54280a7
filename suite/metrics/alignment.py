"""Distances between pairs of images at the best position and scale, found by Gauss-Newton steps.

Lucas and Kanade, "An iterative image registration technique with an application to stereo vision", IJCAI 1981.
Position and scale are fitted along each axis, so that images that were shifted, or cropped and resized, coincide.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch.nn import functional

from suite.metrics.networks import resize_images

GRID = 32  # largest height and width at which images are compared
STEPS = 6
PAIRS = 64  # pairs compared at a time, so that they stay in the processor's cache
OVERLAP = 0.6  # smallest part of an image that must be inside the other one
DAMPING = 1e-3
LARGEST_STEP = 0.2  # of an image
SMALLEST = 1.0  # norm of pixel values; an image of less contrast is like no other


class Window(NamedTuple):
    """A part of an image; coordinates from 0 to 1."""

    left: float
    top: float
    right: float
    bottom: float

    def slices(self, size: int) -> tuple[slice, slice]:
        """Return its rows and columns in an image of ``size`` x ``size`` pixels, rounded."""
        left, top, right, bottom = (round(size * edge) for edge in self)
        return slice(top, bottom), slice(left, right)


def aligned_distances(
    images: NDArray[np.uint8],
    others: NDArray[np.uint8],
    indices: NDArray[np.int64],
    windows: Sequence[tuple[Window, Window]],
) -> NDArray[np.float32]:
    """Return the distance of each pair of images, reduced to zero mean and unit norm, at the best position and scale.

    Args:
        images: uint8, (P, S, S, 3): first image of each pair.
        others: uint8, (M, S, S, 3).
        indices: int64, (P,): second image of each pair in ``others``.
        windows: Where to start: the parts of the first and of the second image that coincide.

    Returns:
        float32, (P,), 0 to 2. Alignments that compare less than ``OVERLAP`` of the first image do not count.
    """
    starts = torch.tensor([_transform(*pair) for pair in windows], dtype=torch.float32).reshape(-1, 4)
    parts = [
        _align(_grid(images[pairs]), _grid(others[indices[pairs]]), starts[pairs])
        for pairs in (slice(first, first + PAIRS) for first in range(0, len(images), PAIRS))
    ]
    distances: NDArray[np.float32] = torch.cat([torch.zeros(0), *parts]).numpy()
    return distances


def _transform(first: Window, second: Window) -> tuple[float, float, float, float]:
    """Return scale and offset along x, then y, that map coordinates (-1 to 1) of the first image to the second."""
    axes = []
    for low, high in ((0, 2), (1, 3)):
        scale = (second[high] - second[low]) / (first[high] - first[low])
        axes += [scale, 2 * (second[low] - first[low] * scale) + scale - 1]
    return axes[0], axes[1], axes[2], axes[3]


def _grid(images: NDArray[np.uint8]) -> torch.Tensor:
    """Return images on the grid, float32 (N, 3, S, S), slightly blurred: noise and interpolation then count less."""
    batch = resize_images(torch.from_numpy(images), min(images.shape[1], GRID))
    return functional.avg_pool2d(batch, 3, stride=1, padding=1, count_include_pad=False)


def _align(first: torch.Tensor, second: torch.Tensor, transforms: torch.Tensor) -> torch.Tensor:
    """Return the smallest distance of each pair, (P,), over the steps.

    Args:
        first: float32, (P, 3, S, S).
        second: float32, (P, 3, S, S).
        transforms: float32, (P, 4): scale and offset along x, then y, to start from.
    """
    count, _, side, _ = first.shape
    centres = (torch.arange(side) + 0.5) * 2 / side - 1
    best = torch.full((count,), 2.0)
    for step in range(STEPS):
        x, y = (transforms[:, k : k + 1] * centres + transforms[:, k + 1 : k + 2] for k in (0, 2))
        positions = torch.stack([x[:, None, :].expand(-1, side, -1), y[:, :, None].expand(-1, -1, side)], dim=-1)
        warped = functional.grid_sample(second, positions, padding_mode="border", align_corners=False)
        inside = ((y.abs() <= 1)[:, None, :, None] & (x.abs() <= 1)[:, None, None, :]).float()
        target, _ = _normalised(first, inside)
        current, norms = _normalised(warped, inside)
        distances = (2 - 2 * (target * current).sum((1, 2, 3))).clamp_min(0).sqrt()  # not |x - y|: both may be 0
        compared = inside.mean((1, 2, 3)) >= OVERLAP
        best = torch.where(compared, torch.minimum(best, distances), best)
        if step < STEPS - 1:
            transforms = _improved(transforms, (target - current).flatten(1), warped / norms, inside, centres)
    return best


def _normalised(images: torch.Tensor, inside: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """Return images with zero mean and unit norm where ``inside`` is 1, and their norms before; 0 elsewhere."""
    pixels = (3 * inside.sum((1, 2, 3), keepdim=True)).clamp_min(1)
    centred = (images - (images * inside).sum((1, 2, 3), keepdim=True) / pixels) * inside
    norms = centred.flatten(1).norm(dim=1)[:, None, None, None].clamp_min(SMALLEST)
    return centred / norms, norms


def _improved(
    transforms: torch.Tensor, residuals: torch.Tensor, warped: torch.Tensor, inside: torch.Tensor, centres: torch.Tensor
) -> torch.Tensor:
    """Return the transforms after one damped Gauss-Newton step."""
    side = warped.shape[-1]
    along_x, along_y = torch.zeros_like(warped), torch.zeros_like(warped)
    along_x[..., 1:-1] = (warped[..., 2:] - warped[..., :-2]) * (side / 4)
    along_y[:, :, 1:-1] = (warped[:, :, 2:] - warped[:, :, :-2]) * (side / 4)
    along_x, along_y = along_x * inside, along_y * inside
    columns = (along_x * centres, along_x, along_y * centres[:, None], along_y)
    jacobian = torch.stack([column.flatten(1) for column in columns], dim=1)
    normal = jacobian @ jacobian.transpose(1, 2)
    damping = DAMPING * torch.diag_embed(torch.diagonal(normal, dim1=1, dim2=2) + DAMPING)
    delta = torch.linalg.solve(normal + damping, jacobian @ residuals[:, :, None])[:, :, 0]
    delta = delta.clamp(-LARGEST_STEP, LARGEST_STEP)
    scales, offsets = transforms[:, 0::2], transforms[:, 1::2]
    return torch.stack([scales * (1 + delta[:, 0::2]), offsets + scales * delta[:, 1::2]], dim=2).flatten(1)
