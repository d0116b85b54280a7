"""The verdict on one comparison with ``org``: helps, hurts, no practical difference, or undecided.

The half-width of the interval adds the variance over seeds, with Student's t, and the variance over test images, with
the normal distribution, in quadrature (Howe 1974). "No practical difference" is two one-sided tests (Schuirmann 1987)
against the smallest effect of interest. The rules are applied at every look in turn and the first look that decides is
final; ``suite.statistics.looks`` describes the levels. All functions work on arrays of independent trials.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from scipy import stats

from suite.statistics.looks import LOOKS
from suite.statistics.summaries import Difference, Judgement, Verdict
from suite.statistics.variance import seed_df

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

HELPS, HURTS, SAME, FUTILE, CONTINUE = range(5)
VERDICTS = (Verdict.HELPS, Verdict.HURTS, Verdict.NO_PRACTICAL_DIFFERENCE, Verdict.UNDECIDED, Verdict.UNDECIDED)
MOST_SEEDS = 100_000  # no search for the number of seeds that would decide goes beyond this


class Estimate(NamedTuple):
    """A difference with the variances of its two sources; arrays of any common shape.

    Attributes:
        difference: Percentage points.
        seed_variance: Variance over seeds (or resampled training sets) of ``difference``, squared points.
        df: Degrees of freedom of ``seed_variance``.
        image_variance: Variance over the choice of test images, squared points.
    """

    difference: "ArrayLike"
    seed_variance: "ArrayLike"
    df: "ArrayLike"
    image_variance: "ArrayLike"


def estimate(difference: Difference, *, syn: bool) -> Estimate:
    """Return the estimate of a comparison with at least two seeds."""
    case, org, seeds = difference.seed_variance, difference.org_seed_variance, difference.n_seeds
    assert case is not None
    assert org is not None
    df = float(seed_df(case, org, seeds, syn=syn))
    return Estimate(difference.difference, (case + org) / seeds, df, difference.image_variance)


def half_width(estimate: Estimate, level: float, looks: int = len(LOOKS)) -> "NDArray[np.float64]":
    """Return the half-width of the two-sided interval at one look, in percentage points.

    Args:
        estimate: The difference and its variances.
        level: Level of the cell.
        looks: Number of looks among which the level of the variance over seeds is divided. New seeds are drawn for
            every look, but the test images stay the same.
    """
    t = stats.t.isf(level / looks / 2, estimate.df)
    z = stats.norm.isf(level / 2)
    return np.asarray(np.sqrt(t**2 * np.asarray(estimate.seed_variance) + z**2 * np.asarray(estimate.image_variance)))


def apply_rules(
    estimate: Estimate, level: float, smallest_effect: float, looks: int = len(LOOKS)
) -> "NDArray[np.int64]":
    """Apply the rules of one look, in their order.

    1. The interval at twice the level lies within the smallest effect of interest: no practical difference.
    2. The interval excludes zero: helps, or hurts.
    3. Neither could happen with the variance over test images alone: undecided, and more seeds cannot decide it.
    4. Otherwise undecided at this look.

    Args:
        estimate: The difference and its variances.
        level: Level of the cell.
        smallest_effect: Smallest difference of interest, in percentage points.
        looks: Number of looks.

    Returns:
        ``HELPS``, ``HURTS``, ``SAME``, ``FUTILE`` or ``CONTINUE`` for each trial.
    """
    difference, image_std = np.asarray(estimate.difference), np.sqrt(estimate.image_variance)
    size = np.abs(difference)
    excludes_zero = size > half_width(estimate, level, looks)
    futile = (size < stats.norm.isf(level / 2) * image_std) & (
        size + stats.norm.isf(level) * image_std > smallest_effect
    )
    return np.select(
        [
            size + half_width(estimate, 2 * level, looks) < smallest_effect,
            excludes_zero & (difference > 0),
            excludes_zero,
        ],
        [SAME, HELPS, HURTS],
        np.where(futile, FUTILE, CONTINUE),
    )


def judge(
    differences: Sequence[Difference], level: float, smallest_effect: float, *, syn: bool, looks: Sequence[int] = LOOKS
) -> Judgement:
    """Return the verdict on a cell after one or more looks.

    Args:
        differences: The comparison at each look so far, with an increasing number of seeds. Comparisons at other
            numbers of seeds decide nothing.
        level: Level of the cell.
        smallest_effect: Smallest difference of interest, in percentage points.
        syn: Whether the cell is a SYN cell.
        looks: Numbers of seeds at which a verdict may be made.
    """
    for difference in differences:
        judgement = _judge_look(difference, level, smallest_effect, syn=syn, looks=looks)
        if judgement.is_final:
            break
    return judgement


def judgement_of(
    outcome: int,
    estimate: Estimate,
    level: float,
    smallest_effect: float,
    *,
    looks: int,
    images: int,
    org_accuracy: float | None = None,
) -> Judgement:
    """Return the judgement of one look with a given outcome.

    Args:
        outcome: From ``apply_rules``, scalar.
        estimate: The difference and its variances; scalars.
        level: Level of the cell.
        smallest_effect: Smallest difference of interest, in percentage points.
        looks: Number of looks.
        images: Number of test images.
        org_accuracy: Accuracy of ``org`` in percent, which limits the differences that are possible; None if unknown.
    """
    least_possible, most_possible = (-100.0, 100.0) if org_accuracy is None else (-org_accuracy, 100 - org_accuracy)
    half = float(half_width(estimate, 2 * level if outcome == SAME else level, looks))
    difference = float(np.asarray(estimate.difference))
    least = float(stats.norm.isf(level / 2) * np.sqrt(estimate.image_variance)) if outcome == FUTILE else None
    return Judgement(
        verdict=VERDICTS[outcome],
        interval=(max(difference - half, least_possible), min(difference + half, most_possible)),
        level=level,
        smallest_effect=smallest_effect,
        cannot_show_less_than=least,
        reason="" if least is None else f"{images:,} test images cannot show less than about {least:.1f} points",
    )


def _judge_look(
    difference: Difference, level: float, smallest_effect: float, *, syn: bool, looks: Sequence[int]
) -> Judgement:
    seeds = difference.n_seeds
    if seeds not in looks:
        needed = next((look for look in looks if look > seeds), None)
        return Judgement(
            verdict=Verdict.UNDECIDED,
            interval=None,  # an interval at another level would invite a verdict
            seeds=seeds,
            level=level,
            smallest_effect=smallest_effect,
            more_seeds=needed and needed - seeds,
            reason=f"a verdict needs {needed or looks[-1]} seeds",
        )
    current = estimate(difference, syn=syn)
    outcome = int(apply_rules(current, level, smallest_effect, len(looks)))
    judgement = judgement_of(
        outcome,
        current,
        level,
        smallest_effect,
        looks=len(looks),
        images=difference.n_images,
        org_accuracy=difference.org_accuracy,
    )
    if outcome != CONTINUE:
        return judgement.model_copy(update={"seeds": seeds})
    more = _more_seeds(difference, level, smallest_effect, syn=syn, looks=len(looks))
    about = f"about {more} more {'seed' if more == 1 else 'seeds'} would decide"
    reason = about if more else "no number of seeds was found that would decide"
    return judgement.model_copy(update={"seeds": seeds, "more_seeds": more, "reason": reason})


def _more_seeds(difference: Difference, level: float, smallest_effect: float, *, syn: bool, looks: int) -> int | None:
    """Return how many more seeds would decide if difference and variances stayed as they are."""
    seeds = difference.n_seeds + 1
    low = difference.n_seeds

    def decides(number: int) -> bool:
        with_more = estimate(difference.model_copy(update={"n_seeds": number}), syn=syn)
        return int(apply_rules(with_more, level, smallest_effect, looks)) in (HELPS, HURTS, SAME)

    while not decides(seeds):
        low, seeds = seeds, 2 * seeds
        if seeds > MOST_SEEDS:
            return None
    while seeds - low > 1:  # more seeds always narrow the interval
        middle = (low + seeds) // 2
        low, seeds = (low, middle) if decides(middle) else (middle, seeds)
    return seeds - difference.n_seeds
