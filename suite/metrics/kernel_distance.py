"""The kernel distance (KID over Inception features), of all images at once, with its interval."""

from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

Doubles = NDArray[np.float64]

Z = NormalDist().inv_cdf(0.975)


def kernel_distance(
    synthetic: Doubles, reference: Doubles, synthetic_cross: Doubles, reference_cross: Doubles
) -> tuple[float, tuple[float, float]]:
    """Return the unbiased squared maximum mean discrepancy of two sets, and its 95 % interval.

    Gretton et al., JMLR 2012, over the kernel of Binkowski et al., ICLR 2018. What torch-fidelity reports, the mean
    over random subsets, has this number as its limit for ever more subsets; so nothing is drawn, and no seed changes
    it. With one subset of all images torch-fidelity gives the same. The interval is the large-sample one of a
    two-sample U-statistic, from the means of its rows.

    Args:
        synthetic: (N,), mean kernel of each synthetic image with the other synthetic images.
        reference: (M,), the same inside the reference.
        synthetic_cross: (N,), mean kernel of each synthetic image with the reference.
        reference_cross: (M,), mean kernel of each reference image with the synthetic ones.

    Returns:
        The distance, which is unbiased and therefore negative now and then where the sets are alike; and its interval.
    """
    value = float(synthetic.mean() + reference.mean() - 2 * synthetic_cross.mean())
    deviation = 2 * np.sqrt(
        np.var(synthetic - synthetic_cross, ddof=1) / len(synthetic)
        + np.var(reference - reference_cross, ddof=1) / len(reference)
    )
    return value, (value - Z * float(deviation), value + Z * float(deviation))
