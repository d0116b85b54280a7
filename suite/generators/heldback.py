"""``heldback``: further real training images in place of synthetic ones, the ceiling for generators.

MIX of ``heldback`` is what as many new real images would give; it says how good a gain from synthetic images is.
"""

from typing import TYPE_CHECKING, ClassVar

from suite.artifacts import BuildContext, CostEstimate, Store
from suite.datasets.real import INDICES, RealSubset
from suite.errors import BadData, Unavailable
from suite.generators.generator import REAL_IMAGES, Generator, GeneratorSettings, Request, TrainedOn, generators
from suite.images import ImageSet
from suite.images.image_set import IMAGES

if TYPE_CHECKING:
    from suite.images.labelled import LabelledImages


class HeldBackImages(ImageSet):
    """Real training images that are neither in the real training subset nor in the validation part.

    They are the next images in the shuffled order of the training subset. Only indices are stored.

    Attributes:
        real: The real training subset.
        per_class: Images per class.
    """

    step: ClassVar[str] = "held-back-images"
    version: ClassVar[int] = 1
    code: ClassVar[tuple[str, ...]] = (
        "suite.generators.heldback",
        "suite.datasets.real",
        "suite.datasets.splitting",
        "suite.randomness",
    )
    creates_pixels: ClassVar[bool] = False

    real: RealSubset
    per_class: tuple[int, ...]

    @property
    def counts(self) -> tuple[int, ...]:
        """Images per class."""
        return self.per_class

    @property
    def label(self) -> str:
        """Dataset, and what the images are."""
        return f"{self.real.images.dataset} held-back images"

    @property
    def cost(self) -> CostEstimate:
        """Negligible: only indices are stored."""
        return CostEstimate()

    def open(self, store: Store) -> "LabelledImages":
        """Open the training split and take the held-back images."""
        return self.real.images.open(store).take(store.get(self).tensors(INDICES)["indices"])

    def build(self, context: BuildContext) -> None:
        """Select the images; raises BadData if a class has too few left."""
        import numpy as np

        tensors = context.artifact(self.real.images).tensors(IMAGES)
        labels = tensors["labels"]
        pool = self.real.shuffled(labels, tensors["groups"])
        selected = []
        # A request may be for fewer classes than the training images have.
        for label, (used, count) in enumerate(zip(self.real.per_class, self.per_class, strict=False)):
            indices = pool[labels[pool] == label][used : used + count]
            if len(indices) < count:
                raise BadData(f"{self.label}: class {label} has {len(indices)} left, fewer than the planned {count}")
            selected.append(np.sort(indices))
        context.write_tensors(INDICES, {"indices": np.concatenate(selected)})


@generators.register
class HeldBack(Generator):
    """Generator that hands out held-back real training images."""

    name = "heldback"
    title = "Held-back real images"
    trained_on: TrainedOn = REAL_IMAGES
    has_seeds = False
    has_existing_images = True
    settings = GeneratorSettings

    def describe(self, settings: GeneratorSettings, size: int) -> str:  # noqa: ARG002
        """Return what the images are."""
        return "real training images that no other cell trains on: what as many new real images give"

    def notes(self, images: ImageSet) -> tuple[str, ...]:
        """Return the number of images, and whether more were not left."""
        assert isinstance(images, HeldBackImages)
        number = sum(images.per_class)
        if max(images.per_class) != min(_left(images.real)):
            return (f"{number:,} held-back real images",)
        return (f"{number:,} held-back real images: in each class as many as the scarcest class has left",)

    def synthetic(self, request: Request, settings: GeneratorSettings) -> ImageSet:  # noqa: ARG002
        """Return the recipe of the images: as many as requested, or in each class as many as the scarcest has left.

        Raises:
            Unavailable: If the budget uses all training images of a class.
        """
        assert isinstance(request.real, RealSubset)
        left = _left(request.real)
        if min(left) <= 0:
            raise Unavailable(
                f"no real image of {request.dataset} is left to hold back, because all are trained on: choose a "
                "--profile with fewer images per class"
            )
        if any(count > of_class for count, of_class in zip(request.counts, left, strict=False)):
            left = (min(left),) * len(left)
        return HeldBackImages(real=request.real, per_class=tuple(map(min, request.counts, left)))


def _left(real: RealSubset) -> tuple[int, ...]:
    """Return how many training images of each class are in neither the training subset nor validation."""
    return tuple(
        total - aside - used
        for total, aside, used in zip(real.images.per_class, real.validation, real.per_class, strict=True)
    )
