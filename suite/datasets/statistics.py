"""Descriptive statistics of a dataset, and the committed statistics that files are compared with."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from pydantic import BaseModel, ConfigDict

from suite.artifacts.files import read_json, replace_json

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

COMMITTED = Path(__file__).with_name("statistics.json")
TOLERANCE = 0.002
DIGITS = 8


class Statistics(BaseModel):
    """Descriptive statistics of a dataset.

    Attributes:
        content: Content id; for lossy files it also depends on the image decoder.
        train: Training images per class.
        test: Test images per class.
        smallest: Width and height of the image with the fewest pixels.
        largest: Width and height of the image with the most pixels.
        mean: Mean of each channel over every pixel of the training images, 0 to 1.
        std: Standard deviation of each channel over every pixel of the training images, 0 to 1.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    content: str
    train: tuple[int, ...]
    test: tuple[int, ...]
    smallest: tuple[int, int]
    largest: tuple[int, int]
    mean: tuple[float, ...]
    std: tuple[float, ...]

    def differences(self, other: "Statistics") -> Iterator[str]:
        """Yield a short text for each value that differs from ``other``, except the content id."""
        for name in ("train", "test", "smallest", "largest"):
            value, expected = getattr(self, name), getattr(other, name)
            if value != expected:
                yield f"{name} {_short(value)}, not {_short(expected)}"
        for name in ("mean", "std"):
            values, expected = getattr(self, name), getattr(other, name)
            if any(abs(value - target) > TOLERANCE for value, target in zip(values, expected, strict=True)):
                yield f"{name} {_short(values)}, not {_short(expected)}"


@dataclass(frozen=True)
class Moments:
    """Sums over pixels as exact integers, from which mean and standard deviation are computed.

    Attributes:
        pixels: Number of pixels.
        sums: Sum of each channel's values, which are 0 to 255.
        squares: Sum of each channel's squared values.
    """

    pixels: int
    sums: tuple[int, ...]
    squares: tuple[int, ...]

    @classmethod
    def of(cls, image: "NDArray[np.uint8]") -> "Moments":
        """Return the sums of one image, uint8 (H, W, 3)."""
        import numpy as np

        flat = image.reshape(-1, 3).astype(np.int64)
        return cls(len(flat), tuple(flat.sum(axis=0).tolist()), tuple((flat**2).sum(axis=0).tolist()))

    @classmethod
    def total(cls, parts: "Sequence[Moments]") -> "Moments":
        """Return the sums over all parts."""
        sums, squares = (
            tuple(sum(channel) for channel in zip(*columns, strict=True))
            for columns in ([part.sums for part in parts], [part.squares for part in parts])
        )
        return cls(sum(part.pixels for part in parts), sums, squares)

    @property
    def mean(self) -> tuple[float, ...]:
        """Mean of each channel, 0 to 1."""
        return tuple(round(total / self.pixels / 255, DIGITS) for total in self.sums)

    @property
    def std(self) -> tuple[float, ...]:
        """Standard deviation of each channel, 0 to 1."""
        return tuple(
            round((square * self.pixels - total**2) ** 0.5 / self.pixels / 255, DIGITS)
            for total, square in zip(self.sums, self.squares, strict=True)
        )


def committed_statistics(name: str) -> Statistics | None:
    """Return the statistics of a dataset from ``statistics.json``, None if it has none."""
    entry = read_json(COMMITTED).get(name)
    return None if entry is None else Statistics.model_validate_json(json.dumps(entry))


def write_committed_statistics(name: str, statistics: Statistics) -> None:
    """Write the statistics of a dataset to ``statistics.json``, replacing previous ones."""
    replace_json(COMMITTED, read_json(COMMITTED) | {name: statistics.model_dump(mode="json")})


def _short(values: tuple[int, ...] | tuple[float, ...]) -> str:
    texts = [f"{value:.3f}" if isinstance(value, float) else str(value) for value in values]
    return " ".join(texts) if len(texts) <= 3 else f"{sum(values)} in {len(values)} classes ({' '.join(texts[:3])} ...)"
