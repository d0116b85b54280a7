"""A part of an image set: so many images of each class, the first ones."""

from typing import TYPE_CHECKING, ClassVar

from suite.artifacts import Store, Work, Workbench
from suite.errors import BadData
from suite.images.image_set import ImageSet

if TYPE_CHECKING:
    from suite.images.labelled import LabelledImages

INDICES = "indices.safetensors"


class Portion(ImageSet):
    """The first ``take`` images of each class, so that a smaller portion lies within a larger one.

    Attributes:
        images: The set to take from.
        take: Images per class.
    """

    step: ClassVar[str] = "portion"
    version: ClassVar[int] = 1
    code: ClassVar[tuple[str, ...]] = ("suite.images.portion",)

    images: ImageSet
    take: tuple[int, ...]

    @property
    def counts(self) -> tuple[int, ...]:
        """Images per class."""
        return self.take

    @property
    def label(self) -> str:
        """A part of what."""
        return f"portion of {self.images.label}"

    @property
    def work(self) -> Work:
        """Nothing to speak of: only indices are stored."""
        return Work()

    def open(self, store: Store) -> "LabelledImages":
        """Open the set and take the chosen images."""
        return self.images.open(store).take(store.get(self).tensors(INDICES)["indices"])

    def build(self, bench: Workbench) -> None:
        """Choose; raises BadData if a class has too few images."""
        import numpy as np

        labels = self.images.open(bench.store).labels
        chosen = []
        for label, take in enumerate(self.take):
            found = np.flatnonzero(labels == label)
            if len(found) < take:
                raise BadData(f"{self.images.label}: class {label} has {len(found)} images, {take} are asked for")
            chosen.append(found[:take])
        bench.write_tensors(INDICES, {"indices": np.concatenate(chosen)})
