"""How many real images is a synthetic set worth?"""

from typing import TYPE_CHECKING, Literal

import numpy as np
from pydantic import BaseModel, ConfigDict
from scipy import stats
from scipy.optimize import isotonic_regression

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

Relation = Literal["about", "fewer than", "more than"]

STEPS = 1001  # sizes between the smallest and the largest at which the curve is asked


class EquivalentImages(BaseModel):
    """The number of real images that would have given the same accuracy.

    Attributes:
        equivalent: That number, or the end of the curve it lies beyond.
        relation: ``about``, or on which side of that end.
        interval: Its interval; an end is None where the curve was not followed far enough to find it. The whole
            is None with one seed.
        smallest: Smallest number of real images that was tried.
        largest: Largest number of real images that was tried.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    equivalent: float
    relation: Relation
    interval: tuple[float | None, float | None] | None
    smallest: float
    largest: float

    @property
    def text(self) -> str:
        """``about 320 (210 to more than 1,347)``."""
        number = f"{self.relation} {self.equivalent:,.0f}"
        if self.interval is None:
            return number
        low, high = self.interval
        from_low = f"fewer than {self.smallest:,.0f}" if low is None else f"{low:,.0f}"
        to_high = f"more than {self.largest:,.0f}" if high is None else f"{high:,.0f}"
        return f"{number} ({from_low} to {to_high})"


def equivalent_images(sizes: "ArrayLike", org: "ArrayLike", accuracy: "ArrayLike", *, alpha: float) -> EquivalentImages:
    """Return how many real images alone reach the accuracy of a training set with synthetic images.

    Per seed, the accuracies of ``org`` are made to rise with the number of images (isotonic regression) and joined
    by straight lines over its logarithm. The number sought is where the mean difference over seeds reaches zero, and
    its interval is every number at which Student's t on the differences per seed does not reject zero: a test turned
    round (Fieller 1954), which may be open at either end. Subtract the real images in the training set to learn
    what the synthetic ones among them are worth.

    Args:
        sizes: (sizes,), numbers of real images, rising, from 1.
        org: (sizes, seeds), accuracies of ``org`` in percent.
        accuracy: (seeds,), accuracies of the case in percent, with the same classifier seeds.
        alpha: One minus the confidence of the interval.

    Raises:
        ValueError: If there are fewer than two sizes, they do not rise, or the shapes do not fit.
    """
    sizes, org, accuracy = (np.asarray(values, np.float64) for values in (sizes, org, accuracy))
    if len(sizes) < 2 or sizes[0] < 1 or np.any(np.diff(sizes) <= 0) or org.shape != (len(sizes), len(accuracy)):
        raise ValueError(f"no curve: sizes {sizes.tolist()}, org {org.shape}, accuracy {accuracy.shape}")
    asked = np.union1d(np.geomspace(sizes[0], sizes[-1], STEPS), sizes)
    curves = [np.interp(np.log(asked), np.log(sizes), isotonic_regression(curve).x) for curve in org.T]
    lead = accuracy[:, None] - np.stack(curves)
    mean = lead.mean(axis=0)
    relation: Relation = "fewer than" if mean[0] < 0 else "more than" if mean[-1] > 0 else "about"
    equivalent = _where_zero(asked, mean)
    interval = None
    if len(accuracy) > 1:
        half = stats.t.isf(alpha / 2, len(accuracy) - 1) * lead.std(axis=0, ddof=1) / np.sqrt(len(accuracy))
        possible = [equivalent, *asked[np.abs(mean) <= half].tolist()]
        low, high = min(possible), max(possible)
        interval = (None if low <= asked[0] else low, None if high >= asked[-1] else high)
    return EquivalentImages(
        equivalent=equivalent, relation=relation, interval=interval, smallest=float(sizes[0]), largest=float(sizes[-1])
    )


def _where_zero(asked: "NDArray[np.float64]", lead: "NDArray[np.float64]") -> float:
    """Return the first size at which a falling lead is used up, or the last size."""
    used_up = np.flatnonzero(lead <= 0)
    if not len(used_up):
        return float(asked[-1])
    after = used_up[0]
    before = max(after - 1, 0)
    at = np.interp(0.0, -lead[[before, after]], np.log(asked[[before, after]]))
    return float(np.exp(at)) if before != after else float(asked[after])
