"""A classifier two-sample test: can a simple classifier tell synthetic from real?"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from suite.randomness import numpy_generator

LARGEST = 1000
PENALTY = 100.0


@dataclass(frozen=True)
class TwoSampleTest:
    """What the test found.

    Attributes:
        accuracy: Share of held-out images put on the right side; 0.5 where the sets cannot be told apart.
        interval: Exact (Clopper-Pearson) 95 % interval of the accuracy.
        p: Probability of so high an accuracy, or a higher one, if both sets came from one distribution.
        tested: Held-out images, half of them synthetic.
    """

    accuracy: float
    interval: tuple[float, float]
    p: float
    tested: int


def two_sample_test(synthetic: NDArray[np.float32], reference: NDArray[np.float32], seed: int) -> TwoSampleTest:
    """Train a classifier on half of the images of both sets and test it on the other half.

    Lopez-Paz and Oquab, "Revisiting classifier two-sample tests", ICLR 2017, with logistic regression on standardised
    features. One half is held out, in place of cross-validation, so that the count of hits is binomial and p is exact.

    Args:
        synthetic: (N, D).
        reference: (M, D).
        seed: Seed of the choice of images: min(N, M, 1000) of each set.

    Raises:
        ValueError: If a set has fewer than four images.
    """
    from scipy.special import bdtrc, betaincinv
    from sklearn.linear_model import LogisticRegression

    size = min(len(synthetic), len(reference), LARGEST)
    if size < 4:
        raise ValueError(f"a two-sample test takes at least four images of each set, not {size}")
    chosen = [
        features[numpy_generator(seed, f"two-sample test, {side}").choice(len(features), size, replace=False)]
        for side, features in (("synthetic", synthetic), ("reference", reference))
    ]
    half = size // 2
    train, test = (np.concatenate([part[cut] for part in chosen]) for cut in (slice(half), slice(half, None)))
    mean, deviation = train.mean(axis=0, dtype=np.float64), train.std(axis=0, dtype=np.float64)
    train, test = ((part - mean) / np.where(deviation > 0, deviation, 1) for part in (train, test))
    model = LogisticRegression(C=1 / PENALTY).fit(train, np.repeat([1, 0], half))
    tested = len(test)
    hits = int((model.predict(test) == np.repeat([1, 0], tested // 2)).sum())
    low = float(betaincinv(hits, tested - hits + 1, 0.025)) if hits else 0.0
    high = float(betaincinv(hits + 1, tested - hits, 0.975)) if hits < tested else 1.0
    p = float(bdtrc(hits - 1, tested, 0.5)) if hits else 1.0
    return TwoSampleTest(hits / tested, (low, high), p, tested)
