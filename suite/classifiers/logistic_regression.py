"""Multinomial logistic regression on features: fit, choice of the L2 strength, and predictions."""

import warnings
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from suite.randomness import numpy_generator

SMALLEST_STD = 1e-6  # a feature that never changes stays 0


@dataclass(frozen=True)
class LogisticRegression:
    """A fitted logistic regression on standardised features.

    Attributes:
        coefficients: float64, (classes, D).
        intercepts: float64, (classes,).
        mean: float64, (D,), mean of each feature of the training images.
        std: float64, (D,), their standard deviation.
        iterations: Iterations of the solver; 0 if it was read from a file.
    """

    coefficients: NDArray[np.float64]
    intercepts: NDArray[np.float64]
    mean: NDArray[np.float64]
    std: NDArray[np.float64]
    iterations: int

    def probabilities(self, features: NDArray[np.float32]) -> NDArray[np.float32]:
        """Return the class probabilities, float32 (N, classes), of features, (N, D)."""
        from scipy.special import softmax

        logits = standardised(features, self.mean, self.std) @ self.coefficients.T + self.intercepts
        probabilities: NDArray[np.float32] = softmax(logits, axis=1).astype(np.float32)
        return probabilities


def fit(
    features: NDArray[np.float32],
    labels: NDArray[np.int64],
    strength: float,
    *,
    weights: NDArray[np.int64] | None = None,
    balanced: bool,
    max_iterations: int,
) -> LogisticRegression:
    """Fit a logistic regression.

    Args:
        features: float32, (N, D).
        labels: int64, (N,), at least two classes; every class from 0 to the largest label has an image.
        strength: Inverse L2 strength, scikit-learn's ``C``.
        weights: int64, (N,), how often each image counts; None counts each once.
        balanced: Whether the images of a class are weighted inversely to their number.
        max_iterations: Most iterations of the solver. More images than it can separate converge slowly, and the
            last iterations change no prediction, so that reaching it is no error.
    """
    from sklearn.exceptions import ConvergenceWarning
    from sklearn.linear_model import LogisticRegression as Solver

    mean = np.average(features, axis=0, weights=weights).astype(np.float64)
    variance = np.average((features - mean) ** 2, axis=0, weights=weights)
    std: NDArray[np.float64] = np.sqrt(variance).clip(SMALLEST_STD)
    solver = Solver(C=strength, max_iter=max_iterations, class_weight="balanced" if balanced else None)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        solver.fit(standardised(features, mean, std), labels, sample_weight=weights)
    coefficients, intercepts = solver.coef_, solver.intercept_
    if len(solver.classes_) == 2:  # scikit-learn gives the logit of class 1 against class 0
        coefficients, intercepts = np.stack([-coefficients[0], coefficients[0]]) / 2, np.array([-0.5, 0.5]) * intercepts
    return LogisticRegression(
        coefficients.astype(np.float64), intercepts.astype(np.float64), mean, std, int(solver.n_iter_.max())
    )


def choose_strength(
    features: NDArray[np.float32],
    labels: NDArray[np.int64],
    strengths: Sequence[float],
    *,
    default: float,
    validation: float,
    balanced: bool,
    max_iterations: int,
    seed: int,
) -> float:
    """Return the strength with the lowest log loss on a validation part of the training set.

    Args:
        features: float32, (N, D).
        labels: int64, (N,).
        strengths: Inverse strengths to choose from.
        default: Returned if no class has an image to hold out.
        validation: Share of each class, rounded down, that is held out.
        balanced: Whether the images of a class are weighted inversely to their number.
        max_iterations: Most iterations of the solver.
        seed: Seed of the choice of the validation images.
    """
    from sklearn.metrics import log_loss
    from sklearn.utils.class_weight import compute_sample_weight

    held_out = np.zeros(len(labels), dtype=bool)
    random = numpy_generator(seed, "probe validation")
    classes = np.unique(labels)
    for label in classes:
        of_class = random.permutation(np.flatnonzero(labels == label))
        held_out[of_class[: int(validation * len(of_class))]] = True
    if not held_out.any():
        return default
    truth = labels[held_out]
    weights = compute_sample_weight("balanced", truth) if balanced else None
    losses = []
    for strength in strengths:
        probe = fit(features[~held_out], labels[~held_out], strength, balanced=balanced, max_iterations=max_iterations)
        predicted = probe.probabilities(features[held_out])
        losses.append(log_loss(truth, predicted, labels=classes, sample_weight=weights))
    return strengths[int(np.argmin(losses))]


def standardised(
    features: NDArray[np.float32], mean: NDArray[np.float64], std: NDArray[np.float64]
) -> NDArray[np.float32]:
    """Return features with the mean and std of each removed: float32 (N, D)."""
    return ((features - mean) / std).astype(np.float32)
