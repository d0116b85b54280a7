"""Verdicts: the rules and their order, looks, and that interval and verdict never contradict each other."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from suite.statistics.comparison import compare
from suite.statistics.looks import LOOKS
from suite.statistics.summaries import Difference, Judgement, Verdict
from suite.statistics.verdict import (
    CONTINUE,
    FUTILE,
    HELPS,
    HURTS,
    SAME,
    Estimate,
    apply_rules,
    estimate,
    half_width,
    judge,
)

LEVEL = 0.04 / 3
DECIDED = (Verdict.HELPS, Verdict.HURTS, Verdict.NO_PRACTICAL_DIFFERENCE)
SWAPPED = {Verdict.HELPS: Verdict.HURTS, Verdict.HURTS: Verdict.HELPS}


def difference(
    points: float, *, seeds: int = 5, std: float = 0.3, org_std: float = 0.3, images: float = 0.2
) -> Difference:
    """Return a comparison with given standard deviations between seeds, and standard error over test images."""
    return Difference(
        difference=points,
        org_accuracy=60.0,
        org_standard_error=0.3,
        constant_accuracy=10.0,
        seed_variance=None if seeds == 1 else std**2,
        org_seed_variance=None if seeds == 1 else org_std**2,
        image_variance=images**2,
        n_seeds=seeds,
        n_images=10_000,
    )


def judged(*looks: Difference, smallest_effect: float = 1.0, syn: bool = False) -> Judgement:
    return judge(looks, LEVEL, smallest_effect, syn=syn)


differences = st.builds(
    difference,
    st.floats(-30, 30) | st.floats(-2, 2) | st.just(0.0),
    seeds=st.sampled_from(LOOKS) | st.integers(1, 40),
    std=st.floats(0, 4),
    org_std=st.floats(0, 4),
    images=st.floats(0.01, 3),
)


def test_half_width_by_its_definition() -> None:
    """Four cells with Student's t and the normal distribution from their quantiles."""
    found = estimate(difference(1.0, seeds=8, std=0.4, org_std=0.3, images=0.2), syn=False)
    df = 7 * (0.16 + 0.09) ** 2 / (0.16**2 + 0.09**2)
    assert found.df == pytest.approx(df)
    assert found.seed_variance == pytest.approx((0.16 + 0.09) / 8)
    t, z = stats.t.ppf(1 - LEVEL / 10, df), stats.norm.ppf(1 - LEVEL / 2)
    assert half_width(found, LEVEL) == pytest.approx(np.sqrt(t**2 * 0.25 / 8 + z**2 * 0.04))
    assert estimate(difference(1.0, seeds=8), syn=True).df == 7


def test_intervals_with_one_source_are_those_of_scipy() -> None:
    rng = np.random.default_rng(0)
    case, org = rng.normal(61, 1, 8), rng.normal(60, 1, 8)
    seeds_only = estimate(
        difference(0.0, seeds=8, std=case.std(ddof=1), org_std=org.std(ddof=1), images=0.0), syn=False
    )
    welch = stats.ttest_ind(case, org, equal_var=False).confidence_interval(1 - LEVEL / len(LOOKS))
    assert 2 * half_width(seeds_only, LEVEL) == pytest.approx(welch.high - welch.low)
    images_only = Estimate(0.0, 0.0, 7.0, 0.04)
    low, high = stats.norm.interval(1 - LEVEL, 0, 0.2)
    assert 2 * half_width(images_only, LEVEL) == pytest.approx(high - low)


def test_no_practical_difference_is_two_one_sided_tests() -> None:
    weightstats = pytest.importorskip("statsmodels.stats.weightstats", reason="install statsmodels to compare with it")
    rng = np.random.default_rng(1)
    found, expected = [], []
    for _ in range(200):
        case, org = rng.normal(0.1, 0.5, 8), rng.normal(0, 0.3, 8)
        compared = difference(
            case.mean() - org.mean(), seeds=8, std=case.std(ddof=1), org_std=org.std(ddof=1), images=0.0
        )
        p = weightstats.ttost_ind(case, org, -1.0, 1.0, usevar="unequal")[0]
        expected.append(p < LEVEL / len(LOOKS))
        found.append(apply_rules(estimate(compared, syn=False), LEVEL, 1.0) == SAME)
    assert found == expected
    assert 20 < sum(found) < 180


