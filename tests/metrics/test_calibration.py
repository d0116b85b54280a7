"""Calibration: agreement with scikit-learn, and what temperature scaling repairs."""

from collections.abc import Callable

import numpy as np
import pytest
from scipy.special import softmax
from sklearn.calibration import calibration_curve
from sklearn.metrics import brier_score_loss, log_loss

from suite.metrics.calibration import (
    BINS,
    brier_score,
    expected_calibration_error,
    fit_temperature,
    negative_log_likelihood,
    reliability,
    scaled,
)

Predictions = tuple[np.ndarray, np.ndarray]


def calibrated(images: int = 5000, classes: int = 10, seed: int = 0, spread: float = 2.0) -> Predictions:
    """Return probabilities, and labels that are drawn from them: perfect calibration."""
    rng = np.random.default_rng(seed)
    probabilities = softmax(rng.normal(0, spread, (images, classes)), axis=1)
    labels = (probabilities.cumsum(axis=1) < rng.random((images, 1))).sum(axis=1).clip(max=classes - 1)
    return probabilities, labels.astype(np.int64)


@pytest.mark.parametrize("classes", [3, 10])
def test_scores_agree_with_scikit_learn(classes: int) -> None:
    probabilities, labels = calibrated(800, classes)
    every = np.arange(classes)
    assert brier_score(probabilities, labels) == pytest.approx(
        brier_score_loss(labels, probabilities, labels=every, scale_by_half=False)
    )
    assert negative_log_likelihood(probabilities, labels) == pytest.approx(
        log_loss(labels, probabilities, labels=every)
    )


def test_brier_score_of_two_classes_is_twice_that_of_one_of_them() -> None:
    probabilities, labels = calibrated(500, 2)
    assert brier_score(probabilities, labels) == pytest.approx(2 * brier_score_loss(labels, probabilities[:, 1]))


def test_bins_agree_with_scikit_learn() -> None:
    probabilities, labels = calibrated()
    confidence, right = probabilities.max(axis=1), probabilities.argmax(axis=1) == labels
    accuracies, confidences = calibration_curve(right, confidence, n_bins=BINS, strategy="quantile")
    found = reliability(probabilities, labels)
    np.testing.assert_allclose(found.confidence, confidences)
    np.testing.assert_allclose(found.accuracy, accuracies)
    assert found.size.sum() == 5000
    assert np.ptp(found.size) <= 1


def test_expected_calibration_error_by_its_definition() -> None:
    probabilities, labels = calibrated(600)
    order = np.argsort(probabilities.max(axis=1))
    gaps = [
        len(part) * abs(probabilities[part].max(axis=1).mean() - (probabilities[part].argmax(1) == labels[part]).mean())
        for part in np.array_split(order, BINS)
    ]
    assert expected_calibration_error(probabilities, labels) == pytest.approx(sum(gaps) / 600, abs=2e-3)


def test_equal_confidences_are_in_one_bin_whatever_their_order() -> None:
    probabilities = np.tile([0.7, 0.3], (100, 1))
    labels = np.arange(100) // 70
    found = reliability(probabilities, labels)
    assert (found.confidence, found.accuracy, found.size) == (pytest.approx([0.7]), pytest.approx([0.7]), [100])
    assert expected_calibration_error(probabilities, labels) == pytest.approx(0, abs=1e-12)


def test_logits_times_4_show_overconfidence_and_the_temperature_repairs_it() -> None:
    probabilities, labels = calibrated()
    overconfident = scaled(probabilities, 1 / 4)
    before, after = (expected_calibration_error(one, labels) for one in (probabilities, overconfident))
    assert before < 0.03
    assert after > 0.2
    found = reliability(overconfident, labels)
    assert np.average(found.confidence, weights=found.size) > np.average(found.accuracy, weights=found.size) + 0.2
    temperature = fit_temperature(scaled(calibrated(seed=1)[0], 1 / 4), calibrated(seed=1)[1])
    assert temperature == pytest.approx(4, rel=0.05)
    repaired = scaled(overconfident, temperature)
    assert expected_calibration_error(repaired, labels) < 0.03
    for score in (brier_score, negative_log_likelihood):
        assert score(repaired, labels) < score(overconfident, labels)


def test_temperature_has_the_smallest_negative_log_likelihood() -> None:
    probabilities, labels = calibrated(300, seed=2)
    temperature = fit_temperature(probabilities, labels)
    assert temperature is not None
    least = negative_log_likelihood(scaled(probabilities, temperature), labels)
    for factor in (0.9, 0.99, 1.01, 1.1):
        assert negative_log_likelihood(scaled(probabilities, factor * temperature), labels) > least


def test_no_temperature_is_fitted_where_every_prediction_is_right() -> None:
    probabilities, _ = calibrated(50)
    assert fit_temperature(probabilities, probabilities.argmax(axis=1)) is None


def test_scaling_changes_no_prediction_and_1_changes_nothing() -> None:
    probabilities, _ = calibrated(200)
    np.testing.assert_allclose(scaled(probabilities, 1.0), probabilities)
    assert (scaled(probabilities, 3.0).argmax(axis=1) == probabilities.argmax(axis=1)).all()


@pytest.mark.parametrize("score", [negative_log_likelihood, brier_score, expected_calibration_error])
def test_a_probability_that_underflowed_to_zero_gives_a_finite_score(
    score: Callable[[np.ndarray, np.ndarray], float],
) -> None:
    probabilities = np.array([[1, 0], [1, 0]], dtype=np.float32)
    labels = np.array([0, 1])
    assert np.isfinite(score(probabilities, labels))
    assert np.isfinite(score(scaled(probabilities, fit_temperature(probabilities, labels) or 0), labels))
