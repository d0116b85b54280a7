"""Copying: AuthPct and the share of synthetic images that are copies of training images."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from suite.metrics.fidelity.metric import Metric, metrics
from suite.metrics.measurement import Measurement

if TYPE_CHECKING:
    from suite.metrics.set_comparison import SetComparison

CLOSE = 0.5  # a copy is at most this fraction of the distance between neighbouring training images away


@metrics.register
class Copying(Metric):
    """Distance of synthetic images to training images, relative to the distance between training images."""

    name = "copying"
    title = "Copying"

    def measure(self, comparison: "SetComparison") -> Iterator[Measurement]:
        """Yield AuthPct and the share of copies.

        AuthPct (Alaa et al., ICML 2022): percentage of images whose distance to the nearest training image x is larger
        than the distance from x to its nearest other training image; 0 for copies. The value of held-out real images
        depends on the feature space (57 to 92 on digits and CIFAR-10): compare within one dataset. An image counts as a
        copy if the first distance is at most half of the second.

        Args:
            comparison: The synthetic set and its reference.
        """
        distance = comparison.pairwise.nearest_distance
        reference_distance = comparison.reference.pairwise.radii[comparison.pairwise.nearest, 0]
        yield comparison.measurement(
            "authpct",
            "AuthPct",
            100 * float((distance > reference_distance).mean()),
            better="higher",
            bounds=(0, 100),
        )
        yield comparison.measurement(
            "copies",
            "Copies",
            float((distance <= CLOSE * reference_distance).mean()),
            settings={"within": CLOSE},
            better="lower",
            bounds=(0, 1),
        )