@pytest.mark.parametrize(
    ("points", "seed_std", "image_std", "expected"),
    [
        (3.0, 0.1, 0.1, HELPS),
        (-3.0, 0.1, 0.1, HURTS),
        (0.1, 0.02, 0.1, SAME),
        (0.6, 0.02, 0.1, SAME),  # the interval excludes zero, but the first rule is the first
        (1.2, 0.02, 0.1, HELPS),
        (1.0, 0.1, 1.0, FUTILE),
        (0.0, 0.1, 1.0, FUTILE),
        (-1.0, 5.0, 1.0, FUTILE),
        (3.0, 1.0, 1.0, CONTINUE),  # the test images could show it
        (0.0, 0.5, 0.1, CONTINUE),
        (0.9, 0.5, 0.1, CONTINUE),
    ],
)
def test_rules(points: float, seed_std: float, image_std: float, expected: int) -> None:
    assert apply_rules(Estimate(points, seed_std**2, 8.0, image_std**2), LEVEL, 1.0) == expected


def test_rules_on_arrays_are_those_of_their_elements() -> None:
    rng = np.random.default_rng(0)
    arrays = Estimate(
        rng.normal(0, 1.5, 300), rng.exponential(0.05, 300), rng.uniform(4, 20, 300), rng.exponential(0.1, 300)
    )
    found = apply_rules(arrays, LEVEL, 1.0)
    assert set(found) == {HELPS, HURTS, SAME, FUTILE, CONTINUE}
    assert found.tolist() == [int(apply_rules(Estimate(*row), LEVEL, 1.0)) for row in zip(*arrays, strict=True)]


@given(differences, st.booleans(), st.sampled_from([0.5, 1.0, 2.0]))
def test_interval_and_verdict_never_contradict_each_other(found: Difference, syn: bool, smallest_effect: float) -> None:
    judgement = judged(found, syn=syn, smallest_effect=smallest_effect)
    if judgement.interval is None:
        assert judgement.verdict is Verdict.UNDECIDED
        assert found.n_seeds not in LOOKS
        return
    low, high = judgement.interval
    assert -100 <= low <= found.difference <= high <= 100
    match judgement.verdict:
        case Verdict.HELPS:
            assert low > 0
        case Verdict.HURTS:
            assert high < 0
        case Verdict.NO_PRACTICAL_DIFFERENCE:
            assert -smallest_effect < low <= high < smallest_effect
        case other:
            assert other is Verdict.UNDECIDED
            assert low <= 0 <= high
            assert high >= smallest_effect or low <= -smallest_effect


@pytest.mark.parametrize(("points", "std"), [(-59.5, 4.0), (39.0, 4.0), (0.5, 60.0), (-5.0, 0.3), (1.5, 1.0)])
def test_intervals_stay_within_the_differences_that_are_possible(points: float, std: float) -> None:
    """With 60 % for ORG a case can lose 60 points and gain 40. The verdict is that without this limit."""
    found = difference(points, std=std)
    judgement, unlimited = (judged(one) for one in (found, found.model_copy(update={"org_accuracy": 50.0})))
    low, high = judgement.interval
    half = float(half_width(estimate(found, syn=False), judgement.level))
    assert low == pytest.approx(max(points - half, -60))
    assert high == pytest.approx(min(points + half, 40))
    assert low <= points <= high
    assert judgement.verdict is unlimited.verdict


@given(differences, st.booleans())
def test_swapping_case_and_org_mirrors_everything(found: Difference, syn: bool) -> None:
    mirrored = found.model_copy(
        update={
            "difference": -found.difference,
            "org_accuracy": 100 - found.org_accuracy,
            "seed_variance": found.org_seed_variance,
            "org_seed_variance": found.seed_variance,
        }
    )
    forward, reverse = judged(found, syn=syn), judged(mirrored, syn=syn)
    assert reverse.verdict is SWAPPED.get(forward.verdict, forward.verdict)
    assert (reverse.reason, reverse.seeds, reverse.more_seeds) == (forward.reason, forward.seeds, forward.more_seeds)
    assert reverse.cannot_show_less_than == forward.cannot_show_less_than
    if forward.interval is not None:
        assert reverse.interval == pytest.approx((-forward.interval[1], -forward.interval[0]))


