"""Rank correlation of a metric with usefulness over generators: does the metric predict usefulness?"""

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from pydantic import BaseModel, ConfigDict
from scipy import stats

from suite.randomness import numpy_generator
from suite.statistics.summaries import Interval

if TYPE_CHECKING:
    from numpy.typing import NDArray

MIN_GENERATORS = 8
PERMUTATIONS = 9999


class RankCorrelation(BaseModel):
    """Rank correlation between a metric and usefulness.

    Attributes:
        n: Number of generators with both values.
        spearman: Spearman's rho in [-1, 1], with mean ranks for ties; None if it is not defined.
        interval: Confidence interval of rho; None if rho is.
        p: Two-sided permutation p-value of the null hypothesis "no association".
        kendall: Kendall's tau-b in [-1, 1].
        reason: Why the correlation is not defined; None if it is.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    n: int
    spearman: float | None = None
    interval: Interval | None = None
    p: float | None = None
    kendall: float | None = None
    reason: str | None = None


def rank_correlation(
    metric: Sequence[float | None], usefulness: Sequence[float | None], *, alpha: float, seed: int
) -> RankCorrelation:
    """Return the rank correlation of a metric with usefulness over the generators with both values.

    A generator counts once: its cells share its images and ``org``, so they are not independent. The interval uses
    Fisher's transformation with the variance of Bonett & Wright (2000); its coverage at a nominal 95 % is 94 to 100 %
    for 4 to 40 independent pairs. For a perfect rank order, |rho| is first reduced by half the smallest possible
    difference between two values of rho, so that the interval has a positive width.

    Args:
        metric: One value per generator; None or not finite if the generator has none.
        usefulness: Accuracy difference of the same generators, in percentage points.
        alpha: One minus the confidence level.
        seed: Seed of the random permutations.
    """
    pairs = np.array([pair for pair in zip(metric, usefulness, strict=True) if _both_finite(pair)], np.float64)
    n = len(pairs)
    if n < MIN_GENERATORS:
        return RankCorrelation(
            n=n, reason=f"{n} generators have both values; a rank correlation needs {MIN_GENERATORS}"
        )
    ranks = stats.rankdata(pairs, axis=0)
    if np.any(np.ptp(ranks, axis=0) == 0):
        return RankCorrelation(n=n, reason=f"all {n} generators are tied")
    first, second = ranks.T
    test = stats.permutation_test(
        (first,),
        lambda permuted, axis: _correlation(permuted, second, axis),
        permutation_type="pairings",
        vectorized=True,
        n_resamples=PERMUTATIONS,
        rng=numpy_generator(seed, "permutations"),
    )
    rho = float(test.statistic)
    return RankCorrelation(
        n=n,
        spearman=rho,
        interval=_fisher_interval(rho, n, alpha),
        p=float(test.pvalue),
        kendall=float(stats.kendalltau(first, second).statistic),
    )


def _both_finite(pair: tuple[float | None, float | None]) -> bool:
    return all(value is not None and math.isfinite(value) for value in pair)


def _correlation(first: "NDArray[np.float64]", second: "NDArray[np.float64]", axis: int) -> "NDArray[np.float64]":
    first, second = first - first.mean(axis=axis, keepdims=True), second - second.mean()
    scale = np.sqrt((first**2).sum(axis=axis) * (second**2).sum())
    return np.asarray(np.clip((first * second).sum(axis=axis) / scale, -1, 1))


def _fisher_interval(rho: float, n: int, alpha: float) -> Interval:
    largest = 1 - 6 / (n * (n * n - 1))
    clipped = min(max(rho, -largest), largest)
    half = stats.norm.isf(alpha / 2) * math.sqrt((1 + clipped**2 / 2) / (n - 3))
    return min(math.tanh(math.atanh(clipped) - half), rho), max(math.tanh(math.atanh(clipped) + half), rho)
