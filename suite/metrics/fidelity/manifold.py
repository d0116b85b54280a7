"""Precision, recall, density and coverage: overlap of the manifolds of two image sets."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from suite.metrics.fidelity.metric import Metric, metrics
from suite.metrics.measurement import Measurement

if TYPE_CHECKING:
    from suite.metrics.set_comparison import SetComparison

MIN_IMAGES = 50  # below, the metrics are not computed
STABLE_IMAGES = 5000  # below, a note warns that the values depend on the number of images


@metrics.register
class ManifoldMetrics(Metric):
    """Shares of images that lie in nearest-neighbour balls around the images of the other set.

    Precision and recall follow Kynkäänniemi et al., NeurIPS 2019, with torch-fidelity's conventions: the radius of a
    ball is the distance to the 3rd nearest other image, and balls are closed. Density and coverage follow Naeem et al.,
    ICML 2020: balls around real images only, with the distance to the 5th nearest other image, and open.
    """

    name = "manifold"
    title = "Precision, recall, density and coverage"

    def measure(self, comparison: "SetComparison") -> Iterator[Measurement]:
        """Yield four measurements; without values if a set has fewer than fifty images."""
        from suite.metrics.pairwise import DENSITY_K, PRECISION_K

        pairwise = comparison.pairwise
        count = min(len(comparison.synthetic), len(comparison.reference))
        note = f"rests on {count} images: compare only at the same numbers of images" if count < STABLE_IMAGES else ""
        if count < MIN_IMAGES:
            note = f"refused: {count} images, takes at least {MIN_IMAGES} of each set"
        for metric, k, value, bounds in (
            ("precision", PRECISION_K, pairwise.in_reference.mean(), (0, 1)),
            ("recall", PRECISION_K, pairwise.in_synthetic.mean(), (0, 1)),
            ("density", DENSITY_K, pairwise.ball_counts.mean() / DENSITY_K, (0, None)),
            ("coverage", DENSITY_K, pairwise.covered.mean(), (0, 1)),
        ):
            yield comparison.measurement(
                metric,
                metric.capitalize(),
                float(value) if count >= MIN_IMAGES else None,
                settings={"k": k},
                better="higher",
                bounds=bounds,
                note=note,
            )
