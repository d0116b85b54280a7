"""Answers of classifiers that do not exist, with every source of luck under control."""

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import settings
from scipy.special import ndtri

# No deadline: the first example of a test may import its oracle. Derandomised: a red test stays red.
settings.register_profile("statistics", deadline=None, derandomize=True, max_examples=60)
settings.load_profile("statistics")

Answers = Callable[..., tuple[np.ndarray, np.ndarray]]


@pytest.fixture
def answers() -> Answers:
    """A function that draws the answers of a case and of ``org`` for many trials at once.

    A picture is right where its hardness, shared by both arms, plus the arm's own opinion of it (``images``), the
    luck of the generator seed (``generators``), of the classifier seed (``seeds``) and of the single answer (``noise``)
    stays under a bound that gives both arms the same accuracy in the population.
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
        g, s, n = shape

        def normal(*size: int) -> np.ndarray:
            return rng.standard_normal(size, np.float32)

        hard = normal(trials, 1, 1, n)

        def arm(g: int, generators: float, accuracy: float) -> np.ndarray:
            luck = images * normal(trials, 1, 1, n) + seeds * normal(trials, 1, s, 1) + noise * normal(trials, g, s, n)
            spread = np.sqrt(1 + images**2 + seeds**2 + noise**2 + generators**2)
            return hard + luck + generators * normal(trials, g, 1, 1) < ndtri(accuracy) * spread

        case = np.stack([arm(g, generators, accuracy + effect / 100) for _ in range(cells)])
        return case, arm(1, 0.0, accuracy)[:, 0]

    return draw
