"""Simulated datasets: the statistics of comparisons with ``org``, drawn from a Gaussian model of answers.

The answer of seed i to image j in arm c (``org`` or a cell), in percentage points, is the sum of a seed effect, an
image effect and answer noise. What is equal in all arms, such as the difficulty of an image, cancels in all statistics
and is left out. ``org`` is shared by all cells of a dataset, test images stay the same, and seeds are added look by
look, as in a run.

The means of the images and their deviations from the means are independent. Only the inner products of the deviations
matter, so a matrix of p columns is drawn for N images as a triangular matrix of size p (Bartlett 1933). The statistics
are exact, and computed by the functions of the suite.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np

from suite.statistics.looks import LOOKS, cell_level
from suite.statistics.variance import answer_noise, between_images, image_variance, seed_df, seed_variance
from suite.statistics.verdict import CONTINUE, FUTILE, HELPS, HURTS, SAME, Estimate, apply_rules

CELLS = 3  # of each mode
SYN = np.arange(2 * CELLS) >= CELLS  # MIX cells first
LEVELS = np.where(SYN, cell_level(CELLS, syn=True), cell_level(CELLS, syn=False))
BATCH = 100  # datasets in memory at once

Rules = Callable[..., np.ndarray]


class Arm(NamedTuple):
    """Standard deviations of one training set's answers, in percentage points.

    Attributes:
        seeds: Between the accuracies of classifier seeds, answer noise included (at least the answer noise is used).
        images: Of the image effect.
        noise: Of a single answer.
    """

    seeds: float
    images: float
    noise: float


@dataclass(frozen=True)
class Scenario:
    """Sources of variance of a dataset with three MIX and three SYN cells.

    Attributes:
        images: Number of test images.
        org: ``org``.
        mix: Each MIX cell.
        syn: Each SYN cell.
        correlation: Between the seed effects of ``org`` and of a cell with the same seed.
        collapse: Probability that a training loses ``loss`` points.
        loss: See ``collapse``.
    """

    images: int
    org: Arm
    mix: Arm
    syn: Arm
    correlation: float = 0.0
    collapse: float = 0.0
    loss: float = 10.0


# Standard deviations over three seeds and over test images are those of reports/cpu of November 2026. Its bundle has no
# predictions, so the answer noise is taken as 0.4 of the variance of an answer, accuracy times error rate. That share
# was measured with three seeds of profile cpu on 5,000 validation images of CIFAR-10: 0.41 for org, 0.39 for MIX.
CIFAR10 = Scenario(10_000, Arm(0.16, 13.5, 29.8), Arm(0.39, 13.5, 29.8), Arm(1.39, 30.2, 31.6))
IMAGENETTE = Scenario(3_925, Arm(0.55, 9.5, 29.0), Arm(0.71, 9.5, 29.0), Arm(1.02, 33.1, 31.6))
MELANOMA = Scenario(357, Arm(0.98, 11.2, 27.2), Arm(1.49, 11.2, 27.2), Arm(2.21, 28.3, 30.8))
SCENARIOS = {
    "CIFAR-10": CIFAR10,
    "Imagenette": IMAGENETTE,
    "melanoma": MELANOMA,
    "seeds dominate": Scenario(10_000, Arm(2.0, 5.0, 10.0), Arm(2.0, 5.0, 10.0), Arm(2.0, 5.0, 10.0)),
    "images dominate": Scenario(400, Arm(0.0, 40.0, 10.0), Arm(0.0, 40.0, 10.0), Arm(0.0, 40.0, 10.0)),
    "cells vary 4 times as much": Scenario(5_000, Arm(0.5, 5.0, 20.0), Arm(2.0, 5.0, 20.0), Arm(2.0, 5.0, 20.0)),
    "ORG varies 4 times as much": Scenario(5_000, Arm(2.0, 5.0, 20.0), Arm(0.5, 5.0, 20.0), Arm(0.5, 5.0, 20.0)),
}
DOCUMENTED = {
    "seed pairs correlated -0.3": replace(SCENARIOS["seeds dominate"], correlation=-0.3),
    "5 % of trainings collapse": replace(CIFAR10, collapse=0.05),
}


def simulate(scenario: Scenario, datasets: int, cap: int, seed: int = 0) -> dict[int, Estimate]:
    """Return the estimates of all cells at every look within ``cap``, for true differences of zero.

    Each array has shape (datasets, 6): three MIX cells, then three SYN cells.
    """
    rng = np.random.default_rng(seed)
    batches = [_batch(scenario, min(BATCH, datasets - done), cap, rng) for done in range(0, datasets, BATCH)]
    return {n: Estimate(*map(np.concatenate, zip(*(batch[n] for batch in batches), strict=True))) for n in batches[0]}


def true_variance(scenario: Scenario, seeds: int) -> np.ndarray:
    """Return the variance of each cell's difference, (6,), for scenarios without correlation and collapse."""
    org, *cells = (
        (max(arm.seeds**2, arm.noise**2 / scenario.images) / seeds + arm.images**2 / scenario.images)
        for arm in (scenario.org, scenario.mix, scenario.syn)
    )
    return org + np.repeat(cells, CELLS)


