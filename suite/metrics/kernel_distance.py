"""The kernel distance (KID for Inception features) of all images, with a confidence interval."""

from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

Doubles = NDArray[np.float64]

Z = NormalDist().inv_cdf(0.975)


def kernel_distance(
    synthetic: Doubles, reference: Doubles, synthetic_cross: Doubles, reference_cross: Doubles
) -> tuple[float, tuple[float, float]]:
    """Return the unbiased squared maximum mean discrepancy of two sets, and its 95 % interval.

    Gretton et al., JMLR 2012, with the kernel of Binkowski et al., ICLR 2018. It is the limit of the mean over random
    subsets that torch-fidelity reports, for infinitely many subsets, so it needs no random numbers. With one subset of
    all images torch-fidelity gives the same value. The interval is the large-sample interval of a two-sample
    U-statistic, from its row means.

    Args:
        synthetic: float64, (N,), mean kernel of each synthetic image with the other synthetic images.
        reference: float64, (M,), mean kernel of each reference image with the other reference images.
        synthetic_cross: float64, (N,), mean kernel of each synthetic image with the reference images.
        reference_cross: float64, (M,), mean kernel of each reference image with the synthetic images.

    Returns:
        The distance and its interval. As the estimate is unbiased, it can be negative for similar distributions.
    """
    value = float(synthetic.mean() + reference.mean() - 2 * synthetic_cross.mean())
    standard_error = 2 * np.sqrt(
        np.var(synthetic - synthetic_cross, ddof=1) / len(synthetic)
        + np.var(reference - reference_cross, ddof=1) / len(reference)
    )
    return value, (value - Z * float(standard_error), value + Z * float(standard_error))
