"""The comparison of a case with ``org`` on the same test images."""

from typing import TYPE_CHECKING

import numpy as np

from suite.statistics.summaries import Difference
from suite.statistics.variance import answer_noise, between_images, cluster_numbers, image_variance, seed_variance

if TYPE_CHECKING:
    from numpy.typing import NDArray


def compare(
    case: "NDArray[np.bool_]",
    org: "NDArray[np.bool_]",
    labels: "NDArray[np.int64]",
    *,
    groups: "NDArray[np.int64] | None" = None,
    generator_seeds: int = 1,
) -> Difference:
    """Compare a case with ``org``: difference in accuracy, and its variance over seeds and over test images.

    Predictions are paired by test image. They are not paired by seed: the same seed gives two training sets no common
    random numbers beyond the initial weights, which was measured to correlate the accuracies by 0.1 at most.

    Args:
        case: (seeds, images), whether each prediction of the case is right.
        org: (seeds, images), the same for ``org``.
        labels: (images,), the true classes.
        groups: (images,), the group of each image, -1 for none; None if no image has a group.
        generator_seeds: Number of different synthetic sets behind the case's seeds.

    Raises:
        ValueError: If the shapes differ, or there are fewer than two images or groups.
    """
    if case.ndim != 2 or case.shape != org.shape or org.shape[1] < 2 or labels.shape != org.shape[1:]:
        raise ValueError(f"a case of shape {case.shape} cannot be compared with an org of shape {org.shape}")
    clusters = None if groups is None else cluster_numbers(groups)[1]
    if clusters == 1:
        raise ValueError("all test images are of one group, so nothing is known about other groups")
    seeds, images = org.shape
    answers, org_answers = 100 * case.astype(np.int16), 100 * org.astype(np.int16)
    differences = answers - org_answers
    accuracies, org_accuracies = answers.mean(axis=1), org_answers.mean(axis=1)
    noise = org_noise = difference_noise = 0.0
    variances: tuple[float | None, float | None] = None, None
    if seeds > 1:
        noise, org_noise, difference_noise = (float(answer_noise(x)) for x in (answers, org_answers, differences))
        variances = float(seed_variance(accuracies, noise)), float(seed_variance(org_accuracies, org_noise))
    over_images = image_variance(between_images(differences.mean(axis=0), groups), difference_noise / seeds, images)
    org_over_images = image_variance(between_images(org_answers.mean(axis=0), groups), org_noise / seeds, images)
    return Difference(
        difference=100 * (int(case.sum()) - int(org.sum())) / case.size,  # exact: no sum of rounded means
        org_accuracy=100 * int(org.sum()) / org.size,
        org_standard_error=float(np.sqrt((variances[1] or 0.0) / seeds + org_over_images)),
        constant_accuracy=100 * float(np.bincount(labels).max()) / images,
        seed_variance=variances[0],
        org_seed_variance=variances[1],
        image_variance=float(over_images),
        n_seeds=seeds,
        n_generator_seeds=generator_seeds,
        n_images=images,
        n_groups=clusters,
    )