def outcomes(
    estimates: dict[int, Estimate], effect: float | np.ndarray, smallest_effect: float, rules: Rules = apply_rules
) -> np.ndarray:
    """Return the outcome of every look, (looks, datasets, 6), if every true difference is ``effect``."""
    found = []
    for estimate in estimates.values():
        shifted = estimate._replace(difference=estimate.difference + effect)
        per_mode = [
            rules(Estimate(*(values[:, cells] for values in shifted)), LEVELS[cells][0], smallest_effect)
            for cells in (~SYN, SYN)
        ]
        found.append(np.concatenate(per_mode, axis=1))
    return np.stack(found)


def final(found: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the outcome of the first look that is final, and the seeds at it, (datasets, 6) each."""
    at = np.where((found != CONTINUE).any(axis=0), (found != CONTINUE).argmax(axis=0), len(found) - 1)
    return np.take_along_axis(found, at[None], axis=0)[0], np.array(LOOKS)[at]


def wrong(found: np.ndarray, effect: float, smallest_effect: float) -> np.ndarray:
    """Return where an outcome is a wrong verdict if the true difference is ``effect``."""
    result = np.zeros(found.shape, bool)
    if effect <= 0:
        result |= found == HELPS
    if effect >= 0:
        result |= found == HURTS
    if abs(effect) >= smallest_effect:
        result |= found == SAME
    return result


def error_rate(found: np.ndarray, effect: float, smallest_effect: float) -> float:
    """Return the share of datasets with any wrong final verdict."""
    return float(wrong(final(found)[0], effect, smallest_effect).any(axis=1).mean())


def worst_stop_rate(found: np.ndarray, effect: float, smallest_effect: float) -> float:
    """Return the share of datasets with a wrong outcome at any look, final or not.

    No rule for stopping, and no cap or interruption, can make more verdicts wrong.
    """
    return float(wrong(found, effect, smallest_effect).any(axis=(0, 2)).mean())


def decided(
    found: np.ndarray, effect: float, smallest_effect: float, cells: np.ndarray | Sequence[bool]
) -> tuple[float, float]:
    """Return the share of correctly decided cells, and the mean number of seeds at the final look, of some cells."""
    outcome, seeds = final(found)
    correct = np.isin(outcome, (HELPS, HURTS, SAME)) & ~wrong(outcome, effect, smallest_effect)
    return float(correct[:, cells].mean()), float(seeds[:, cells].mean())


def stopped(found: np.ndarray, cells: np.ndarray | Sequence[bool]) -> float:
    """Return the share of cells that more seeds cannot decide."""
    return float((final(found)[0] == FUTILE)[:, cells].mean())


def _batch(scenario: Scenario, datasets: int, cap: int, rng: np.random.Generator) -> dict[int, Estimate]:
    looks = [look for look in LOOKS if look <= cap]
    most, images = looks[-1], scenario.images
    arms = [scenario.org] + [scenario.mix] * CELLS + [scenario.syn] * CELLS
    of_seeds, of_images, of_noise = np.array(arms).T[:, :, None]
    own = np.sqrt(np.maximum(of_seeds**2 - of_noise**2 / images, 0))
    shape = datasets, len(arms), most

    effects = rng.standard_normal(shape)
    rho = scenario.correlation
    effects[:, 1:] = rho * effects[:, :1] + np.sqrt(1 - rho**2) * effects[:, 1:]
    accuracies = own * effects - scenario.loss * (rng.random(shape) < scenario.collapse)
    accuracies += of_images / np.sqrt(images) * rng.standard_normal((datasets, len(arms), 1))
    accuracies += of_noise / np.sqrt(images) * rng.standard_normal(shape)

    columns = _deviations(datasets, len(arms) * (1 + most), images, rng)
    by_image, noise = columns[:, : len(arms), None], columns[:, len(arms) :].reshape(*shape, -1)
    answers = of_images[..., None] * by_image + of_noise[..., None] * noise
    return {seeds: _estimate(accuracies[..., :seeds], answers[..., :seeds, :], images) for seeds in looks}


def _deviations(datasets: int, columns: int, images: int, rng: np.random.Generator) -> np.ndarray:
    """Return (datasets, columns, 2 * columns) for standard normal columns, less their means over the images.

    The rows have mean zero, and the variances and covariances that N images would have, divided by N.
    """
    triangle = np.tril(rng.standard_normal((datasets, columns, columns)), -1)
    index = np.arange(columns)
    triangle[:, index, index] = np.sqrt(rng.chisquare(images - 1 - index, (datasets, columns)))
    shown = 2 * columns
    scale = np.sqrt(shown * (shown - 1) / (images * (images - 1)) / 2)
    return np.concatenate([triangle, -triangle], axis=-1) * scale


def _estimate(accuracies: np.ndarray, answers: np.ndarray, images: int) -> Estimate:
    seeds = accuracies.shape[-1]
    variances = seed_variance(accuracies, answer_noise(answers))
    org, cells = variances[:, :1], variances[:, 1:]
    differences = answers[:, 1:] - answers[:, :1]
    between = between_images(differences.mean(axis=-2))
    over_images = image_variance(between, answer_noise(differences) / seeds, images)
    means = accuracies.mean(axis=-1)
    df = np.where(SYN, seed_df(cells, org, seeds, syn=True), seed_df(cells, org, seeds, syn=False))
    return Estimate(means[:, 1:] - means[:, :1], (org + cells) / seeds, df, over_images)
