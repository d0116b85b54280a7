"""The kernel distance (KID), which is unbiased for any number of images."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from suite.metrics.fidelity.metric import Metric, metrics
from suite.metrics.measurement import Measurement

if TYPE_CHECKING:
    from suite.metrics.set_comparison import SetComparison


@metrics.register
class KernelDistance(Metric):
    """Squared maximum mean discrepancy under a cubic kernel."""

    name = "kernel-distance"
    title = "Kernel distance"

    def measure(self, comparison: "SetComparison") -> Iterator[Measurement]:
        """Yield one distance; not clamped to 0, it is negative in half of the cases for equal distributions."""
        from suite.metrics.kernel_distance import kernel_distance

        value, interval = kernel_distance(
            comparison.synthetic.pairwise.mean_kernel,
            comparison.reference.pairwise.mean_kernel,
            comparison.pairwise.mean_kernel,
            comparison.pairwise.reference_mean_kernel,
        )
        yield comparison.measurement("kid", "KID", value, better="lower", interval=interval)
