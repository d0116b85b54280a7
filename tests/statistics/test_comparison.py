"""A case against org: signs, pairing, few seeds, and arms that always agree."""

import numpy as np
import pytest
from scipy import stats

from suite.statistics.comparison import compare
from suite.statistics.summaries import Difference
from suite.statistics.verdict import Verdict, judge


def compared(case: np.ndarray, org: np.ndarray, smallest_effect: float = 2.0) -> Difference:
    return compare(case, org, smallest_effect=smallest_effect, alpha=0.05, seed=0)


def one_trial(answers, shape: tuple[int, int, int], **more: float) -> tuple[np.ndarray, np.ndarray]:
    case, org = answers(1, shape, **more)
    return case[0, 0], org[0]


def verdict_of(found: Difference) -> Verdict:
    return judge({"cell": found}, 0.05)["cell"].verdict


def test_is_students_t_on_paired_differences_where_seeds_decide(answers) -> None:
    case, org = one_trial(answers, (1, 4, 20_000), seeds=0.6, images=0.0, noise=0.05)
    found = compared(case, org)
    oracle = stats.ttest_rel(case[0].mean(axis=1), org.mean(axis=1))
    low, high = oracle.confidence_interval(0.95)
    assert found.difference == pytest.approx(100 * (case.mean() - org.mean()))
    assert found.p == pytest.approx(oracle.pvalue, rel=0.01)
    assert found.p >= oracle.pvalue
    assert found.interval == pytest.approx((100 * low, 100 * high), rel=0.01)
    assert found.limited_by == "classifier seeds"


def test_agrees_with_mcnemar_where_all_seeds_answer_alike() -> None:
    """Identical seeds have no spread of their own; the p-value must not be zero but that of one classifier."""
    tables = pytest.importorskip(
        "statsmodels.stats.contingency_tables", reason="install statsmodels to check against it"
    )
    images = 360
    for won, lost in [(1, 0), (2, 0), (4, 0), (6, 0), (8, 0), (8, 1), (9, 2), (10, 3), (14, 4), (30, 12), (60, 30)]:
        case, org = np.ones((1, 3, images), bool), np.ones((3, images), bool)
        org[:, :won] = False
        case[:, :, won : won + lost] = False
        exact = tables.mcnemar([[images - won - lost, won], [lost, 0]], exact=True).pvalue
        halfway = exact - stats.binom.pmf(lost, won + lost, 0.5)
        p = compared(case, org).p
        assert 0.95 * halfway <= p <= exact, (won, lost)


def test_swapping_the_arms_turns_everything_round(answers) -> None:
    swapped = {Verdict.HELPS: Verdict.HURTS, Verdict.HURTS: Verdict.HELPS}
    for seed in range(5):
        case, org = one_trial(answers, (1, 3, 200), effect=8 * seed - 24.0, seed=seed)
        there, back = compared(case, org), compared(org[None], case[0])
        assert back.difference == pytest.approx(-there.difference)
        assert back.p == pytest.approx(there.p)
        assert back.interval == pytest.approx((-there.interval[1], -there.interval[0]))
        assert back.image_interval == pytest.approx((-there.image_interval[1], -there.image_interval[0]), abs=0.5)
        assert verdict_of(back) is swapped.get(verdict_of(there), verdict_of(there))


@pytest.mark.parametrize("smallest_effect", [0.5, 2.0, 8.0])
def test_powered_says_whether_the_smallest_effect_is_detectable(answers, smallest_effect: float) -> None:
    found = compared(*one_trial(answers, (1, 5, 2000), seeds=0.03), smallest_effect)
    assert 0.5 < found.minimum_detectable < 8.0
    assert found.powered == (found.minimum_detectable <= smallest_effect)


def test_planted_differences_get_their_verdicts(answers) -> None:
    case, org = one_trial(answers, (1, 5, 1000), effect=-12.0, seeds=0.05)
    assert verdict_of(compared(case, org)) is Verdict.HURTS
    case, org = one_trial(answers, (1, 5, 1000), effect=6.0, seeds=0.05)
    assert verdict_of(compared(case, org)) is Verdict.HELPS
    case, org = one_trial(answers, (1, 5, 2000), seeds=0.03)
    assert verdict_of(compared(case, org, smallest_effect=4.0)) is Verdict.NO_EVIDENCE
    assert verdict_of(compared(case, org, smallest_effect=0.2)) is Verdict.TOO_FEW_SEEDS


@pytest.mark.parametrize("shape", [(1, 1, 300), (3, 1, 300)])
def test_one_classifier_seed_is_too_few(answers, shape: tuple[int, int, int]) -> None:
    case, org = one_trial(answers, shape, effect=-30.0)
    found = compared(case, org)
    assert found.p is found.interval is found.minimum_detectable is found.powered_level is None
    assert not found.powered
    assert found.image_interval[1] < 0
    assert verdict_of(found) is Verdict.TOO_FEW_SEEDS


def test_arms_that_always_agree_are_not_certain() -> None:
    same = np.ones((1, 3, 360), bool)
    found = compared(same, same[0])
    assert found.difference == 0
    assert found.p == 1
    assert found.interval[0] < -0.3 < 0.3 < found.interval[1]
    assert found.image_interval[0] < -0.3 < 0.3 < found.image_interval[1]
    assert 0.5 < found.minimum_detectable < 2
    assert found.limited_by == "test images"


def test_equal_differences_on_a_tiny_test_set_prove_nothing() -> None:
    """Three seeds that each win by one image have a standard deviation of zero, and nothing to boast of."""
    case, org = np.ones((1, 3, 40), bool), np.ones((3, 40), bool)
    org[np.arange(3), np.arange(3)] = False
    found = compared(case, org)
    assert found.difference == pytest.approx(2.5)
    assert found.p > 0.2
    assert found.interval[0] < 0 < found.interval[1]


def test_org_belongs_to_its_seed(answers) -> None:
    """Pairing matters: with org's seeds in another order the common luck no longer cancels."""
    case, org = one_trial(answers, (1, 4, 2000), seeds=0.3, noise=0.02)
    case = (case | org) & (np.random.default_rng(0).random(case.shape) < 0.99)
    assert compared(case, org).p < compared(case, np.roll(org, 1, axis=0)).p


def test_design_is_said(answers) -> None:
    for shape, said in [
        ((1, 3, 1200), "3 classifier seeds, 1,200 test images; for this generator"),
        ((1, 1, 50), "1 classifier seed, 50 test images; for this generator"),
        ((2, 3, 50), "2 generator seeds x 3 classifier seeds, 50 test images"),
    ]:
        found = compared(*one_trial(answers, shape))
        assert found.design == said
        assert (found.n_generator_seeds, found.n_seeds, found.n_images) == shape


def test_limits_are_named(answers) -> None:
    cases = {
        "test images": ((1, 5, 50), {"seeds": 0.0, "images": 0.5, "noise": 0.0}),
        "classifier seeds": ((1, 3, 5000), {"seeds": 0.3}),
        "generator seeds": ((2, 5, 2000), {"seeds": 0.05, "generators": 1.0}),
    }
    for name, (shape, luck) in cases.items():
        assert compared(*one_trial(answers, shape, **luck)).limited_by == name


@pytest.mark.parametrize(
    ("arm", "reference"), [((1, 3, 10), (3, 11)), ((1, 2, 10), (3, 10)), ((3, 10), (3, 10)), ((1, 3, 1), (3, 1))]
)
def test_arms_that_cannot_be_paired_are_refused(arm: tuple[int, ...], reference: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match="paired"):
        compared(np.ones(arm, bool), np.ones(reference, bool))
