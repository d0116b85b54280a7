"""Can a classifier tell synthetic from real?"""

from collections.abc import Iterator
from functools import partial
from typing import TYPE_CHECKING

from suite.metrics.fidelity.metric import Measurement, Metric, metrics

if TYPE_CHECKING:
    from suite.metrics.set_comparison import SetComparison

FEWEST = 20


@metrics.register
class TwoSample(Metric):
    """Accuracy of logistic regression on held-out images of both sets."""

    name = "two-sample"
    title = "Classifier two-sample test"

    def measure(self, comparison: "SetComparison") -> Iterator[Measurement]:
        """Yield one accuracy with its p-value; refused below twenty images a set."""
        from suite.metrics.two_sample import two_sample_test

        synthetic, reference = comparison.synthetic.features, comparison.reference.features
        entry = partial(comparison.against, "two-sample", "Told from real", better="lower", bounds=(0, 1))
        if min(len(synthetic), len(reference)) < FEWEST:
            yield entry(None, note=f"refused: takes at least {FEWEST} images of each set")
            return
        test = two_sample_test(synthetic, reference, comparison.seed)
        yield entry(test.accuracy, interval=test.interval, p=test.p, note=f"of {test.tested} held-out images")
