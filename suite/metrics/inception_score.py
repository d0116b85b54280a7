"""The Inception Score, from the logits of a classifier."""

import numpy as np
import torch
from numpy.typing import NDArray
from torch_fidelity.metric_isc import KEY_METRIC_ISC_MEAN, KEY_METRIC_ISC_STD, isc_features_to_metric

SPLIT_SIZE = 500
MAX_SPLITS = 10


def splits_for(count: int) -> int:
    """Return the number of splits for ``count`` images: ten, as published, or fewer so that each has at least 500.

    Smaller splits lower the score of even a perfect generator: 5.3 instead of 10 with ten splits of ten images.
    """
    return max(1, min(MAX_SPLITS, count // SPLIT_SIZE))


def inception_score(logits: NDArray[np.float32], splits: int, seed: int) -> tuple[float, float]:
    """Return mean and standard deviation over splits of exp(mean KL(p(y|x) || p(y))).

    Salimans et al., "Improved techniques for training GANs", NeurIPS 2016; computed by torch-fidelity.

    Args:
        logits: float32, (N, K), of a classifier with K classes.
        splits: Number of parts into which the shuffled images are split, 1 to N.
        seed: Seed of the shuffling.

    Returns:
        The score, 1 to K, and its standard deviation over the splits, 0 for one split.

    Raises:
        ValueError: If ``splits`` is not between 1 and N.
    """
    if not 1 <= splits <= len(logits):
        raise ValueError(f"{len(logits)} images cannot be divided into {splits} splits")
    score = isc_features_to_metric(torch.from_numpy(logits), splits, shuffle=True, rng_seed=seed % 2**32)
    return score[KEY_METRIC_ISC_MEAN], score[KEY_METRIC_ISC_STD]
