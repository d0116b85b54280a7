"""The Fréchet distance of each class alone, which shows the class that a generator fails at."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from suite.metrics.fidelity.metric import Measurement, Metric, metrics

if TYPE_CHECKING:
    from suite.metrics.set_comparison import SetComparison

FEWEST = 20


@metrics.register
class PerClass(Metric):
    """Mean of the classes' Fréchet distances, and each of them."""

    name = "per-class"
    title = "Fréchet distance per class"

    def measure(self, comparison: "SetComparison") -> Iterator[Measurement]:
        """Yield one measurement; a class with fewer than twenty images on a side has None."""
        from suite.metrics.frechet import frechet_distance, gaussian

        synthetic, reference = comparison.synthetic, comparison.reference
        distances: list[float | None] = []
        sizes = []
        for label in range(int(reference.labels.max()) + 1):
            ours, theirs = (side.features[side.labels == label] for side in (synthetic, reference))
            enough = min(len(ours), len(theirs)) >= FEWEST
            distances.append(frechet_distance(gaussian(ours), gaussian(theirs)) if enough else None)
            sizes.append(min(len(ours), len(theirs)))
        measured = [distance for distance in distances if distance is not None]
        word = comparison.space.frechet
        yield comparison.against(
            f"{word}-per-class",
            f"{word.upper()} per class",
            sum(measured) / len(measured) if measured else None,
            per_class=tuple(distances),
            better="lower",
            bounds=(0, None),
            note=_qualification(sizes),
        )


def _qualification(sizes: list[int]) -> str:
    counted = [size for size in sizes if size >= FEWEST]
    if not counted:
        return f"refused: no class has {FEWEST} images in both sets"
    note = f"biased upwards: {min(counted)} images in the smallest class; compare only at the same numbers of images"
    left_out = len(sizes) - len(counted)
    return f"{note}; without {left_out} classes of fewer than {FEWEST}" if left_out else note
