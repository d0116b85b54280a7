"""The verdict on a classifier without training noise, such as a linear probe.

It has no seeds, so its variance over training sets is estimated by resampling the training images, in both arms alike.
"""

from typing import TYPE_CHECKING

import numpy as np

from suite.statistics.summaries import Difference, Judgement
from suite.statistics.variance import answer_noise, between_images, cluster_numbers, image_variance
from suite.statistics.verdict import Estimate, apply_rules, judgement_of

if TYPE_CHECKING:
    from numpy.typing import NDArray


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


def compare_probes(
    case: "NDArray[np.bool_]",
    org: "NDArray[np.bool_]",
    case_resampled: "NDArray[np.bool_]",
    org_resampled: "NDArray[np.bool_]",
    labels: "NDArray[np.int64]",
    *,
    groups: "NDArray[np.int64] | None" = None,
) -> Difference:
    """Compare the probe of a case with that of ``org``.

    Args:
        case: (images,), whether each prediction of the full fit of the case is right.
        org: (images,), the same for ``org``.
        case_resampled: (resamples, images), the same for fits on resampled training sets.
        org_resampled: (resamples, images); resample k has the same real images as that of the case.
        labels: (images,), the true classes.
        groups: (images,), the group of each image, -1 for none; None if no image has a group.

    Raises:
        ValueError: If all test images are of one group.
    """
    clusters = None if groups is None else cluster_numbers(groups)[1]
    if clusters == 1:
        raise ValueError("all test images are of one group, so nothing is known about other groups")
    full, org_full, resampled, org_again = (
        100 * right.astype(np.float64) for right in (case, org, case_resampled, org_resampled)
    )
    paired = estimate_probe(full - org_full, resampled - org_again, groups)
    alone = estimate_probe(org_full, org_again, groups)
    return Difference(
        difference=100 * (int(case.sum()) - int(org.sum())) / case.size,  # exact: no difference of rounded means
        org_accuracy=100 * int(org.sum()) / org.size,
        org_standard_error=float(np.sqrt(np.asarray(alone.seed_variance) + alone.image_variance)),
        constant_accuracy=100 * float(np.bincount(labels).max()) / len(labels),
        seed_variance=None,
        org_seed_variance=None,
        image_variance=float(np.asarray(paired.image_variance)),
        training_set_variance=float(np.asarray(paired.seed_variance)),
        n_resamples=len(case_resampled),
        n_seeds=1,
        n_images=len(labels),
        n_groups=clusters,
    )


def judge_probe(difference: Difference, level: float, smallest_effect: float) -> Judgement:
    """Return the verdict on a probe, at its only look.

    Args:
        difference: From ``compare_probes``.
        level: Level of the cell.
        smallest_effect: Smallest difference of interest, in percentage points.
    """
    assert difference.training_set_variance is not None
    estimate = Estimate(
        difference.difference, difference.training_set_variance, difference.n_resamples - 1, difference.image_variance
    )
    outcome = int(apply_rules(estimate, level, smallest_effect, looks=1))
    judgement = judgement_of(outcome, estimate, level, smallest_effect, looks=1, images=difference.n_images)
    if judgement.is_final:
        return judgement
    return judgement.model_copy(update={"reason": "more training images are needed to decide"})
