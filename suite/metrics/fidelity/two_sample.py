"""The classifier two-sample test: accuracy of a classifier that separates synthetic from real images."""

from collections.abc import Iterator
from functools import partial
from typing import TYPE_CHECKING

from suite.metrics.fidelity.metric import Metric, metrics
from suite.metrics.measurement import Measurement

if TYPE_CHECKING:
    from suite.metrics.set_comparison import SetComparison

MIN_IMAGES = 20  # of each set; below, the test is not done


@metrics.register
class TwoSample(Metric):
    """Accuracy of logistic regression on held-out images of both sets."""

    name = "two-sample"
    title = "Classifier two-sample test"

    def measure(self, comparison: "SetComparison") -> Iterator[Measurement]:
        """Yield one accuracy with its p-value; without a value if a set has fewer than twenty images."""
        from suite.metrics.two_sample import two_sample_test

        synthetic, reference = comparison.synthetic.features, comparison.reference.features
        measurement = partial(comparison.measurement, "two-sample", "Told from real", better="lower", bounds=(0, 1))
        if min(len(synthetic), len(reference)) < MIN_IMAGES:
            yield measurement(None, note=f"refused: takes at least {MIN_IMAGES} images of each set")
            return
        test = two_sample_test(synthetic, reference, comparison.seed)
        yield measurement(test.accuracy, interval=test.interval, p=test.p, note=f"of {test.tested} held-out images")
