"""Comparison of a case with org: signs, pairing, few seeds, and cases that always agree."""

import numpy as np
import pytest
from scipy import stats

from suite.statistics.comparison import compare
from suite.statistics.summaries import Difference
from suite.statistics.verdict import Verdict, judge


def compared(case: np.ndarray, org: np.ndarray, smallest_effect: float = 2.0) -> Difference:
    return compare(case, org, smallest_effect=smallest_effect, alpha=0.05, seed=0)


def one_trial(simulate, shape: tuple[int, int, int], **effects: float) -> tuple[np.ndarray, np.ndarray]:
    case, org = simulate(1, shape, **effects)
    return case[0, 0], org[0]


def verdict_of(found: Difference) -> Verdict:
    return judge({"cell": found}, 0.05)["cell"].verdict


def test_equals_students_t_on_paired_differences_if_seeds_dominate(simulate) -> None:
    case, org = one_trial(simulate, (1, 4, 20_000), seeds=0.6, images=0.0, noise=0.05)
    found = compared(case, org)
    expected = stats.ttest_rel(case[0].mean(axis=1), org.mean(axis=1))
    low, high = expected.confidence_interval(0.95)
    assert found.difference == pytest.approx(100 * (case.mean() - org.mean()))
    assert found.p == pytest.approx(expected.pvalue, rel=0.01)
    assert found.p >= expected.pvalue
    assert found.interval == pytest.approx((100 * low, 100 * high), rel=0.01)
    assert found.limited_by == "classifier seeds"


def test_agrees_with_mcnemar_if_all_seeds_predict_the_same() -> None:
    """Identical seeds have no variance; the p-value must not be zero but that of a single classifier."""
    tables = pytest.importorskip(
        "statsmodels.stats.contingency_tables", reason="install statsmodels to compare with it"
    )
    images = 360
    for won, lost in [(1, 0), (2, 0), (4, 0), (6, 0), (8, 0), (8, 1), (9, 2), (10, 3), (14, 4), (30, 12), (60, 30)]:
        case, org = np.ones((1, 3, images), bool), np.ones((3, images), bool)
        org[:, :won] = False
        case[:, :, won : won + lost] = False
        exact = tables.mcnemar([[images - won - lost, won], [lost, 0]], exact=True).pvalue
        mid_p = exact - stats.binom.pmf(lost, won + lost, 0.5)
        p = compared(case, org).p
        assert 0.95 * mid_p <= p <= exact, (won, lost)


def test_swapping_case_and_org_reverses_the_result(simulate) -> None:
    swapped = {Verdict.HELPS: Verdict.HURTS, Verdict.HURTS: Verdict.HELPS}
    for seed in range(5):
        case, org = one_trial(simulate, (1, 3, 200), effect=8 * seed - 24.0, seed=seed)
        forward, reverse = compared(case, org), compared(org[None], case[0])
        assert reverse.difference == pytest.approx(-forward.difference)
        assert reverse.p == pytest.approx(forward.p)
        assert reverse.interval == pytest.approx((-forward.interval[1], -forward.interval[0]))
        image_interval = (-forward.image_interval[1], -forward.image_interval[0])
        assert reverse.image_interval == pytest.approx(image_interval, abs=0.5)
        assert verdict_of(reverse) is swapped.get(verdict_of(forward), verdict_of(forward))


@pytest.mark.parametrize("smallest_effect", [0.5, 2.0, 8.0])
def test_powered_means_that_the_smallest_effect_is_detectable(simulate, smallest_effect: float) -> None:
    found = compared(*one_trial(simulate, (1, 5, 2000), seeds=0.03), smallest_effect)
    assert 0.5 < found.minimum_detectable < 8.0
    assert found.powered == (found.minimum_detectable <= smallest_effect)


