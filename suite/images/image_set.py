"""An image set: a recipe whose artifact can be opened as labelled images."""

from abc import abstractmethod
from typing import TYPE_CHECKING

from suite.artifacts import Recipe, Store

if TYPE_CHECKING:
    from suite.images.labelled import LabelledImages

IMAGES = "images.safetensors"


class ImageSet(Recipe):
    """Base of every recipe that stands for labelled images, real, synthetic, or chosen from others.

    A set that makes pixels writes ``images.safetensors`` with ``images`` (uint8, N x H x W x 3) and ``labels``
    (int64, N) and inherits ``open``. A set that only chooses writes indices and overrides it, so that no pixel is
    stored twice.
    """

    def open(self, store: Store) -> "LabelledImages":
        """Return the images; every file that is read is verified.

        Raises:
            BadArtifact: If the store has lost or damaged something this set needs.
        """
        from suite.images.labelled import LabelledImages

        tensors = store.get(self).tensors(IMAGES)
        return LabelledImages(tensors["images"], tensors["labels"])

    @property
    @abstractmethod
    def counts(self) -> tuple[int, ...] | None:
        """Images per class as far as the recipe alone tells, None where only the artifact knows."""
