"""Logistic regression on features, and the choice of its strength."""

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression as Solver
from sklearn.preprocessing import StandardScaler

from suite.classifiers.linear_probe import times_drawn
from suite.classifiers.logistic_regression import choose_strength, fit


def clouds(
    classes: int = 3, per_class: int = 40, distance: float = 1.0, seed: int = 0
) -> tuple[np.ndarray, np.ndarray]:
    """Return Gaussian features (N, 20) around the means of the classes, and labels."""
    rng = np.random.default_rng(seed)
    labels = np.repeat(np.arange(classes), per_class)
    means = distance * np.random.default_rng(99).normal(size=(classes, 20))
    return (rng.normal(size=(len(labels), 20)) + means[labels]).astype(np.float32) * 3 + 5, labels


@pytest.mark.parametrize("classes", [2, 3])
def test_probabilities_are_those_of_scikit_learn_on_standardised_features(classes: int) -> None:
    features, labels = clouds(classes)
    probe = fit(features, labels, 0.1, balanced=False, max_iterations=500)
    scaler = StandardScaler().fit(features)
    expected = Solver(C=0.1, max_iter=500).fit(scaler.transform(features), labels)
    found = probe.probabilities(features[::7])
    assert found.dtype == np.float32
    assert found == pytest.approx(expected.predict_proba(scaler.transform(features[::7])), abs=1e-3)


def test_a_weight_counts_an_image_several_times() -> None:
    features, labels = clouds()
    weights = np.random.default_rng(1).integers(1, 4, len(labels))
    weighted = fit(features, labels, 0.1, weights=weights, balanced=False, max_iterations=500)
    repeated = fit(
        np.repeat(features, weights, axis=0), np.repeat(labels, weights), 0.1, balanced=False, max_iterations=500
    )
    assert weighted.probabilities(features) == pytest.approx(repeated.probabilities(features), abs=1e-3)


def test_balanced_classes_count_as_if_they_had_as_many_images() -> None:
    features, labels = clouds(per_class=40)
    kept = (labels != 0) | (np.cumsum(labels == 0) <= 10)
    balanced = fit(features[kept], labels[kept], 0.1, balanced=True, max_iterations=500)
    weights = np.where(labels[kept] == 0, 4, 1)
    expected = Solver(C=0.1 * 90 / 120, max_iter=500)  # scikit-learn's weights have the sum of the images
    scaler = StandardScaler().fit(features[kept])
    expected.fit(scaler.transform(features[kept]), labels[kept], sample_weight=weights)
    found = balanced.probabilities(features)
    assert found == pytest.approx(expected.predict_proba(scaler.transform(features)), abs=1e-3)
    plain = fit(features[kept], labels[kept], 0.1, balanced=False, max_iterations=500).probabilities(features)
    assert found[labels == 0, 0].mean() > plain[labels == 0, 0].mean()


def test_a_constant_feature_changes_nothing() -> None:
    features, labels = clouds()
    constant = np.concatenate([features, np.full((len(features), 1), 7, np.float32)], axis=1)
    assert fit(constant, labels, 0.1, balanced=False, max_iterations=99).probabilities(constant) == pytest.approx(
        fit(features, labels, 0.1, balanced=False, max_iterations=99).probabilities(features), abs=1e-3
    )


def chosen(features: np.ndarray, labels: np.ndarray, seed: int = 0) -> float:
    strengths = (1e-5, 1e-2, 10.0)
    return choose_strength(
        features, labels, strengths, default=0.5, validation=0.2, balanced=False, max_iterations=200, seed=seed
    )


def test_noise_gets_a_strong_penalty_and_separable_classes_a_weak_one() -> None:
    features, labels = clouds(distance=0.0)
    assert chosen(features, labels) == 1e-5
    assert chosen(*clouds(distance=3.0)) > 1e-5


def test_classes_of_fewer_than_five_images_have_no_validation_part() -> None:
    features, labels = clouds(per_class=4)
    assert chosen(features, labels) == 0.5, "the default"
    more, more_labels = clouds(per_class=5)
    assert chosen(more, more_labels) != 0.5


def test_a_resample_draws_as_many_images_of_each_class() -> None:
    labels = np.repeat([0, 1, 2], [5, 50, 1])
    times = times_drawn(labels, np.random.default_rng(0))
    assert [times[labels == label].sum() for label in range(3)] == [5, 50, 1]
    assert 0.5 < (times[labels == 1] > 0).mean() < 0.75
