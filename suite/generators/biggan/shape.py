"""Heights and channels of BigGAN's two networks; light, so that planning can ask."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from suite.generators.biggan.settings import GanTraining

FULL_WIDTH_UP_TO = 32


def sizes(settings: "GanTraining", size: int) -> list[int]:
    """Return the heights the generator goes through: from ``bottom``, doubling, to the first at least ``size``."""
    heights: list[int] = [settings.bottom]
    while heights[-1] < size or len(heights) == 1:
        heights.append(2 * heights[-1])
    return heights


def widths(settings: "GanTraining", size: int) -> list[int]:
    """Return the channels at each of these sizes."""
    return [max(1, settings.channels * FULL_WIDTH_UP_TO // max(FULL_WIDTH_UP_TO, at)) for at in sizes(settings, size)]
