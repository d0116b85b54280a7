"""Equivalent real images: the number of real images alone that gives the same accuracy."""

from typing import TYPE_CHECKING, Literal

import numpy as np
from pydantic import BaseModel, ConfigDict
from scipy import stats
from scipy.optimize import isotonic_regression

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

Relation = Literal["about", "fewer than", "more than"]

GRID_POINTS = 1001  # sizes between the smallest and the largest at which the curve is evaluated


class EquivalentImages(BaseModel):
    """The number of real images alone that gives the same accuracy.

    Attributes:
        equivalent: That number, or the nearer end of the measured curve if it lies outside.
        relation: ``about``, or on which side of that end of the curve the number lies.
        interval: Confidence interval; an end is None if it lies outside the measured curve. None with one seed.
        smallest: Smallest number of real images measured.
        largest: Largest number of real images measured.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    equivalent: float
    relation: Relation
    interval: tuple[float | None, float | None] | None
    smallest: float
    largest: float

    @property
    def text(self) -> str:
        """The number with its interval in words: ``about 320 (210 to more than 1,347)``."""
        number = f"{self.relation} {self.equivalent:,.0f}"
        if self.interval is None:
            return number
        low, high = self.interval
        from_low = f"fewer than {self.smallest:,.0f}" if low is None else f"{low:,.0f}"
        to_high = f"more than {self.largest:,.0f}" if high is None else f"{high:,.0f}"
        return f"{number} ({from_low} to {to_high})"

    def worth(self, real: int) -> str:
        """Return in words how many further real images have the effect of the synthetic ones.

        Numbers have two significant digits: ``about 900 (600 to 1,300)``.

        Args:
            real: Number of real images in the training set.
        """
        number = "none"
        if self.equivalent > real:
            number = f"{'more than' if self.relation == 'more than' else 'about'} {_rounded(self.equivalent - real)}"
        if self.interval is None or self.interval == (self.largest, None):
            return number
        low, high = self.interval
        if high is not None and high <= real:
            return number
        from_low = "none" if low is None or low <= real else _rounded(low - real)
        to_high = f"more than {_rounded(self.largest - real)}" if high is None else _rounded(high - real)
        return f"{number} ({from_low} to {to_high})"


def equivalent_images(
    sizes: "ArrayLike",
    org: "ArrayLike",
    accuracy: "ArrayLike",
    *,
    alpha: float,
    uncertainty: tuple[float, int] | None = None,
) -> EquivalentImages:
    """Return how many real images alone give the accuracy of a training set with synthetic images.

    For each seed, an isotonic regression makes the accuracy of ``org`` non-decreasing in the number of images, and is
    interpolated linearly in the logarithm of the number. The estimate is the number at which the mean difference over
    seeds is zero. Its interval contains every number at which Student's t test of the differences per seed does not
    reject zero (test inversion, Fieller 1954), and can be open at either end. A classifier without seeds has one
    accuracy; its interval uses the given standard error for every number.

    Args:
        sizes: (S,), increasing numbers of real images, at least 1.
        org: (S, seeds), accuracies of ``org`` in percent.
        accuracy: (seeds,), accuracies of the case in percent, with the same classifier seeds.
        alpha: One minus the confidence level of the interval.
        uncertainty: Standard error in percentage points of the difference between case and ``org``, and its degrees of
            freedom; used with one seed only.

    Raises:
        ValueError: If there are fewer than two sizes, they do not increase, or the shapes do not match.
    """
    sizes, org, accuracy = (np.asarray(values, np.float64) for values in (sizes, org, accuracy))
    if len(sizes) < 2 or sizes[0] < 1 or np.any(np.diff(sizes) <= 0) or org.shape != (len(sizes), len(accuracy)):
        raise ValueError(f"no curve: sizes {sizes.tolist()}, org {org.shape}, accuracy {accuracy.shape}")
    grid = np.union1d(np.geomspace(sizes[0], sizes[-1], GRID_POINTS), sizes)
    curves = [np.interp(np.log(grid), np.log(sizes), isotonic_regression(curve).x) for curve in org.T]
    difference = accuracy[:, None] - np.stack(curves)
    mean = difference.mean(axis=0)
    relation: Relation = "fewer than" if mean[0] < 0 else "more than" if mean[-1] > 0 else "about"
    equivalent = _zero_crossing(grid, mean)
    interval = None
    if len(accuracy) > 1 or uncertainty is not None:
        if len(accuracy) > 1:
            error, degrees = difference.std(axis=0, ddof=1) / np.sqrt(len(accuracy)), len(accuracy) - 1
        elif uncertainty is not None:
            error, degrees = uncertainty
        half = stats.t.isf(alpha / 2, degrees) * error
        not_rejected = [equivalent, *grid[np.abs(mean) <= half].tolist()]
        low, high = min(not_rejected), max(not_rejected)
        interval = (None if low <= grid[0] else low, None if high >= grid[-1] else high)
    return EquivalentImages(
        equivalent=equivalent, relation=relation, interval=interval, smallest=float(sizes[0]), largest=float(sizes[-1])
    )


def _rounded(number: float) -> str:
    return f"{float(f'{number:.2g}'):,.0f}"


def _zero_crossing(grid: "NDArray[np.float64]", difference: "NDArray[np.float64]") -> float:
    """Return the first size at which a non-increasing difference reaches zero, or the last size if it stays above."""
    not_positive = np.flatnonzero(difference <= 0)
    if not len(not_positive):
        return float(grid[-1])
    after = not_positive[0]
    before = max(after - 1, 0)
    log_size = np.interp(0.0, -difference[[before, after]], np.log(grid[[before, after]]))
    return float(np.exp(log_size)) if before != after else float(grid[after])
