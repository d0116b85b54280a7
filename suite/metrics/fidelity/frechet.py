"""The Fréchet distance, the second metric of the paper; called FID only with the weights of the literature."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from suite.metrics.fidelity.metric import Metric, metrics
from suite.metrics.measurement import Measurement

if TYPE_CHECKING:
    from suite.metrics.set_comparison import SetComparison

PUBLISHED_N = 50_000


@metrics.register
class Frechet(Metric):
    """Distance between the Gaussians fitted to the features of two sets."""

    name = "frechet"
    title = "Fréchet distance"

    def measure(self, comparison: "SetComparison") -> Iterator[Measurement]:
        """Yield one distance, with a note on its bias if there are few images."""
        metric = comparison.space.frechet
        yield comparison.measurement(
            metric,
            metric.upper(),
            comparison.frechet_distance,
            better="lower",
            bounds=(0, None),
            note=_bias_note(comparison),
        )


def _bias_note(comparison: "SetComparison") -> str:
    """Describe the bias due to few images: the distance of equal distributions falls about as 1/N."""
    count = min(len(comparison.synthetic), len(comparison.reference))
    dimensions = comparison.reference.features.shape[1]
    if count <= dimensions:
        return f"biased upwards: {count} images for {dimensions} dimensions; compare only at the same numbers of images"
    if count < PUBLISHED_N:
        return f"biased upwards: {count} images; not comparable with distances published for {PUBLISHED_N}"
    return ""
