"""Are the synthetic images copies of training images?"""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from suite.metrics.fidelity.metric import Measurement, Metric, metrics

if TYPE_CHECKING:
    from suite.metrics.set_comparison import SetComparison

CLOSE = 0.5


@metrics.register
class Copying(Metric):
    """How close images come to training images, measured by how close those are to one another."""

    name = "copying"
    title = "Copying"

    def measure(self, comparison: "SetComparison") -> Iterator[Measurement]:
        """Yield AuthPct and the share of copies.

        AuthPct (Alaa et al., ICML 2022): percentage of images farther from their nearest training image than that one
        is from its own nearest other; 0 for copies. What held-back real images get depends on the space (57 to 92 on
        digits and CIFAR-10): compare within one dataset. A copy, here, is an image at most half as far.
        """
        to_reference = comparison.between.to_reference
        between_others = comparison.reference.within.radii[comparison.between.nearest, 0]
        yield comparison.against(
            "authpct",
            "AuthPct",
            100 * float((to_reference > between_others).mean()),
            better="higher",
            bounds=(0, 100),
        )
        yield comparison.against(
            "copies",
            "Copies",
            float((to_reference <= CLOSE * between_others).mean()),
            how={"within": CLOSE},
            better="lower",
            bounds=(0, 1),
        )
