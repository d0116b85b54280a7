"""Sources of variance of a difference, and the interval, p-value and power that follow from them.

A mean over generator seeds, classifier seeds and test images varies with the choice of each. There are few seeds, so
each source has a Student's t with its own degrees of freedom, and the half-widths of the separate t intervals add in
quadrature (Howe 1974; Zou & Donner 2008, "MOVER"). If one source dominates, the result is Student's t on its paired
differences; the interval is never narrower than that of any single source. A single t with pooled degrees of freedom
(Satterthwaite) was tried and rejected: in the tail that Holm's correction needs its false positive rate is too high,
2.7 % at a nominal 0.8 % with three seeds.
"""

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from scipy import stats
from scipy.optimize import brentq
from scipy.optimize.elementwise import find_root
from scipy.special import nctdtrinc

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

GENERATOR_SEEDS = "generator seeds"
CLASSIFIER_SEEDS = "classifier seeds"
TEST_IMAGES = "test images"

POWER = 0.8
MIN_LEVEL, MAX_LEVEL = 1e-100, 0.9999  # p-values outside are replaced by 1e-100 and 1
MAX_CRITICAL = 1000.0  # above, the noise of the numerator is negligible and nctdtrinc takes minutes


class VarianceSource(NamedTuple):
    """One source of variance.

    Attributes:
        name: What is sampled: generator seeds, classifier seeds or test images.
        standard_error: Standard error of the mean over its samples, in percentage points.
        df: Degrees of freedom of that standard error.
    """

    name: str
    standard_error: "NDArray[np.float64]"
    df: int


def sources_of(differences: "NDArray[Any]") -> tuple[VarianceSource, ...]:
    """Return the sources of variance of a mean of paired differences.

    The standard error of a source is that of the means per sample, for example of the means per generator seed over
    all classifier seeds and images. Classifier seeds are crossed with generator seeds, not nested in them, because
    every generator seed is compared with the same ``org`` classifiers. One image on which the two cases disagree is
    added (Agresti & Min 2005), so that the variance over images is positive even if they agree on every image.

    Args:
        differences: (..., generator seeds, classifier seeds, images), each -1, 0 or 1, or whether the prediction of one
            case is correct; leading axes are independent trials.

    Returns:
        The sources with more than one sample; standard errors have the shape of the leading axes.
    """
    sources = []
    for name, axis in ((GENERATOR_SEEDS, -3), (CLASSIFIER_SEEDS, -2), (TEST_IMAGES, -1)):
        n = differences.shape[axis]
        if n > 1:
            means = differences.mean(axis=tuple({-3, -2, -1} - {axis}))
            variance = means.var(axis=-1, ddof=1) / n + (n**-2 if name is TEST_IMAGES else 0)
            sources.append(VarianceSource(name, 100 * np.sqrt(variance), n - 1))
    return tuple(sources)


def half_width(sources: tuple[VarianceSource, ...], alpha: "ArrayLike") -> "NDArray[np.float64]":
    """Return the half-width of the interval with confidence level ``1 - alpha``, in percentage points."""
    widths = [stats.t.isf(np.asarray(alpha) / 2, source.df) * source.standard_error for source in sources]
    return np.asarray(np.hypot.reduce(np.stack(np.broadcast_arrays(*widths)), axis=0))


def p_value(difference: "ArrayLike", sources: tuple[VarianceSource, ...]) -> "NDArray[np.float64]":
    """Return the two-sided p-value: the level at which the interval around ``difference`` just includes zero.

    Args:
        difference: Difference in percentage points, with the shape of the standard errors.
        sources: Its sources of variance.

    Returns:
        p-values with the same shape, at least 1e-100; values above 0.9999 are returned as 1.
    """
    size = np.abs(np.asarray(difference, np.float64))
    narrowest, widest = half_width(sources, MAX_LEVEL), half_width(sources, MIN_LEVEL)
    clipped = np.clip(size, narrowest, widest)

    def excess(
        log_alpha: "NDArray[np.float64]", clipped: "NDArray[np.float64]", *errors: "NDArray[np.float64]"
    ) -> "NDArray[np.float64]":
        selected = tuple(source._replace(standard_error=error) for source, error in zip(sources, errors, strict=True))
        return np.log(half_width(selected, np.exp(log_alpha))) - np.log(clipped)

    bracket = (np.log(MIN_LEVEL), np.log(MAX_LEVEL))
    root = find_root(excess, bracket, args=(clipped, *(source.standard_error for source in sources)))
    return np.select([size <= narrowest, size >= widest], [1.0, MIN_LEVEL], np.exp(root.x))


def minimum_detectable(sources: tuple[VarianceSource, ...], alpha: float) -> float:
    """Return the true difference in percentage points that is detected with a power of 0.8, from the noncentral t.

    Args:
        sources: Sources with scalar standard errors, which are assumed to be the true ones.
        alpha: Level of the test.
    """
    return float(np.hypot.reduce([_noncentrality(alpha, source.df) * source.standard_error for source in sources]))


def powered_level(effect: float, sources: tuple[VarianceSource, ...]) -> float | None:
    """Return the strictest level at which an effect is detectable.

    Args:
        effect: True difference in percentage points.
        sources: Sources with scalar standard errors, which are assumed to be the true ones.

    Returns:
        A level of at least 1e-100; None if the effect is not detectable at any level up to 0.9999.
    """

    def excess(log_alpha: float) -> float:
        return float(np.log(minimum_detectable(sources, np.exp(log_alpha)) / effect))

    low, high = float(np.log(MIN_LEVEL)), float(np.log(MAX_LEVEL))
    if excess(high) > 0:
        return None
    return float(np.exp(low if excess(low) < 0 else brentq(excess, low, high)))


def _noncentrality(alpha: float, df: int) -> float:
    """Return the noncentrality at which a two-sided t test at level ``alpha`` has a power of 0.8."""
    critical = stats.t.isf(alpha / 2, df)
    if critical > MAX_CRITICAL:
        return float(critical * np.sqrt(stats.chi2.ppf(POWER, df) / df))
    return float(nctdtrinc(df, 1 - POWER, critical))
