"""Calibration of class probabilities: do they say how often the predictions are right? Pure functions on arrays.

Before anything is computed, probabilities are at least ``SMALLEST``, the smallest float32 number, because a softmax in
float32 can underflow to zero. A negative log-likelihood is therefore at most 87 per image.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

BINS = 15
SMALLEST = float(np.finfo(np.float32).tiny)
TEMPERATURES = (0.05, 100.0)  # range of the search


class Reliability(NamedTuple):
    """Bins of a reliability diagram; bins without predictions are left out.

    Attributes:
        confidence: float64, (bins,), mean probability of the predicted class, rising.
        accuracy: float64, (bins,), share of right predictions, 0 to 1.
        size: int64, (bins,), number of predictions.
    """

    confidence: NDArray[np.float64]
    accuracy: NDArray[np.float64]
    size: NDArray[np.int64]


def log_probabilities(probabilities: NDArray[np.floating]) -> NDArray[np.float64]:
    """Return the logarithms of probabilities of any shape, float64, each at least that of ``SMALLEST``."""
    logarithms: NDArray[np.float64] = np.log(np.maximum(probabilities, SMALLEST, dtype=np.float64))
    return logarithms


def scaled(probabilities: NDArray[np.floating], temperature: float) -> NDArray[np.float64]:
    """Return the probabilities of logits that are divided by a temperature.

    Logarithms of probabilities are logits up to a constant of each image, which the softmax removes.

    Args:
        probabilities: (..., classes), each row adds up to 1.
        temperature: Above 0; above 1 makes the probabilities more equal.
    """
    from scipy.special import softmax

    return np.asarray(softmax(log_probabilities(probabilities) / temperature, axis=-1))


def reliability(probabilities: NDArray[np.floating], labels: NDArray[np.int64], bins: int = BINS) -> Reliability:
    """Return the bins of the reliability diagram, each with about the same number of predictions.

    The edges are quantiles of the confidence, as in scikit-learn's ``calibration_curve(strategy="quantile")``, so that
    equal confidences are in one bin whatever their order.

    Args:
        probabilities: (N, classes).
        labels: int64, (N,).
        bins: Number of bins.
    """
    confidence = probabilities.max(axis=1).astype(np.float64)
    right = probabilities.argmax(axis=1) == labels
    edges = np.quantile(confidence, np.linspace(0, 1, bins + 1)[1:-1])
    number = np.searchsorted(edges, confidence)
    count = np.bincount(number, minlength=bins)
    filled = count > 0
    sums = (np.bincount(number, weights=values, minlength=bins)[filled] for values in (confidence, right))
    mean_confidence, accuracy = (values / count[filled] for values in sums)
    return Reliability(mean_confidence, accuracy, count[filled])


def expected_calibration_error(
    probabilities: NDArray[np.floating], labels: NDArray[np.int64], bins: int = BINS
) -> float:
    """Return the mean distance between confidence and accuracy over equal-mass bins, 0 to 1.

    Naeini et al. (2015), with bins of equal mass as in Nixon et al. (2019). It is biased upwards where bins hold few
    predictions: a perfectly calibrated classifier has about the mean sampling error of a bin's accuracy.

    Args:
        probabilities: (N, classes).
        labels: int64, (N,).
        bins: Number of bins.
    """
    found = reliability(probabilities, labels, bins)
    return float(np.average(np.abs(found.confidence - found.accuracy), weights=found.size))


def brier_score(probabilities: NDArray[np.floating], labels: NDArray[np.int64]) -> float:
    """Return the mean over images of the squared distance to the one-hot label, summed over classes, 0 to 2.

    Brier (1950); scikit-learn's ``brier_score_loss`` without halving.

    Args:
        probabilities: (N, classes).
        labels: int64, (N,).
    """
    exact = probabilities.astype(np.float64)
    of_label = np.take_along_axis(exact, labels[:, None], axis=1)[:, 0]
    return float(np.mean(np.square(exact).sum(axis=1) + 1 - 2 * of_label))


def negative_log_likelihood(probabilities: NDArray[np.floating], labels: NDArray[np.int64]) -> float:
    """Return the mean negative logarithm of the probability of the label, in nats.

    Args:
        probabilities: (N, classes).
        labels: int64, (N,).
    """
    return float(-np.take_along_axis(log_probabilities(probabilities), labels[:, None], axis=1).mean())


def fit_temperature(probabilities: NDArray[np.floating], labels: NDArray[np.int64]) -> float | None:
    """Return the temperature with the smallest negative log-likelihood (Guo et al. 2017, arXiv 1706.04599).

    The likelihood is unimodal in the temperature, which is searched on a logarithmic scale within ``TEMPERATURES``.

    Args:
        probabilities: (N, classes), of validation images, at least one.
        labels: int64, (N,).

    Returns:
        The temperature, or None if every prediction is right: then any smaller temperature is more likely still.
    """
    from scipy.optimize import minimize_scalar
    from scipy.special import logsumexp

    if (probabilities.argmax(axis=1) == labels).all():
        return None
    logits = log_probabilities(probabilities)
    of_label = np.take_along_axis(logits, labels[:, None], axis=1)[:, 0]

    def loss(log_temperature: float) -> float:
        temperature = np.exp(log_temperature)
        return float((logsumexp(logits / temperature, axis=1) - of_label / temperature).mean())

    low, high = np.log(TEMPERATURES)
    found = minimize_scalar(loss, bounds=(low, high), method="bounded", options={"xatol": 1e-6})
    return float(np.exp(found.x))
