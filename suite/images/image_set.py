"""An image set: a recipe whose artifact can be opened as labelled images."""

from abc import abstractmethod
from typing import TYPE_CHECKING, ClassVar

from suite.artifacts import BuildContext, CostEstimate, Recipe, Store
from suite.errors import BadData, Diverged

if TYPE_CHECKING:
    from suite.images.labelled import LabelledImages

IMAGES = "images.safetensors"
CHANNELS = 3
LABEL_BYTES = 8


class ImageSet(Recipe):
    """Base of every recipe that stands for labelled images, real, synthetic, or chosen from others.

    A set that makes pixels writes ``images.safetensors`` with ``images`` (uint8, N x H x W x 3) and ``labels``
    (int64, N) and inherits ``open``. A set that only chooses writes indices and overrides it, so that no pixel is
    stored twice.

    Class attributes:
        made: Whether a step makes the pixels, so that a class of equal images is its failure; images that exist are
            taken as they are.
    """

    made: ClassVar[bool] = True

    def open(self, store: Store) -> "LabelledImages":
        """Return the images; every file that is read is verified.

        Raises:
            BadArtifact: If the store has lost or damaged something this set needs.
        """
        from suite.images.labelled import LabelledImages

        tensors = store.get(self).tensors(IMAGES)
        return LabelledImages(tensors["images"], tensors["labels"])

    def inspect(self, context: BuildContext) -> None:
        """Refuse images that are no images or all alike, and counts that are not what was asked for.

        Raises:
            BadData: If they are not what was asked for.
            Diverged: If all images of a class are alike, or a number is not finite.
        """
        from suite.artifacts.files import read_tensors
        from suite.images.labelled import LabelledImages

        super().inspect(context)
        path = context.payload / IMAGES
        if not path.exists():
            if type(self).open is ImageSet.open:
                raise BadData(f"{self.label}: it wrote no {IMAGES}")
            return
        tensors = read_tensors(path)
        try:
            made = LabelledImages(tensors["images"], tensors["labels"])
        except (KeyError, ValueError) as error:
            raise BadData(f"{self.label}: {error}") from error
        asked = self.counts
        if len(made) and (made.labels.min() < 0 or (asked and made.labels.max() >= len(asked))):
            raise BadData(f"{self.label}: labels from {made.labels.min()} to {made.labels.max()} name no class")
        if asked is not None and (found := made.counts(len(asked))) != asked:
            raise BadData(f"{self.label}: made {found} images a class, {asked} were asked for")
        if self.made and (alike := made.alike()):
            raise Diverged(f"{self.label}: {alike}: train it otherwise")

    def counted(self, store: Store, classes: int) -> tuple[int, ...]:
        """Return the images per class of a finished set, of so many classes, whether or not its recipe tells them.

        Raises:
            BadArtifact: As ``open`` does, where the recipe does not tell.
        """
        return self.open(store).counts(classes) if self.counts is None else self.counts

    @property
    def side(self) -> int | None:
        """Height and width as far as the recipe alone tells: its own ``size``, or that of the images it is made of."""
        size = getattr(self, "size", None)
        if isinstance(size, int):
            return size
        return next((one.side for one in self.dependencies if isinstance(one, ImageSet)), None)

    @property
    def pixel_bytes(self) -> int:
        """Bytes of all images, as far as the recipe alone tells."""
        return sum(self.counts or ()) * CHANNELS * (self.side or 0) ** 2

    @property
    def cost(self) -> CostEstimate:
        """Estimate a set that makes pixels and counts no operations."""
        return CostEstimate(payload=self.pixel_bytes + LABEL_BYTES * sum(self.counts or ()))

    @property
    @abstractmethod
    def counts(self) -> tuple[int, ...] | None:
        """Images per class as far as the recipe alone tells, None where only the artifact knows."""
