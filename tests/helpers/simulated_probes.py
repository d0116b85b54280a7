"""Simulated linear probes: ridge classifiers on Gaussian classes, with and without synthetic training images."""

from typing import NamedTuple

import numpy as np

from suite.classifiers.classifier import RESAMPLES
from suite.statistics.probe import estimate_probe
from suite.statistics.verdict import Estimate


class ProbeDesign(NamedTuple):
    """A data set of Gaussian classes with unit variance in each of its dimensions.

    Attributes:
        classes: Number of classes.
        dimensions: Number of features.
        per_class: Real training images of each class; there are as many synthetic ones.
        images: Test images.
        separation: Standard deviation of the class means.
        shift: Standard deviation of the deviations of the synthetic class means from the real ones.
        syn: Whether the case is SYN, rather than MIX.
    """

    classes: int
    dimensions: int
    per_class: int
    images: int
    separation: float
    shift: float
    syn: bool = False


DESIGNS = {
    "two classes": ProbeDesign(2, 10, 50, 400, 0.4, 0.3),
    "ten classes": ProbeDesign(10, 16, 20, 500, 0.7, 0.4),
    "many test images": ProbeDesign(4, 12, 40, 2_000, 0.5, 0.3),
    "few test images": ProbeDesign(4, 12, 100, 200, 0.5, 0.6),
    "SYN": ProbeDesign(4, 12, 50, 500, 0.5, 0.4, syn=True),
}
RIDGE = 1.0
POPULATION = 10_000  # images that estimate the true difference


def simulate_probes(design: ProbeDesign, datasets: int, seed: int = 0) -> tuple[Estimate, float]:
    """Return the estimates of simulated data sets, each array (datasets,), and the true difference in points.

    The true difference is the mean over other training sets of the same kind, for the population of test images.
    """
    rng = np.random.default_rng(seed)
    means = design.separation * rng.standard_normal((design.classes, design.dimensions))
    shifted = means + design.shift * rng.standard_normal(means.shape)
    population = _draw(means, -(-POPULATION // design.classes), rng)
    found, truth = [], 0.0
    for _ in range(datasets):
        real, synthetic = _draw(means, design.per_class, rng), _draw(shifted, design.per_class, rng)
        test = _draw(means, design.images // design.classes, rng)
        weights = np.ones((1 + RESAMPLES, 2, len(real[0])))  # the full sets, then their resamples
        weights[1:] = _resamples(design, rng)
        org, case = (_fit(real, synthetic, weights * arm) for arm in ([[1], [0]], [[not design.syn], [1]]))
        differences = 100.0 * _right(case, test) - 100.0 * _right(org, test)
        found.append(estimate_probe(differences[0], differences[1:]))
        truth += 100 * float(_right(case[:1], population).mean() - _right(org[:1], population).mean()) / datasets
    return Estimate(*map(np.array, zip(*found, strict=True))), truth


def _draw(means: np.ndarray, per_class: int, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Return features with a constant, (images, dimensions + 1), and labels, ``per_class`` of each class."""
    labels = np.repeat(np.arange(len(means)), per_class)
    features = means[labels] + rng.standard_normal((len(labels), means.shape[1]))
    return np.hstack([features, np.ones((len(labels), 1))]), labels


def _resamples(design: ProbeDesign, rng: np.random.Generator) -> np.ndarray:
    """Return how often each image is in each bootstrap resample of its class, (resamples, 2, images)."""
    uniform = np.full(design.per_class, 1 / design.per_class)
    return rng.multinomial(design.per_class, uniform, (RESAMPLES, 2, design.classes)).reshape(RESAMPLES, 2, -1)


def _fit(
    real: tuple[np.ndarray, np.ndarray], synthetic: tuple[np.ndarray, np.ndarray], weights: np.ndarray
) -> np.ndarray:
    """Return ridge coefficients, (fits, features, classes), for weights (fits, real or synthetic, images)."""
    features, labels = np.concatenate([real[0], synthetic[0]]), np.concatenate([real[1], synthetic[1]])
    weighted = weights.reshape(len(weights), -1, 1) * features
    squares = weighted.transpose(0, 2, 1) @ features + RIDGE * np.eye(features.shape[1])
    return np.asarray(np.linalg.solve(squares, weighted.transpose(0, 2, 1) @ np.eye(labels.max() + 1)[labels]))


def _right(coefficients: np.ndarray, test: tuple[np.ndarray, np.ndarray]) -> np.ndarray:
    return (test[0] @ coefficients).argmax(axis=-1) == test[1]
