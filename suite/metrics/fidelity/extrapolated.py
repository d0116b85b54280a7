"""The Fréchet distance that infinitely many synthetic images would have."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from suite.metrics.fidelity.metric import Measurement, Metric, metrics

if TYPE_CHECKING:
    from suite.metrics.set_comparison import SetComparison


@metrics.register
class Extrapolated(Metric):
    """Fréchet distance extrapolated in 1/N, so that generators with other numbers of images can be compared."""

    name = "frechet-infinity"
    title = "Fréchet distance for infinitely many images"

    def measure(self, comparison: "SetComparison") -> Iterator[Measurement]:
        """Yield one distance; refused where half of the images do not span the feature space."""
        from suite.metrics.frechet import extrapolated

        features, against = comparison.synthetic.features, comparison.reference.gaussian
        word = comparison.space.frechet
        value, note = None, ""
        if len(features) > 2 * features.shape[1]:
            value = extrapolated(comparison.frechet_distance, features, against, comparison.seed)
        else:
            note = f"refused: takes more than {2 * features.shape[1]} images, twice the dimensions"
        yield comparison.against(f"{word}-infinity", f"{word.upper()} at infinity", value, better="lower", note=note)
