"""Precision, recall, density and coverage: which images of one set lie among those of the other."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from suite.metrics.fidelity.metric import Measurement, Metric, metrics

if TYPE_CHECKING:
    from suite.metrics.set_comparison import SetComparison

FEWEST = 50
STEADY = 5000


@metrics.register
class Manifold(Metric):
    """Shares of images that lie in the balls round the other set's images.

    Precision and recall after Kynkäänniemi et al., NeurIPS 2019, with torch-fidelity's conventions: balls reach to the
    3rd nearest other image, and their surface belongs to them. Density and coverage after Naeem et al., ICML 2020:
    balls round real images only, to the 5th nearest other, without their surface.
    """

    name = "manifold"
    title = "Precision, recall, density and coverage"

    def measure(self, comparison: "SetComparison") -> Iterator[Measurement]:
        """Yield four numbers; refused below fifty images a set."""
        from suite.metrics.pairs import COARSE, FINE

        seen = comparison.between
        fewer = min(len(comparison.synthetic), len(comparison.reference))
        note = f"rests on {fewer} images: compare only at the same numbers of images" if fewer < STEADY else ""
        if fewer < FEWEST:
            note = f"refused: {fewer} images, takes at least {FEWEST} of each set"
        for word, k, value, bounds in (
            ("precision", FINE, seen.in_reference.mean(), (0, 1)),
            ("recall", FINE, seen.in_synthetic.mean(), (0, 1)),
            ("density", COARSE, seen.balls.mean() / COARSE, (0, None)),
            ("coverage", COARSE, seen.covered.mean(), (0, 1)),
        ):
            yield comparison.against(
                word,
                word.capitalize(),
                float(value) if fewer >= FEWEST else None,
                how={"k": k},
                better="higher",
                bounds=bounds,
                note=note,
            )