def test_verdicts_on_simulated_differences(simulate) -> None:
    case, org = one_trial(simulate, (1, 5, 1000), effect=-12.0, seeds=0.05)
    assert verdict_of(compared(case, org)) is Verdict.HURTS
    case, org = one_trial(simulate, (1, 5, 1000), effect=6.0, seeds=0.05)
    assert verdict_of(compared(case, org)) is Verdict.HELPS
    case, org = one_trial(simulate, (1, 5, 2000), seeds=0.03)
    assert verdict_of(compared(case, org, smallest_effect=4.0)) is Verdict.NO_EVIDENCE
    assert verdict_of(compared(case, org, smallest_effect=0.2)) is Verdict.TOO_FEW_SEEDS


@pytest.mark.parametrize("shape", [(1, 1, 300), (3, 1, 300)])
def test_one_classifier_seed_gives_too_few_seeds(simulate, shape: tuple[int, int, int]) -> None:
    case, org = one_trial(simulate, shape, effect=-30.0)
    found = compared(case, org)
    assert found.p is found.interval is found.minimum_detectable is found.powered_level is None
    assert not found.powered
    assert found.image_interval[1] < 0
    assert verdict_of(found) is Verdict.TOO_FEW_SEEDS


def test_cases_that_always_agree_have_a_positive_interval_width() -> None:
    same = np.ones((1, 3, 360), bool)
    found = compared(same, same[0])
    assert found.difference == 0
    assert found.p == 1
    assert found.interval[0] < -0.3 < 0.3 < found.interval[1]
    assert found.image_interval[0] < -0.3 < 0.3 < found.image_interval[1]
    assert 0.5 < found.minimum_detectable < 2
    assert found.limited_by == "test images"


def test_equal_differences_on_a_small_test_set_are_not_significant() -> None:
    """Three seeds that are each better by one image have a standard deviation of zero, but show no difference."""
    case, org = np.ones((1, 3, 40), bool), np.ones((3, 40), bool)
    org[np.arange(3), np.arange(3)] = False
    found = compared(case, org)
    assert found.difference == pytest.approx(2.5)
    assert found.p > 0.2
    assert found.interval[0] < 0 < found.interval[1]


def test_pairing_by_classifier_seed_matters(simulate) -> None:
    """With the seeds of org in another order, the common effects of the seeds no longer cancel."""
    case, org = one_trial(simulate, (1, 4, 2000), seeds=0.3, noise=0.02)
    case = (case | org) & (np.random.default_rng(0).random(case.shape) < 0.99)
    assert compared(case, org).p < compared(case, np.roll(org, 1, axis=0)).p


def test_design_in_words(simulate) -> None:
    for shape, design in [
        ((1, 3, 1200), "3 classifier seeds, 1,200 test images; for this generator"),
        ((1, 1, 50), "1 classifier seed, 50 test images; for this generator"),
        ((2, 3, 50), "2 generator seeds x 3 classifier seeds, 50 test images"),
    ]:
        found = compared(*one_trial(simulate, shape))
        assert found.design == design
        assert (found.n_generator_seeds, found.n_seeds, found.n_images) == shape


def test_the_largest_source_is_named(simulate) -> None:
    cases = {
        "test images": ((1, 5, 50), {"seeds": 0.0, "images": 0.5, "noise": 0.0}),
        "classifier seeds": ((1, 3, 5000), {"seeds": 0.3}),
        "generator seeds": ((2, 5, 2000), {"seeds": 0.05, "generators": 1.0}),
    }
    for name, (shape, effects) in cases.items():
        assert compared(*one_trial(simulate, shape, **effects)).limited_by == name


@pytest.mark.parametrize(
    ("case_shape", "org_shape"), [((1, 3, 10), (3, 11)), ((1, 2, 10), (3, 10)), ((3, 10), (3, 10)), ((1, 3, 1), (3, 1))]
)
def test_shapes_that_cannot_be_paired_are_refused(case_shape: tuple[int, ...], org_shape: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match="paired"):
        compared(np.ones(case_shape, bool), np.ones(org_shape, bool))
