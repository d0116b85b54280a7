"""How sure a cell's own accuracy is: over seeds, over test images, and of a single accuracy."""

from typing import TYPE_CHECKING

import numpy as np
from scipy import stats

from suite.randomness import numpy_generator
from suite.statistics.summaries import Interval, MeanAccuracy
from suite.statistics.variance_sources import TEST_IMAGES, half_width, sources_of

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

RESAMPLES = 2000
BATCH = 100  # resamples held in memory at once


def mean_interval(correct: "NDArray[np.bool_]", alpha: float) -> Interval | None:
    """Return Student's t interval over seeds of a mean accuracy, on these test images.

    Accuracies are counts of whole images, so seeds that agree to the image may still differ by less: the standard
    deviation over seeds is taken to be at least that of rounding to one image.

    Args:
        correct: (generator seeds, classifier seeds, images), whether each answer is right.
        alpha: One minus the confidence.

    Returns:
        The interval in percent, or None for a single classifier, of whose spread nothing is known.
    """
    rounding = 100 / correct.shape[-1] / np.sqrt(12)
    over_seeds = tuple(
        source._replace(standard_error=np.maximum(source.standard_error, rounding / np.sqrt(source.df + 1)))
        for source in sources_of(correct)
        if source.name != TEST_IMAGES
    )
    if not over_seeds:
        return None
    mean, half = 100 * float(correct.mean()), float(half_width(over_seeds, alpha))
    return max(mean - half, 0.0), min(mean + half, 100.0)


def image_interval(values: "ArrayLike", alpha: float, seed: int) -> Interval:
    """Return the percentile bootstrap interval of a mean over test images.

    The mean over seeds is taken first, so that an image is drawn with what all classifiers say of it: for
    differences this is the paired bootstrap. It says what other images would do to these classifiers, and
    nothing about other seeds.

    Where all images agree, a bootstrap has nothing to draw from and would be certain; then the half-width is
    Wilson's upper bound for none of so many images.

    Args:
        values: (..., images): right (1) or wrong (0), or the difference of two arms (-1, 0, 1).
        alpha: One minus the confidence.
        seed: Seed of the resampling.

    Returns:
        The interval in percent or points.
    """
    values = np.asarray(values)
    images = values.mean(axis=tuple(range(values.ndim - 1)))
    if np.ptp(images) == 0:
        centre, half = 100 * float(images[0]), wilson_interval(0, len(images), alpha)[1]
        return centre - half, centre + half
    found = stats.bootstrap(
        (images,),
        np.mean,
        n_resamples=RESAMPLES,
        batch=BATCH,
        confidence_level=1 - alpha,
        method="percentile",
        rng=numpy_generator(seed, "test images"),
    ).confidence_interval
    return 100 * float(found.low), 100 * float(found.high)


def wilson_interval(right: int, images: int, alpha: float) -> Interval:
    """Return Wilson's score interval of one classifier's accuracy, in percent (Wilson 1927).

    Args:
        right: Images it gets right.
        images: Images it was asked about, at least one.
        alpha: One minus the confidence.
    """
    found = stats.binomtest(right, images).proportion_ci(1 - alpha, method="wilson")
    return 100 * float(found.low), 100 * float(found.high)


def summarise(correct: "NDArray[np.bool_]", *, alpha: float, seed: int) -> MeanAccuracy:
    """Return a cell's mean accuracy with its interval over seeds and its interval over test images.

    Args:
        correct: (generator seeds, classifier seeds, images), whether each answer is right.
        alpha: One minus the confidence of both intervals.
        seed: Seed of the bootstrap.
    """
    generator_seeds, seeds, images = correct.shape
    if generator_seeds * seeds == 1:
        over_images = wilson_interval(int(correct.sum()), images, alpha)
    else:
        low, high = image_interval(correct, alpha, seed)
        over_images = max(low, 0.0), min(high, 100.0)
    return MeanAccuracy(
        mean=100 * float(correct.mean()),
        mean_interval=mean_interval(correct, alpha),
        image_interval=over_images,
        accuracies=tuple(tuple(row) for row in (100 * correct.mean(axis=-1)).tolist()),
        n_seeds=seeds,
        n_generator_seeds=generator_seeds,
        n_images=images,
    )
