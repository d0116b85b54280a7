"""Differences from ``org`` within subgroups of the test images: classes, or the values of an attribute.

The intervals are simultaneous: each of K subgroups has the level divided by K (Bonferroni), and the formulas of the
verdict, so that seeds, images, their interaction and groups of images count as there. Subgroups are small, so the
variance over images has Student's t as well, with one degree of freedom less than there are images or groups.
"""

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from scipy import stats

from suite.statistics.comparison import compare
from suite.statistics.looks import LOOKS
from suite.statistics.probe import compare_probes
from suite.statistics.summaries import Difference, Interval
from suite.statistics.variance import cluster_numbers
from suite.statistics.verdict import Estimate, estimate

if TYPE_CHECKING:
    from numpy.typing import NDArray

LEVEL = 0.05  # joint level of the intervals of a cell


class Arms(NamedTuple):
    """Whether each prediction of a case and of ``org`` is right.

    Attributes:
        case: bool, (seeds, images); one row for a classifier without seeds.
        org: The same for ``org``.
        case_resampled: bool, (resamples, images), of a classifier without seeds; None for others.
        org_resampled: The same for ``org``.
    """

    case: "NDArray[np.bool_]"
    org: "NDArray[np.bool_]"
    case_resampled: "NDArray[np.bool_] | None" = None
    org_resampled: "NDArray[np.bool_] | None" = None

    def of(self, images: "NDArray[np.bool_]") -> "Arms":
        """Return the predictions on some of the images."""
        case, org, *resampled = (None if right is None else right[:, images] for right in self)
        assert case is not None
        assert org is not None
        return Arms(case, org, *resampled)


def subgroup_intervals(
    arms: Arms,
    codes: "NDArray[np.int64]",
    groups: "NDArray[np.int64] | None" = None,
    *,
    syn: bool,
    level: float = LEVEL,
) -> dict[int, Interval | None]:
    """Return for each subgroup the simultaneous interval of its difference from ``org``, in percentage points.

    Args:
        arms: The predictions.
        codes: int64, (images,), the subgroup of each image.
        groups: int64, (images,), the group of each image, -1 for none; None if no image has a group.
        syn: Whether the case is a SYN case, which has fewer degrees of freedom.
        level: Probability that any of the intervals misses its true difference.

    Returns:
        The interval by code; None if the number of seeds is not that of a look, or if the subgroup has one image or one
        group only.
    """
    subgroups = np.unique(codes).tolist()
    return {
        code: _interval(
            arms.of(codes == code), None if groups is None else groups[codes == code], syn, level / len(subgroups)
        )
        for code in subgroups
    }


def _interval(arms: Arms, groups: "NDArray[np.int64] | None", syn: bool, level: float) -> Interval | None:
    images = arms.case.shape[1]
    units = images if groups is None else cluster_numbers(groups)[1]
    if units < 2:
        return None
    found, looks = _estimate(arms, groups, syn)
    if found is None:
        return None
    t_seeds, t_images = stats.t.isf(level / looks / 2, found.df), stats.t.isf(level / 2, units - 1)
    half = float(np.sqrt(t_seeds**2 * np.asarray(found.seed_variance) + t_images**2 * np.asarray(found.image_variance)))
    difference, org = float(np.asarray(found.difference)), 100 * float(arms.org.mean())
    return max(difference - half, -org), min(difference + half, 100 - org)


def _estimate(arms: Arms, groups: "NDArray[np.int64] | None", syn: bool) -> tuple[Estimate | None, int]:
    """Return the difference with its variances, and the number of looks that the level is divided among."""
    labels = np.zeros(arms.case.shape[1], dtype=np.int64)
    if arms.case_resampled is not None and arms.org_resampled is not None:
        resampled = arms.case_resampled, arms.org_resampled
        return _of_probe(compare_probes(arms.case[0], arms.org[0], *resampled, labels, groups=groups)), 1
    if len(arms.case) not in LOOKS:
        return None, len(LOOKS)
    return estimate(compare(arms.case, arms.org, labels, groups=groups), syn=syn), len(LOOKS)


def _of_probe(found: Difference) -> Estimate:
    assert found.training_set_variance is not None
    return Estimate(found.difference, found.training_set_variance, found.n_resamples - 1, found.image_variance)
