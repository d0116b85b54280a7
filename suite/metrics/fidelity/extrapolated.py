"""The Fréchet distance, extrapolated to infinitely many synthetic images."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from suite.metrics.fidelity.metric import Metric, metrics
from suite.metrics.measurement import Measurement

if TYPE_CHECKING:
    from suite.metrics.set_comparison import SetComparison


@metrics.register
class Extrapolated(Metric):
    """Fréchet distance extrapolated in 1/N, to compare sets with different numbers of images."""

    name = "frechet-infinity"
    title = "Fréchet distance for infinitely many images"

    def measure(self, comparison: "SetComparison") -> Iterator[Measurement]:
        """Yield one distance; without a value if half of the images do not span the feature space."""
        from suite.metrics.frechet import extrapolated_frechet_distance

        features, reference = comparison.synthetic.features, comparison.reference.gaussian
        metric = comparison.space.frechet
        value, note = None, ""
        if len(features) > 2 * features.shape[1]:
            value = extrapolated_frechet_distance(comparison.frechet_distance, features, reference, comparison.seed)
        else:
            note = f"refused: takes more than {2 * features.shape[1]} images, twice the dimensions"
        yield comparison.measurement(
            f"{metric}-infinity", f"{metric.upper()} at infinity", value, better="lower", note=note
        )
