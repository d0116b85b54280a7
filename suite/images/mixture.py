"""Concatenation of real and synthetic images into one training set."""

from typing import TYPE_CHECKING, ClassVar

from suite.artifacts import BuildContext, CostEstimate, Store
from suite.images.image_set import ImageSet

if TYPE_CHECKING:
    from suite.images.labelled import LabelledImages


class Mixture(ImageSet):
    """The paper's MIX: all images of all parts, concatenated.

    The artifact contains only the number of images of each part; ``open`` opens the parts.

    Attributes:
        parts: The image sets, in order.
    """

    step: ClassVar[str] = "mixture"
    version: ClassVar[int] = 1
    code: ClassVar[tuple[str, ...]] = ("suite.images.mixture",)

    parts: tuple[ImageSet, ...]

    @property
    def counts(self) -> tuple[int, ...] | None:
        """Sum of the counts of the parts; None if those of a part are unknown."""
        known = [part.counts for part in self.parts]
        if any(counts is None for counts in known):
            return None
        return tuple(sum(column) for column in zip(*(counts for counts in known if counts), strict=True))

    def read_counts(self, store: Store, classes: int) -> tuple[int, ...]:
        """Return the sum of the counts of the parts."""
        return tuple(
            sum(column) for column in zip(*(part.read_counts(store, classes) for part in self.parts), strict=True)
        )

    @property
    def cost(self) -> CostEstimate:
        """Negligible: no pixels are stored."""
        return CostEstimate()

    def open(self, store: Store) -> "LabelledImages":
        """Open all parts and concatenate them; raises ValueError if their sizes differ."""
        from suite.images.labelled import LabelledImages

        return LabelledImages.concatenate([part.open(store) for part in self.parts])

    def open_resized(self, store: Store, size: int) -> "LabelledImages":
        """Open all parts, resize each, and concatenate them."""
        from suite.images.labelled import LabelledImages

        return LabelledImages.concatenate([part.open_resized(store, size) for part in self.parts])

    def build(self, context: BuildContext) -> None:
        """Write the number of images of each part."""
        context.write_json("summary.json", {"sizes": [len(part.open(context.store)) for part in self.parts]})
