"""The paper's second metric: the Fréchet distance, called FID only where literature would."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from suite.metrics.fidelity.metric import Measurement, Metric, metrics

if TYPE_CHECKING:
    from suite.metrics.set_comparison import SetComparison

PUBLISHED_N = 50_000


@metrics.register
class Frechet(Metric):
    """How far apart the means and covariances of two sets of features are."""

    name = "frechet"
    title = "Fréchet distance"

    def measure(self, comparison: "SetComparison") -> Iterator[Measurement]:
        """Yield one distance, with what the number of images does to it."""
        word = comparison.space.frechet
        yield comparison.against(
            word,
            word.upper(),
            comparison.frechet_distance,
            better="lower",
            bounds=(0, None),
            note=_qualification(comparison),
        )


def _qualification(comparison: "SetComparison") -> str:
    """Say what so few images do to a Fréchet distance, which falls about as 1/N even between equal sets."""
    fewer = min(len(comparison.synthetic), len(comparison.reference))
    dimensions = comparison.reference.features.shape[1]
    if fewer <= dimensions:
        return f"biased upwards: {fewer} images for {dimensions} dimensions; compare only at the same numbers of images"
    if fewer < PUBLISHED_N:
        return f"biased upwards: {fewer} images; not comparable with distances published for {PUBLISHED_N}"
    return ""
