"""A classifier two-sample test: can a linear classifier distinguish synthetic from real images?"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from suite.randomness import numpy_generator

MAX_IMAGES = 1000  # of each set
PENALTY = 100.0  # L2 regularisation; scikit-learn's C is its inverse


@dataclass(frozen=True)
class TwoSampleTest:
    """Result of a classifier two-sample test.

    Attributes:
        accuracy: Accuracy on held-out images; 0.5 if the sets cannot be distinguished.
        interval: Exact (Clopper-Pearson) 95 % interval of the accuracy.
        p: One-sided p-value: probability of at least this accuracy if both sets come from one distribution.
        tested: Number of held-out images, half of them synthetic.
    """

    accuracy: float
    interval: tuple[float, float]
    p: float
    tested: int


def two_sample_test(synthetic: NDArray[np.float32], reference: NDArray[np.float32], seed: int) -> TwoSampleTest:
    """Train a classifier on half of the images of both sets and test it on the other half.

    Lopez-Paz and Oquab, "Revisiting classifier two-sample tests", ICLR 2017, with logistic regression on standardised
    features. A held-out half instead of cross-validation makes the number of correct predictions binomial under the
    null hypothesis, so that p is exact.

    Args:
        synthetic: float32, (N, D), features of the synthetic images.
        reference: float32, (M, D), features of the reference images.
        seed: Seed of the random choice of min(N, M, 1000) images of each set.

    Raises:
        ValueError: If a set has fewer than four images.
    """
    from scipy.special import bdtrc, betaincinv
    from sklearn.linear_model import LogisticRegression

    size = min(len(synthetic), len(reference), MAX_IMAGES)
    if size < 4:
        raise ValueError(f"a two-sample test needs at least four images of each set, not {size}")
    chosen = [
        features[numpy_generator(seed, f"two-sample test, {name}").choice(len(features), size, replace=False)]
        for name, features in (("synthetic", synthetic), ("reference", reference))
    ]
    half = size // 2
    train, test = (np.concatenate([part[rows] for part in chosen]) for rows in (slice(half), slice(half, None)))
    mean, std = train.mean(axis=0, dtype=np.float64), train.std(axis=0, dtype=np.float64)
    train, test = ((part - mean) / np.where(std > 0, std, 1) for part in (train, test))
    model = LogisticRegression(C=1 / PENALTY).fit(train, np.repeat([1, 0], half))
    tested = len(test)
    correct = int((model.predict(test) == np.repeat([1, 0], tested // 2)).sum())
    low = float(betaincinv(correct, tested - correct + 1, 0.025)) if correct else 0.0
    high = float(betaincinv(correct + 1, tested - correct, 0.975)) if correct < tested else 1.0
    p = float(bdtrc(correct - 1, tested, 0.5)) if correct else 1.0
    return TwoSampleTest(correct / tested, (low, high), p, tested)
