"""The first images of each class of an image set."""

from typing import TYPE_CHECKING, ClassVar

from suite.artifacts import BuildContext, CostEstimate, Store
from suite.errors import BadData
from suite.images.image_set import ImageSet

if TYPE_CHECKING:
    from suite.images.labelled import LabelledImages

INDICES = "indices.safetensors"


class FirstPerClass(ImageSet):
    """The first images of each class. A smaller selection is contained in a larger one.

    Attributes:
        images: The set to select from.
        per_class: Number of images to select of each class.
    """

    step: ClassVar[str] = "first-per-class"
    version: ClassVar[int] = 1
    code: ClassVar[tuple[str, ...]] = ("suite.images.first_per_class",)

    images: ImageSet
    per_class: tuple[int, ...]

    @property
    def counts(self) -> tuple[int, ...]:
        """Images per class."""
        return self.per_class

    @property
    def label(self) -> str:
        """Description, with the name of the original set."""
        return f"first images of each class of {self.images.label}"

    @property
    def cost(self) -> CostEstimate:
        """Negligible: only indices are stored."""
        return CostEstimate()

    def open(self, store: Store) -> "LabelledImages":
        """Open the set and take the selected images."""
        return self.images.open(store).take(store.get(self).tensors(INDICES)["indices"])

    def build(self, context: BuildContext) -> None:
        """Select the images; raises BadData if a class has too few."""
        import numpy as np

        labels = self.images.open(context.store).labels
        selected = []
        for label, count in enumerate(self.per_class):
            found = np.flatnonzero(labels == label)
            if len(found) < count:
                raise BadData(f"{self.images.label}: class {label} has {len(found)} images, {count} are needed")
            selected.append(found[:count])
        context.write_tensors(INDICES, {"indices": np.concatenate(selected)})
