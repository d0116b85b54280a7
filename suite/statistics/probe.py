"""The verdict on a classifier without training noise, such as a linear probe.

It has no seeds, so its variance over training sets is estimated by resampling the training images, in both arms alike.
"""

from typing import TYPE_CHECKING

import numpy as np

from suite.statistics.summaries import Judgement
from suite.statistics.variance import answer_noise, between_images, image_variance
from suite.statistics.verdict import Estimate, apply_rules, judgement_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

RESAMPLES = 20


def estimate_probe(
    differences: "NDArray[np.float64]",
    resampled: "NDArray[np.float64]",
    groups: "NDArray[np.int64] | None" = None,
) -> Estimate:
    """Return the difference between two probes with its variances.

    The difference is that of the fits on the full training sets: the mean over resamples is biased, because a resample
    has fewer different images. The variance over resamples is not divided by their number: it estimates what another
    training set would change, and that does not shrink with more resamples.

    Args:
        differences: (..., images), the case's answer minus that of ``org`` for each test image, full fits, each -100, 0
            or 100.
        resampled: (..., resamples, images), the same for fits on resampled training sets.
        groups: (images,), the group of each test image, -1 for none; None if no image has a group.
    """
    resamples, images = resampled.shape[-2:]
    over_images = image_variance(between_images(differences, groups), answer_noise(resampled), images)
    return Estimate(differences.mean(axis=-1), resampled.mean(axis=-1).var(axis=-1, ddof=1), resamples - 1, over_images)


def judge_probe(estimate: Estimate, level: float, smallest_effect: float, *, images: int) -> Judgement:
    """Return the verdict on a probe, at its only look.

    Args:
        estimate: From ``estimate_probe``, scalars.
        level: Level of the cell.
        smallest_effect: Smallest difference of interest, in percentage points.
        images: Number of test images.
    """
    outcome = int(apply_rules(estimate, level, smallest_effect, looks=1))
    judgement = judgement_of(outcome, estimate, level, smallest_effect, looks=1, images=images)
    if judgement.is_final:
        return judgement
    return judgement.model_copy(update={"reason": "more training images are needed to decide"})
