"""Confidence intervals of an accuracy, checked against closed forms and statsmodels."""

import numpy as np
import pytest
from scipy import stats

from suite.statistics.intervals import image_interval, mean_interval, summarise, wilson_interval


def random_correctness(*shape: int, accuracy: float = 0.8, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).random(shape) < accuracy


def test_mean_interval_agrees_with_students_t() -> None:
    weightstats = pytest.importorskip("statsmodels.stats.weightstats", reason="install statsmodels to compare with it")
    correct = random_correctness(5, 400)
    expected = weightstats.DescrStatsW(100 * correct.mean(axis=1)).tconfint_mean(alpha=0.1)
    assert mean_interval(correct, 0.1) == pytest.approx(expected)


def test_one_classifier_has_no_mean_interval() -> None:
    assert mean_interval(random_correctness(1, 100), 0.05) is None


def test_seeds_with_equal_accuracies_have_a_positive_interval_width() -> None:
    correct = np.ones((3, 100), bool)
    correct[:, 0] = False
    low, high = mean_interval(correct, 0.05)
    assert low < 98.9
    assert high > 99.1
    assert high <= 100


def test_wilson_interval() -> None:
    proportion = pytest.importorskip("statsmodels.stats.proportion", reason="install statsmodels to compare with it")
    for correct, images in [(0, 20), (350, 360), (360, 360), (5000, 10_000)]:
        expected = proportion.proportion_confint(correct, images, 0.05, method="wilson")
        assert wilson_interval(correct, images, 0.05) == pytest.approx([100 * end for end in expected])


def test_image_interval_approaches_the_normal_interval() -> None:
    correct = random_correctness(3, 3000)
    low, high = image_interval(correct, 0.05, seed=0)
    half = 1.96 * 100 * stats.sem(correct.mean(axis=0))
    assert (low + high) / 2 == pytest.approx(100 * correct.mean(), abs=0.1 * half)
    assert high - low == pytest.approx(2 * half, rel=0.1)


def test_image_interval_covers_the_true_accuracy() -> None:
    covered = 0
    for trial in range(150):
        low, high = image_interval(random_correctness(100, seed=trial), 0.05, seed=trial)
        covered += low <= 80 <= high
    assert covered / 150 >= 0.95 - 3 * np.sqrt(0.05 * 0.95 / 150)


def test_image_interval_depends_only_on_its_seed() -> None:
    correct = random_correctness(3, 200)
    first = image_interval(correct, 0.05, seed=1)
    np.random.default_rng(5).random(100)
    assert image_interval(correct, 0.05, seed=1) == first
    assert image_interval(correct, 0.05, seed=2) != first


def test_image_interval_of_equal_values_has_wilsons_width() -> None:
    width = wilson_interval(0, 360, 0.05)[1]
    assert image_interval(np.zeros((3, 360), np.int8), 0.05, seed=0) == (-width, width)


def test_order_of_images_and_seeds_changes_no_interval_over_seeds() -> None:
    correct = random_correctness(4, 200)
    rng = np.random.default_rng(0)
    assert mean_interval(correct[rng.permutation(4)][:, rng.permutation(200)], 0.05) == pytest.approx(
        mean_interval(correct, 0.05)
    )


def test_summary() -> None:
    correct = random_correctness(3, 200)
    found = summarise(correct, alpha=0.05, seed=0)
    assert found.mean == pytest.approx(100 * correct.mean())
    assert found.accuracies == pytest.approx(100 * correct.mean(axis=1))
    assert (found.n_seeds, found.n_images) == (3, 200)
    assert found.mean_interval == mean_interval(correct, 0.05)
    assert found.image_interval == image_interval(correct, 0.05, seed=0)


def test_summary_of_one_classifier_has_wilsons_interval() -> None:
    correct = random_correctness(1, 360, accuracy=0.97)
    found = summarise(correct, alpha=0.05, seed=0)
    assert found.mean_interval is None
    assert found.image_interval == wilson_interval(int(correct.sum()), 360, 0.05)


def test_intervals_do_not_exceed_100() -> None:
    found = summarise(np.ones((3, 360), bool), alpha=0.05, seed=0)
    assert found.mean == found.mean_interval[1] == found.image_interval[1] == 100
    assert 98 < found.image_interval[0] < 99.5
