"""Confidence intervals of the accuracy of one cell: over seeds, over test images, and of one classifier."""

import math
from typing import TYPE_CHECKING

import numpy as np
from scipy import stats

from suite.randomness import numpy_generator
from suite.statistics.summaries import Interval, MeanAccuracy

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

RESAMPLES = 2000
BATCH = 100  # resamples held in memory at once


def mean_interval(correct: "NDArray[np.bool_]", alpha: float) -> Interval | None:
    """Return Student's t interval over seeds of a mean accuracy, for fixed test images.

    An accuracy is a multiple of one image, so equal accuracies can hide differences below one image. Therefore the
    standard deviation over seeds is at least that of rounding to one image.

    Args:
        correct: bool, (seeds, images), whether each prediction is correct.
        alpha: One minus the confidence level.

    Returns:
        The interval in percent, or None for one classifier, which has no variance over seeds.
    """
    seeds, images = correct.shape
    if seeds == 1:
        return None
    std = max(float((100 * correct.mean(axis=1)).std(ddof=1)), 100 / images / math.sqrt(12))
    mean, half = 100 * float(correct.mean()), float(stats.t.isf(alpha / 2, seeds - 1)) * std / math.sqrt(seeds)
    return max(mean - half, 0.0), min(mean + half, 100.0)


def image_interval(values: "ArrayLike", alpha: float, seed: int) -> Interval:
    """Return the percentile bootstrap interval of a mean over test images.

    Values are averaged over seeds first, so that an image is resampled together with the predictions of all
    classifiers; for differences this is the paired bootstrap. The interval covers the variation between test images for
    fixed classifiers, not the variation between seeds.

    If all images have the same value, the bootstrap interval would have width zero; then the half-width is Wilson's
    upper bound for 0 of N images.

    Args:
        values: (..., images): correct (1) or wrong (0), or the difference of two cases (-1, 0, 1).
        alpha: One minus the confidence level.
        seed: Seed of the resampling.

    Returns:
        The interval in percent, or percentage points for differences.
    """
    values = np.asarray(values)
    means = values.mean(axis=tuple(range(values.ndim - 1)))
    if np.ptp(means) == 0:
        centre, half = 100 * float(means[0]), wilson_interval(0, len(means), alpha)[1]
        return centre - half, centre + half
    interval = stats.bootstrap(
        (means,),
        np.mean,
        n_resamples=RESAMPLES,
        batch=BATCH,
        confidence_level=1 - alpha,
        method="percentile",
        rng=numpy_generator(seed, "test images"),
    ).confidence_interval
    return 100 * float(interval.low), 100 * float(interval.high)


def wilson_interval(correct: int, images: int, alpha: float) -> Interval:
    """Return Wilson's score interval of one classifier's accuracy, in percent (Wilson 1927).

    Args:
        correct: Number of correctly classified images.
        images: Number of images, at least one.
        alpha: One minus the confidence level.
    """
    interval = stats.binomtest(correct, images).proportion_ci(1 - alpha, method="wilson")
    return 100 * float(interval.low), 100 * float(interval.high)


def summarise(correct: "NDArray[np.bool_]", *, alpha: float, seed: int) -> MeanAccuracy:
    """Return the mean accuracy of a cell with an interval over seeds and an interval over test images.

    Args:
        correct: bool, (seeds, images), whether each prediction is correct.
        alpha: One minus the confidence level of both intervals.
        seed: Seed of the bootstrap.
    """
    seeds, images = correct.shape
    if seeds == 1:
        over_images = wilson_interval(int(correct.sum()), images, alpha)
    else:
        low, high = image_interval(correct, alpha, seed)
        over_images = max(low, 0.0), min(high, 100.0)
    return MeanAccuracy(
        mean=100 * float(correct.mean()),
        mean_interval=mean_interval(correct, alpha),
        image_interval=over_images,
        accuracies=tuple((100 * correct.mean(axis=-1)).tolist()),
        n_seeds=seeds,
        n_images=images,
    )
