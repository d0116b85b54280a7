"""The Fréchet distance per class, which shows the classes that a generator fails to reproduce."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from suite.metrics.fidelity.metric import Metric, metrics
from suite.metrics.measurement import Measurement

if TYPE_CHECKING:
    from suite.metrics.set_comparison import SetComparison

MIN_IMAGES = 20  # of a class in each set; below, the class has no distance


@metrics.register
class PerClass(Metric):
    """Fréchet distance of each class, and their mean."""

    name = "per-class"
    title = "Fréchet distance per class"

    def measure(self, comparison: "SetComparison") -> Iterator[Measurement]:
        """Yield one measurement; a class with fewer than twenty images in either set has None."""
        from suite.metrics.frechet import fit_gaussian, frechet_distance

        synthetic, reference = comparison.synthetic, comparison.reference
        distances: list[float | None] = []
        sizes = []
        for label in range(int(reference.labels.max()) + 1):
            features = [images.features[images.labels == label] for images in (synthetic, reference)]
            size = min(len(part) for part in features)
            sizes.append(size)
            distances.append(frechet_distance(*map(fit_gaussian, features)) if size >= MIN_IMAGES else None)
        known = [distance for distance in distances if distance is not None]
        metric = comparison.space.frechet
        yield comparison.measurement(
            f"{metric}-per-class",
            f"{metric.upper()} per class",
            sum(known) / len(known) if known else None,
            per_class=tuple(distances),
            better="lower",
            bounds=(0, None),
            note=_note(sizes),
        )


def _note(sizes: list[int]) -> str:
    counted = [size for size in sizes if size >= MIN_IMAGES]
    if not counted:
        return f"refused: no class has {MIN_IMAGES} images in both sets"
    note = f"biased upwards: {min(counted)} images in the smallest class; compare only at the same numbers of images"
    left_out = len(sizes) - len(counted)
    return f"{note}; without {left_out} classes of fewer than {MIN_IMAGES}" if left_out else note
