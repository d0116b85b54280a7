"""The verdict on a linear probe: full fits for the difference, resampled ones for its variance."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from suite.classifiers.classifier import RESAMPLES
from suite.statistics.probe import compare_probes, estimate_probe, judge_probe
from suite.statistics.summaries import Difference, Verdict

LEVEL = 0.04 / 3


def differences(images: int, effect: float = 0.0, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Return the differences of full fits, (images,), and of resampled fits, (20, images): -100, 0 or 100."""
    rng = np.random.default_rng(seed)
    shares = [0.1, 0.8 - effect, 0.1 + effect]
    draws = rng.choice([-100.0, 0.0, 100.0], p=shares, size=(1 + RESAMPLES, images))
    draws[1:] = np.where(rng.random(draws[1:].shape) < 0.7, draws[0], draws[1:])
    return draws[0], draws[1:]


def test_estimate_by_its_definition() -> None:
    full, resampled = differences(300, effect=0.1)
    found = estimate_probe(full, resampled)
    residuals = resampled - resampled.mean(axis=0) - resampled.mean(axis=1, keepdims=True) + resampled.mean()
    noise = (residuals**2).sum() / (19 * 299) / 300
    assert found.difference == full.mean()
    assert found.seed_variance == pytest.approx(resampled.mean(axis=1).var(ddof=1))  # not divided by 20
    assert found.df == 19
    assert found.image_variance == pytest.approx(max(0, full.var(ddof=1) / 300 - noise) + (100 / 300) ** 2)


def test_the_mean_over_resamples_is_not_reported() -> None:
    full, resampled = differences(200)
    moved = estimate_probe(full, resampled + 10)
    assert moved.difference == full.mean()
    assert moved.seed_variance == pytest.approx(estimate_probe(full, resampled).seed_variance)


@given(st.integers(2, 60), st.integers(0, 10**6))
def test_order_groups_of_one_and_swapped_arms(images: int, seed: int) -> None:
    full, resampled = differences(images, seed=seed)
    rng = np.random.default_rng(seed)
    expected = estimate_probe(full, resampled)
    order, resamples = rng.permutation(images), rng.permutation(RESAMPLES)
    shuffled = estimate_probe(full[order], resampled[resamples][:, order], np.arange(images))
    assert tuple(map(float, shuffled)) == pytest.approx(tuple(map(float, expected)))
    mirrored = estimate_probe(-full, -resampled)
    assert mirrored.difference == -expected.difference
    assert tuple(map(float, mirrored[1:])) == pytest.approx(tuple(map(float, expected[1:])))


def test_groups_widen_the_interval() -> None:
    full, resampled = (np.repeat(values, 4, axis=-1) for values in differences(100))
    alone, grouped = estimate_probe(full, resampled), estimate_probe(full, resampled, np.repeat(np.arange(100), 4))
    assert grouped.image_variance > 2 * alone.image_variance


def probe_difference(points: float, train_std: float, image_std: float) -> Difference:
    return Difference(
        difference=points,
        org_accuracy=60.0,
        org_standard_error=1.0,
        constant_accuracy=10.0,
        seed_variance=None,
        org_seed_variance=None,
        image_variance=image_std**2,
        training_set_variance=train_std**2,
        n_resamples=RESAMPLES,
        n_seeds=1,
        n_images=357,
    )


def test_comparison_by_its_definition() -> None:
    rng = np.random.default_rng(0)
    case, org = rng.random(300) < 0.8, rng.random(300) < 0.7
    again, org_again = (rng.random((RESAMPLES, 300)) < share for share in (0.78, 0.68))
    labels, groups = rng.integers(0, 3, 300), np.arange(300) // 2
    found = compare_probes(case, org, again, org_again, labels, groups=groups)
    full = 100 * (case.astype(int) - org.astype(int))
    resampled = 100 * (again.astype(int) - org_again.astype(int))
    expected = estimate_probe(full, resampled, groups)
    assert found.difference == pytest.approx(float(full.mean()))
    assert found.training_set_variance == pytest.approx(float(expected.seed_variance))
    assert found.image_variance == pytest.approx(float(expected.image_variance))
    assert found.org_accuracy == pytest.approx(100 * org.mean())
    assert found.constant_accuracy == pytest.approx(100 * np.bincount(labels).max() / 300)
    assert (found.n_seeds, found.n_resamples, found.n_groups) == (1, RESAMPLES, 150)
    with pytest.raises(ValueError, match="all test images are of one group"):
        compare_probes(case, org, again, org_again, labels, groups=np.zeros(300, dtype=np.int64))


@pytest.mark.parametrize(
    ("points", "train_std", "image_std", "verdict"),
    [
        (3.0, 0.2, 0.2, Verdict.HELPS),
        (-3.0, 0.2, 0.2, Verdict.HURTS),
        (1.6, 0.5, 0.1, Verdict.HELPS),  # the level is not divided: there is one look
        (0.1, 0.1, 0.2, Verdict.NO_PRACTICAL_DIFFERENCE),
        (1.0, 0.1, 1.0, Verdict.UNDECIDED),
        (0.1, 1.0, 0.1, Verdict.UNDECIDED),
    ],
)
def test_verdicts(points: float, train_std: float, image_std: float, verdict: Verdict) -> None:
    judgement = judge_probe(probe_difference(points, train_std, image_std), LEVEL, 1.0)
    assert judgement.verdict is verdict
    level = 2 * LEVEL if verdict is Verdict.NO_PRACTICAL_DIFFERENCE else LEVEL
    half = np.hypot(stats.t.ppf(1 - level / 2, 19) * train_std, stats.norm.ppf(1 - level / 2) * image_std)
    assert judgement.interval == pytest.approx((points - half, points + half))
    assert judgement.seeds is judgement.more_seeds is None
    if judgement.cannot_show_less_than is not None:
        assert judgement.is_final
        assert judgement.reason.startswith("357 test images cannot show less than about 2.5 points")
    elif verdict is Verdict.UNDECIDED:
        assert judgement.reason == "more training images are needed to decide"
