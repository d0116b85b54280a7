"""The kernel distance (KID), which small sets do not bias."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from suite.metrics.fidelity.metric import Measurement, Metric, metrics

if TYPE_CHECKING:
    from suite.metrics.set_comparison import SetComparison


@metrics.register
class KernelDistance(Metric):
    """Squared maximum mean discrepancy under a cubic kernel."""

    name = "kernel-distance"
    title = "Kernel distance"

    def measure(self, comparison: "SetComparison") -> Iterator[Measurement]:
        """Yield one distance, unclamped: between like sets it is negative half of the time."""
        from suite.metrics.kernel_distance import kernel_distance

        value, interval = kernel_distance(
            comparison.synthetic.within.kernel,
            comparison.reference.within.kernel,
            comparison.between.kernel,
            comparison.between.kernel_reference,
        )
        yield comparison.against("kid", "KID", value, better="lower", interval=interval)
