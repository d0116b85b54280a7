"""A metric in one module: do synthetic images have the label of their nearest real image?"""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from suite.metrics.fidelity.metric import Metric
from suite.metrics.measurement import Measurement

if TYPE_CHECKING:
    from suite.metrics.set_comparison import SetComparison


class LabelAgreement(Metric):
    """Share of synthetic images with the same label as their nearest reference image."""

    name = "label-agreement"
    title = "Label agreement with the nearest real image"

    def measure(self, comparison: "SetComparison") -> Iterator[Measurement]:
        """Yield the share, with Wilson's interval, and the share of each class; None for a class without images."""
        from suite.statistics.intervals import wilson_interval

        labels = comparison.synthetic.labels
        agrees = comparison.reference.labels[comparison.pairwise.nearest] == labels
        classes = range(int(comparison.reference.labels.max()) + 1)
        low, high = wilson_interval(int(agrees.sum()), len(agrees), alpha=0.05)
        yield comparison.measurement(
            "label-agreement",
            "Labels agree",
            float(agrees.mean()),
            better="higher",
            bounds=(0, 1),
            interval=(low / 100, high / 100),
            per_class=tuple(float(agrees[labels == label].mean()) if label in labels else None for label in classes),
        )
