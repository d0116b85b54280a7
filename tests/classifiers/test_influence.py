"""Influence on the validation loss, compared with leaving images out and fitting again."""

import numpy as np
import pytest
from scipy.stats import spearmanr
from sklearn.linear_model import LogisticRegression as Solver
from sklearn.metrics import log_loss, roc_auc_score

from suite.classifiers.influence_functions import (
    cross_fitted_influence,
    influence,
    mean_rank_correlation,
    stratified_folds,
)
from suite.classifiers.logistic_regression import LogisticRegression, fit, standardised

STRENGTH = 0.05


def clouds(classes: int, per_class: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Return overlapping Gaussian features (N, 12) around the means of the classes, and labels."""
    rng = np.random.default_rng(seed)
    labels = np.repeat(np.arange(classes), per_class)
    means = 0.7 * np.random.default_rng(99).normal(size=(classes, 12))
    return (rng.normal(size=(len(labels), 12)) + means[labels]).astype(np.float32), labels


def fitted(features: np.ndarray, labels: np.ndarray) -> LogisticRegression:
    return fit(features, labels, STRENGTH, balanced=False, max_iterations=2000)


@pytest.mark.parametrize("classes", [2, 4])
def test_influence_predicts_the_loss_after_leaving_an_image_out(classes: int) -> None:
    (features, labels), (unseen, unseen_labels) = clouds(classes, 25, 1), clouds(classes, 50, 2)
    wrong = np.arange(0, len(labels), 10)
    labels[wrong] = (labels[wrong] + 1) % classes
    probe = fitted(features, labels)
    found = influence(probe, STRENGTH, (features, labels), (unseen, unseen_labels), (features, labels))
    inputs, unseen = (standardised(part, probe.mean, probe.std) for part in (features, unseen))

    def loss(kept: np.ndarray) -> float:
        solver = Solver(C=STRENGTH, max_iter=5000, tol=1e-9).fit(inputs[kept], labels[kept])
        return float(log_loss(unseen_labels, solver.predict_proba(unseen)))

    every = np.arange(len(labels))
    rise = np.array([loss(np.delete(every, index)) for index in every]) - loss(every)
    assert np.corrcoef(found, rise)[0, 1] > 0.99
    assert np.polyfit(rise, found, 1)[0] == pytest.approx(1, abs=0.1), "in nats, not only in proportion"


def test_a_wrong_label_has_a_negative_influence() -> None:
    (features, labels), validation = clouds(4, 60, 1), clouds(4, 60, 2)
    wrong = np.zeros(len(labels), dtype=bool)
    wrong[::10] = True
    labels[wrong] = (labels[wrong] + 2) % 4
    found = influence(fitted(features, labels), STRENGTH, (features, labels), validation, (features, labels))
    assert (found[wrong] < 0).mean() > 0.9
    assert found[~wrong].mean() > 0 > found[wrong].mean()
    assert roc_auc_score(wrong, -found) > 0.9


def test_only_the_influence_of_candidates_is_computed() -> None:
    train, validation = clouds(3, 20, 1), clouds(3, 20, 2)
    probe = fitted(*train)
    every = influence(probe, STRENGTH, train, validation, train)
    some = influence(probe, STRENGTH, train, validation, (train[0][40:], train[1][40:]))
    assert some == pytest.approx(every[40:], rel=1e-3, abs=1e-9)
    assert len(influence(probe, STRENGTH, train, validation, (train[0][:0], train[1][:0]))) == 0


def test_the_images_of_a_class_are_spread_over_the_folds() -> None:
    labels = np.repeat([0, 1, 2], [10, 3, 26])
    fold_of = stratified_folds(labels, 5, seed=0)
    for label in range(3):
        counts = np.bincount(fold_of[labels == label], minlength=5)
        assert counts.max() - counts.min() <= 1
    assert (fold_of == stratified_folds(labels, 5, seed=0)).all()
    assert (fold_of != stratified_folds(labels, 5, seed=1)).any()


def test_every_real_image_is_held_out_once() -> None:
    """The influences on the folds add up to that on the mean loss over all real images."""
    synthetic, real = clouds(3, 30, 1), clouds(3, 20, 2)
    found = cross_fitted_influence(synthetic, real, STRENGTH, folds=4, max_iterations=2000, seed=0)
    fold_of = stratified_folds(real[1], 4, 0)
    expected = np.zeros(90)
    for fold in range(4):
        held_out = fold_of == fold
        features, labels = (
            np.concatenate([part[~held_out], added]) for part, added in zip(real, synthetic, strict=True)
        )
        validation = real[0][held_out], real[1][held_out]
        of_fold = influence(fitted(features, labels), STRENGTH, (features, labels), validation, synthetic)
        expected += of_fold * held_out.sum() / 60
    assert found.shape == (4, 90)
    assert found.sum(axis=0) == pytest.approx(expected, rel=1e-6, abs=1e-12)
    wrong = synthetic[0], (synthetic[1] + 1) % 3
    harmful = cross_fitted_influence(wrong, real, STRENGTH, folds=4, max_iterations=2000, seed=0)
    assert found.sum() > 0 > harmful.sum()


def test_agreement_of_folds_is_a_mean_rank_correlation() -> None:
    values = np.random.default_rng(0).normal(size=(3, 50))
    pairs = [spearmanr(values[i], values[j]).statistic for i, j in ((0, 1), (0, 2), (1, 2))]
    assert mean_rank_correlation(values) == pytest.approx(np.mean(pairs))
    assert mean_rank_correlation(values[:1]) is None
    assert mean_rank_correlation(np.zeros((3, 50))) is None
    assert mean_rank_correlation(np.zeros((3, 0))) is None
