"""How real and synthetic images become one training set."""

from typing import TYPE_CHECKING, ClassVar

from suite.artifacts import BuildContext, CostEstimate, Store
from suite.images.image_set import ImageSet

if TYPE_CHECKING:
    from suite.images.labelled import LabelledImages


class Mixture(ImageSet):
    """The paper's MIX: every image of every part, one after the other.

    The artifact holds only the counts: opening the mixture opens its parts.
    """

    step: ClassVar[str] = "mixture"
    version: ClassVar[int] = 1
    code: ClassVar[tuple[str, ...]] = ("suite.images.mixture",)

    parts: tuple[ImageSet, ...]

    @property
    def counts(self) -> tuple[int, ...] | None:
        """Sum of the parts' counts."""
        known = [part.counts for part in self.parts]
        if any(counts is None for counts in known):
            return None
        return tuple(sum(column) for column in zip(*(counts for counts in known if counts), strict=True))

    def counted(self, store: Store, classes: int) -> tuple[int, ...]:
        """Sum of what the parts have."""
        return tuple(sum(column) for column in zip(*(part.counted(store, classes) for part in self.parts), strict=True))

    @property
    def cost(self) -> CostEstimate:
        """Nothing to speak of: no pixel is stored twice."""
        return CostEstimate()

    def open(self, store: Store) -> "LabelledImages":
        """Open every part and put them one after the other."""
        from suite.images.labelled import LabelledImages

        return LabelledImages.concatenate([part.open(store) for part in self.parts])

    def build(self, context: BuildContext) -> None:
        """Check that the parts fit together and note their sizes."""
        parts = [part.open(context.store) for part in self.parts]
        shapes = {part.images.shape[1:] for part in parts}
        if len(shapes) != 1:
            raise ValueError(f"image sizes differ between the parts of a mixture: {sorted(shapes)}")
        context.write_json("summary.json", {"sizes": [len(part) for part in parts]})
