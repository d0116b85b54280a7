"""Image sets: recipes whose artifacts can be opened as labelled images."""

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
    """Base class of every recipe of labelled images: real, synthetic, or selected from other sets.

    A set that creates pixels writes ``images.safetensors`` with ``images`` (uint8, N x H x W x 3) and ``labels``
    (int64, N) and inherits ``open``. A set that selects images writes indices and overrides ``open``, so that pixels
    are stored once.

    Class attributes:
        creates_pixels: Whether this step generates the images. If it does, a class of identical images is an error;
            existing images are not checked for it.
    """

    creates_pixels: ClassVar[bool] = True

    def open(self, store: Store) -> "LabelledImages":
        """Return the images. Every file is verified when it is read.

        Raises:
            BadArtifact: If an artifact that this set needs is missing or damaged.
        """
        from suite.images.labelled import LabelledImages

        tensors = store.get(self).tensors(IMAGES)
        return LabelledImages(tensors["images"], tensors["labels"])

    def open_resized(self, store: Store, size: int) -> "LabelledImages":
        """Return the images at ``size`` x ``size`` pixels; raises BadArtifact as ``open`` does."""
        from suite.images.resizing import resize_images

        return resize_images(self.open(store), size)

    def inspect(self, context: BuildContext) -> None:
        """Check the built images before they are published: their format, labels and counts, and degenerate classes.

        Raises:
            BadData: If the format, the labels or the images per class are not those of this recipe.
            Diverged: If all generated images of a class are identical or of a single colour, or a number is not finite.
        """
        from suite.artifacts.files import read_tensors
        from suite.images.labelled import LabelledImages

        super().inspect(context)
        path = context.payload / IMAGES
        if not path.exists():
            if type(self).open is ImageSet.open:
                raise BadData(f"{self.label}: build wrote no {IMAGES}")
            return
        tensors = read_tensors(path)
        try:
            images = LabelledImages(tensors["images"], tensors["labels"])
        except (KeyError, ValueError) as error:
            raise BadData(f"{self.label}: {error}") from error
        expected, labels = self.counts, images.labels
        if len(images) and (labels.min() < 0 or (expected and labels.max() >= len(expected))):
            raise BadData(f"{self.label}: labels from {labels.min()} to {labels.max()} are not all classes")
        if expected is not None and (counts := images.counts(len(expected))) != expected:
            raise BadData(f"{self.label}: made {counts} images per class instead of {expected}")
        if self.creates_pixels and (problem := images.find_degenerate_class()):
            raise Diverged(f"{self.label}: {problem}: change the settings")

    def read_counts(self, store: Store, classes: int) -> tuple[int, ...]:
        """Return the images per class: ``counts``, or those of the artifact if ``counts`` is None.

        Args:
            store: Store with the artifact.
            classes: Number of classes.

        Raises:
            BadArtifact: As ``open`` does, if the artifact has to be read.
        """
        return self.open(store).counts(classes) if self.counts is None else self.counts

    @property
    def side(self) -> int | None:
        """Height and width in pixels: ``size`` of the recipe, or of the set it is built from; None if unknown."""
        size = getattr(self, "size", None)
        if isinstance(size, int):
            return size
        return next((recipe.side for recipe in self.dependencies if isinstance(recipe, ImageSet)), None)

    @property
    def pixel_bytes(self) -> int:
        """Bytes of all pixels; 0 if the recipe does not determine counts or size."""
        return sum(self.counts or ()) * CHANNELS * (self.side or 0) ** 2

    @property
    def cost(self) -> CostEstimate:
        """Estimate of a set that stores pixels, without a count of operations."""
        return CostEstimate(payload=self.pixel_bytes + LABEL_BYTES * sum(self.counts or ()))

    @property
    @abstractmethod
    def counts(self) -> tuple[int, ...] | None:
        """Images per class, or None if they are known only once the artifact is built."""