@given(st.integers(1, 4), st.floats(-50, 50), st.booleans())
def test_fewer_than_five_seeds_are_always_undecided(seeds: int, points: float, syn: bool) -> None:
    judgement = judged(difference(points, seeds=seeds, std=0.0, org_std=0.0), syn=syn)
    assert judgement.verdict is Verdict.UNDECIDED
    assert not judgement.is_final
    assert (judgement.seeds, judgement.more_seeds) == (seeds, 5 - seeds)
    assert judgement.reason == "a verdict needs 5 seeds"
    assert judgement.interval is None


def test_seeds_between_two_looks_decide_nothing() -> None:
    judgement = judged(difference(50.0, seeds=6))
    assert (judgement.verdict, judgement.more_seeds) == (Verdict.UNDECIDED, 2)


def test_the_first_deciding_look_is_final() -> None:
    """A later look that says otherwise, or a larger cap, changes nothing."""
    first = difference(0.6, std=1.0, org_std=1.0)
    second, third = difference(3.0, seeds=8), difference(-3.0, seeds=12)
    assert judged(first).verdict is Verdict.UNDECIDED
    assert judged(first, second) == judged(first, second, third) == judged(second)
    assert (judged(first, second, third).verdict, judged(first, second, third).seeds) == (Verdict.HELPS, 8)


def test_a_futile_look_is_final() -> None:
    futile = difference(1.0, images=1.0)
    judgement = judged(futile, difference(9.0, seeds=8))
    least = stats.norm.isf(LEVEL / 2)
    assert judgement.verdict is Verdict.UNDECIDED
    assert judgement.is_final
    assert judgement.cannot_show_less_than == pytest.approx(least)
    assert judgement.reason == f"10,000 test images cannot show less than about {least:.1f} points"
    assert (judgement.seeds, judgement.more_seeds) == (5, None)


@given(differences, st.booleans())
def test_more_seeds_would_decide_and_one_fewer_would_not(found: Difference, syn: bool) -> None:
    judgement = judged(found, syn=syn)
    if found.n_seeds not in LOOKS or judgement.more_seeds is None:
        return
    needed = found.n_seeds + judgement.more_seeds
    assert f"about {judgement.more_seeds} more seed" in judgement.reason

    def verdict(seeds: int) -> Verdict:
        changed = found.model_copy(update={"n_seeds": seeds})
        return judge([changed], LEVEL, 1.0, syn=syn, looks=(1, 2, 3, 4, seeds)).verdict  # five looks, as usual

    assert verdict(needed) in DECIDED
    assert verdict(needed - 1) is Verdict.UNDECIDED


def test_no_number_of_seeds_is_promised_where_none_decides() -> None:
    """The difference is exactly what the test images alone can show."""
    judgement = judged(difference(float(stats.norm.isf(LEVEL / 2)) * 0.5 * (1 + 1e-12), images=0.5, std=2.0))
    assert (judgement.more_seeds, judgement.is_final) == (None, False)
    assert judgement.reason == "no number of seeds was found that would decide"


def test_level_and_smallest_effect_are_recorded_and_matter() -> None:
    found = difference(1.0, std=0.4, org_std=0.4)
    assert judge([found], 0.3, 1.0, syn=False).verdict is Verdict.HELPS
    judgement = judged(found)
    assert (judgement.level, judgement.smallest_effect) == (LEVEL, 1.0)
    assert judgement.verdict is Verdict.UNDECIDED
    assert judged(found, smallest_effect=9.0).verdict is Verdict.NO_PRACTICAL_DIFFERENCE


def test_predictions_to_verdict() -> None:
    rng = np.random.default_rng(0)
    labels = np.arange(2000) % 10
    org = rng.random((5, 2000)) < 0.7
    for accuracy, expected in [(0.8, Verdict.HELPS), (0.6, Verdict.HURTS)]:
        case = rng.random((5, 2000)) < accuracy
        for syn in (False, True):
            assert judge([compare(case, org, labels)], LEVEL, 1.0, syn=syn).verdict is expected
    same = judge([compare(org, org, labels)], LEVEL, 5.0, syn=False)
    assert same.verdict is Verdict.NO_PRACTICAL_DIFFERENCE
