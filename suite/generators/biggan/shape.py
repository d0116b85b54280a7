"""Image sizes and channels at each level of BigGAN's networks. Does not import torch, for planning."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from suite.generators.biggan.settings import GanTraining

FULL_WIDTH_UP_TO = 32


def sizes(settings: "GanTraining", size: int) -> list[int]:
    """Return the feature map sizes of the generator: from ``bottom``, doubled until at least ``size`` over ``patch``.

    Args:
        settings: Settings of the networks.
        size: Minimum height and width of the images in pixels.

    Returns:
        Heights (equal to widths) in positions, at least two; the last one times ``patch`` is the size of the images.
    """
    heights: list[int] = [settings.bottom]
    while heights[-1] * settings.patch < size or len(heights) == 1:
        heights.append(2 * heights[-1])
    return heights


def image_size(settings: "GanTraining", size: int) -> int:
    """Return the height and width of the networks' images in pixels, at least ``size``."""
    return settings.patch * sizes(settings, size)[-1]


def widths(settings: "GanTraining", size: int) -> list[int]:
    """Return the number of channels at each of the feature map sizes.

    Args:
        settings: Settings of the networks.
        size: Minimum height and width of the images in pixels.
    """
    return [
        max(1, settings.channels * FULL_WIDTH_UP_TO // max(FULL_WIDTH_UP_TO, height))
        for height in sizes(settings, size)
    ]
