"""What a filter keeps of a set of images, and what it has seen to choose them."""

from abc import abstractmethod
from typing import TYPE_CHECKING, ClassVar, Literal

from pydantic import BaseModel, ConfigDict

from suite.artifacts import BuildContext, Store
from suite.errors import BadData
from suite.images import ImageSet

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from suite.images.labelled import LabelledImages

INDICES = "indices.safetensors"
SUMMARY = "summary.json"

DataUsed = Literal["real images", "real labels", "the web"]


class Filtering(BaseModel):
    """What a filter did: the summary in its artifact, and a part of the results.

    Attributes:
        filter: Name of the filter.
        saw: What it has seen, itself or in the training of a network that it asks: ``real images`` and ``real labels``
            are those of this train split without validation, ``the web`` is everything that was not made here.
        classes: Class names in the order of the labels.
        before: Images per class that it was given.
        after: Images per class that it kept.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    filter: str
    uses: tuple[DataUsed, ...]
    classes: tuple[str, ...]
    before: tuple[int, ...]
    after: tuple[int, ...]


class Filtered(ImageSet):
    """Base of the images that a filter keeps, in their order.

    The payload is ``indices.safetensors``: ``indices`` int64 (kept,) into the unfiltered set; and ``summary.json``, a
    ``Filtering``. No pixel is stored twice.

    Class attributes:
        filter: Name of the filter.
        remedy: What to do where it leaves a class without images.

    Attributes:
        images: The set to choose from.
        classes: Class names in the order of the labels.
    """

    filter: ClassVar[str]
    remedy: ClassVar[str]

    images: ImageSet
    classes: tuple[str, ...]

    @property
    def counts(self) -> tuple[int, ...] | None:
        """Unknown until the images have been looked at."""
        return None

    @property
    def label(self) -> str:
        """What is kept of what."""
        return f"{self.images.label} that filter {self.filter} keeps"

    @property
    @abstractmethod
    def uses(self) -> tuple[DataUsed, ...]:
        """What the filter has seen."""

    @abstractmethod
    def choose(self, context: BuildContext) -> "NDArray[np.bool_]":
        """Return which of the images to keep: bool, (N,), in the order of the set."""

    def counted(self, store: Store, classes: int) -> tuple[int, ...]:  # noqa: ARG002 - they are counted already
        """Read the counts off the summary, without a look at any image."""
        return read_filtering(self, store).after

    def open(self, store: Store) -> "LabelledImages":
        """Open the set and take what was kept."""
        return self.images.open(store).take(store.get(self).tensors(INDICES)["indices"])

    def build(self, context: BuildContext) -> None:
        """Choose.

        Raises:
            BadData: If a class is left without images.
        """
        import numpy as np

        given = self.images.open(context.store)
        keep = self.choose(context)
        if keep.shape != given.labels.shape or keep.dtype != np.bool_:
            raise ValueError(f"filter {self.filter} says {keep.dtype} {keep.shape} of {len(given)} images")
        indices = np.flatnonzero(keep)
        before, after = given.counts(len(self.classes)), given.take(indices).counts(len(self.classes))
        for name, there, left in zip(self.classes, before, after, strict=True):
            if not left:
                raise BadData(f"filter {self.filter} keeps none of the {there} images of class '{name}': {self.remedy}")
        found = Filtering(filter=self.filter, uses=self.uses, classes=self.classes, before=before, after=after)
        context.write_tensors(INDICES, {"indices": indices})
        context.write_json(SUMMARY, found.model_dump(mode="json"))


def read_filtering(images: Filtered, store: Store) -> Filtering:
    """Return what a filter did; raises BadArtifact if it is not in the store."""
    return Filtering.model_validate(store.get(images).json(SUMMARY))


def unfiltered(images: ImageSet) -> ImageSet:
    """Return the set as its generator made it."""
    while isinstance(images, Filtered):
        images = images.images
    return images
