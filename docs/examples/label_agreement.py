"""Does the nearest real image have the label that a synthetic one was asked for? A metric in one module."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from suite.metrics.fidelity.metric import Measurement, Metric

if TYPE_CHECKING:
    from suite.metrics.set_comparison import SetComparison


class LabelAgreement(Metric):
    """Share of synthetic images whose nearest reference image has their label."""

    name = "label-agreement"
    title = "Agreement of labels with the nearest real image"

    def measure(self, comparison: "SetComparison") -> Iterator[Measurement]:
        """Yield one share with Wilson's interval, and that of each class; a class without synthetic images has None."""
        from suite.statistics.intervals import wilson_interval

        wanted = comparison.synthetic.labels
        agrees = comparison.reference.labels[comparison.between.nearest] == wanted
        classes = range(int(comparison.reference.labels.max()) + 1)
        low, high = wilson_interval(int(agrees.sum()), len(agrees), alpha=0.05)
        yield comparison.against(
            "label-agreement",
            "Labels agree",
            float(agrees.mean()),
            better="higher",
            bounds=(0, 1),
            interval=(low / 100, high / 100),
            per_class=tuple(float(agrees[wanted == label].mean()) if label in wanted else None for label in classes),
        )
