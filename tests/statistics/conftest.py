"""Simulated predictions with a controlled variance from every source."""

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import settings
from scipy.special import ndtri

# No deadline: the first example of a test may import a reference library. Derandomised: failures are reproducible.
settings.register_profile("statistics", deadline=None, derandomize=True, max_examples=60)
settings.load_profile("statistics")

Simulate = Callable[..., tuple[np.ndarray, np.ndarray]]


@pytest.fixture
def simulate() -> Simulate:
    """Return a function that simulates the correctness of the predictions of a case and of ``org`` for many trials.

    A prediction is correct if the sum of normal effects is below a threshold that gives the population accuracy. The
    effects are the difficulty of the image, shared by case and org, and deviations with standard deviations ``images``
    (image within case or org), ``generators`` (generator seed), ``seeds`` (classifier seed) and ``noise`` (single
    prediction).
    """

    def draw(
        trials: int,
        shape: tuple[int, int, int],
        *,
        accuracy: float = 0.9,
        effect: float = 0.0,
        cells: int = 1,
        generators: float = 0.0,
        seeds: float = 0.1,
        images: float = 0.1,
        noise: float = 0.2,
        seed: int = 0,
    ) -> tuple[np.ndarray, np.ndarray]:
        """Return the case (cells, trials, generator seeds, seeds, images) and org (trials, seeds, images)."""
        rng = np.random.default_rng(seed)
        generator_seeds, classifier_seeds, n = shape

        def normal(*size: int) -> np.ndarray:
            return rng.standard_normal(size, np.float32)

        difficulty = normal(trials, 1, 1, n)

        def correct(generator_seeds: int, generators: float, accuracy: float) -> np.ndarray:
            effects = images * normal(trials, 1, 1, n) + seeds * normal(trials, 1, classifier_seeds, 1)
            effects = effects + noise * normal(trials, generator_seeds, classifier_seeds, n)
            std = np.sqrt(1 + images**2 + seeds**2 + noise**2 + generators**2)
            return difficulty + effects + generators * normal(trials, generator_seeds, 1, 1) < ndtri(accuracy) * std

        case = np.stack([correct(generator_seeds, generators, accuracy + effect / 100) for _ in range(cells)])
        return case, correct(1, 0.0, accuracy)[:, 0]

    return draw
