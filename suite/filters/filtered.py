"""Images selected by a filter, and a summary of the selection."""

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


class FilterSummary(BaseModel):
    """Summary of a filter's selection, stored in its artifact and in the results.

    Attributes:
        filter: Name of the filter.
        uses: The data that the selection is based on, directly or through the training of a network that the filter
            uses. ``real images`` and ``real labels`` are those of the train split without the validation images;
            ``the web`` is any data from outside the benchmark.
        classes: Class names in label order.
        before: Images per class before filtering.
        after: Images per class after filtering.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    filter: str
    uses: tuple[DataUsed, ...]
    classes: tuple[str, ...]
    before: tuple[int, ...]
    after: tuple[int, ...]


class FilteredImages(ImageSet):
    """Base class of the images selected by a filter, in their original order.

    The payload is ``indices.safetensors`` (``indices`` int64 (kept,), into the unfiltered set) and ``summary.json`` (a
    ``FilterSummary``). Images are not stored a second time.

    Class attributes:
        filter: Name of the filter.
        remedy: What the user can do if the filter removes all images of a class; the end of an error message.

    Attributes:
        images: The set to select from.
        classes: Class names in label order.
    """

    filter: ClassVar[str]
    remedy: ClassVar[str]

    images: ImageSet
    classes: tuple[str, ...]

    @property
    def counts(self) -> tuple[int, ...] | None:
        """None: not known before the selection is made."""
        return None

    @property
    def label(self) -> str:
        """Name for progress and messages: the unfiltered set and the filter."""
        return f"{self.images.label}, kept by filter {self.filter}"

    @property
    @abstractmethod
    def uses(self) -> tuple[DataUsed, ...]:
        """The data that the selection is based on; see ``FilterSummary``."""

    @abstractmethod
    def choose(self, context: BuildContext) -> "NDArray[np.bool_]":
        """Return whether to keep each image: bool, (N,), in the order of the set."""

    def read_counts(self, store: Store, classes: int) -> tuple[int, ...]:  # noqa: ARG002 - the summary has the counts
        """Return the images per class from the summary, without opening the images."""
        return read_filter_summary(self, store).after

    def open(self, store: Store) -> "LabelledImages":
        """Open the unfiltered set and return the selected images."""
        return self.images.open(store).take(store.get(self).tensors(INDICES)["indices"])

    def build(self, context: BuildContext) -> None:
        """Select the images and write their indices and a summary.

        Raises:
            BadData: If no image of a class is kept.
        """
        import numpy as np

        data = self.images.open(context.store)
        keep = self.choose(context)
        if keep.shape != data.labels.shape or keep.dtype != np.bool_:
            raise ValueError(
                f"filter {self.filter}: choose must return bool ({len(data)},), not {keep.dtype} {keep.shape}"
            )
        indices = np.flatnonzero(keep)
        before, after = data.counts(len(self.classes)), data.take(indices).counts(len(self.classes))
        for name, available, kept in zip(self.classes, before, after, strict=True):
            if not kept:
                raise BadData(
                    f"filter {self.filter} keeps none of the {available} images of class '{name}': {self.remedy}"
                )
        summary = FilterSummary(filter=self.filter, uses=self.uses, classes=self.classes, before=before, after=after)
        context.write_tensors(INDICES, {"indices": indices})
        context.write_json(SUMMARY, summary.model_dump(mode="json"))


def read_filter_summary(images: FilteredImages, store: Store) -> FilterSummary:
    """Read the summary of a filter's selection.

    Raises:
        BadArtifact: If the selection is not in the store.
    """
    return FilterSummary.model_validate(store.get(images).json(SUMMARY))


def unfiltered(images: ImageSet) -> ImageSet:
    """Return the set before any filter was applied."""
    while isinstance(images, FilteredImages):
        images = images.images
    return images
