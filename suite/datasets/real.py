"""The recipes of real images: decoding a split once, and drawing the subsets that a budget pays for."""

from typing import TYPE_CHECKING, ClassVar, Literal

from suite.artifacts import BuildContext, CostEstimate, Store
from suite.artifacts.resources import DECODING, ResourceRequest
from suite.datasets.dataset import Split
from suite.images.image_set import IMAGES, ImageSet

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from suite.images.labelled import LabelledImages

INDICES = "indices.safetensors"


class RealImages(ImageSet):
    """One split of a dataset, decoded to uint8 RGB of one size, in canonical order (label, hash of pixels).

    Images of another size are squashed to ``size`` x ``size`` by Pillow's antialiased bicubic filter, as the
    paper's "resizing" is most simply read; images that have the size are not touched.

    Attributes:
        dataset: Name of the dataset.
        content: Content id; files that hold something else are refused when the split is read.
        split: Which of the dataset's splits.
        size: Height and width in pixels.
        per_class: Images per class the split holds.
    """

    step: ClassVar[str] = "real-images"
    version: ClassVar[int] = 1
    code: ClassVar[tuple[str, ...]] = (
        "suite.datasets.real",
        "suite.datasets.content",
        "suite.datasets.decode",
        "suite.datasets.splitting",
    )
    resources: ClassVar[ResourceRequest] = DECODING
    made: ClassVar[bool] = False

    dataset: str
    content: str
    split: Split
    size: int
    per_class: tuple[int, ...]

    @property
    def counts(self) -> tuple[int, ...]:
        """Images per class."""
        return self.per_class

    @property
    def label(self) -> str:
        """Dataset and part."""
        return f"{self.dataset} {self.split} images"

    def build(self, context: BuildContext) -> None:
        """Decode, order and resize the split.

        Raises:
            BadData: If the files no longer hold what they held when the work was planned.
        """
        import numpy as np

        from suite.datasets.content import HALF, SPLITS, read_rows, split_id
        from suite.datasets.locate import find_dataset
        from suite.errors import BadData

        source = find_dataset(self.dataset, context.data_paths).locate(context.data_paths)
        part = read_rows(
            source,
            lambda example: resized(example.image, self.size),
            (self.split,),
            lambda done, total: context.progress(done, sum(self.per_class) if source.divided else total),
        )[self.split]
        half = slice(SPLITS.index(self.split) * HALF, (SPLITS.index(self.split) + 1) * HALF)
        if split_id(source.classes, self.split, part) != self.content[half]:
            raise BadData(f"{source.where} changed since the work was planned: start the run again")
        groups = {name: number for number, name in enumerate(sorted({row.group for row in part if row.group}))}
        context.write_tensors(
            IMAGES,
            {
                "images": np.stack([row.kept for row in part]),
                "labels": np.array([row.label for row in part], dtype=np.int64),
                "groups": np.array([groups.get(row.group, -1) for row in part], dtype=np.int64),
            },
        )


class RealSubset(ImageSet):
    """A seeded, stratified choice from one split, with exact counts and no group on two sides.

    The split is shuffled once by ``seed``. Validation images are taken first and never trained on; the images to fit
    on are the first ``per_class`` of the rest in each class, so a smaller budget's subset is part of a larger one's.

    Attributes:
        images: The split to choose from.
        part: ``fit`` and ``validation`` are carved from train; ``all`` ignores the carving.
        carve: Validation images per class, at most: whole groups only.
        take: Images per class to take. Of validation images there may be fewer, where whole groups do not add up.
        seed: Seed of the split.
    """

    step: ClassVar[str] = "real-subset"
    version: ClassVar[int] = 1
    code: ClassVar[tuple[str, ...]] = ("suite.datasets.real", "suite.datasets.splitting", "suite.randomness")

    images: RealImages
    part: Literal["fit", "validation", "all"]
    validation: tuple[int, ...]
    per_class: tuple[int, ...]
    seed: int

    @property
    def counts(self) -> tuple[int, ...]:
        """Images per class."""
        return self.per_class

    @property
    def label(self) -> str:
        """Dataset and part."""
        return f"{self.images.dataset} {self.part} subset"

    def share_of(self, there: tuple[int, ...]) -> tuple[int, ...]:
        """Return how many of so many other images per class are taken to keep step with this choice.

        It is the share that is taken of the images that could be: a budget that takes few real images would otherwise
        set them against every synthetic one that somebody has.
        """
        could = (count - carved for count, carved in zip(self.images.per_class, self.validation, strict=True))
        return tuple(
            max(1, round(count * per_class / max(1, most)))
            for count, per_class, most in zip(there, self.per_class, could, strict=True)
        )

    @property
    def cost(self) -> CostEstimate:
        """Nothing to speak of: only indices are stored."""
        return CostEstimate()

    def open(self, store: Store) -> "LabelledImages":
        """Open the split and take the chosen images."""
        return self.images.open(store).take(store.get(self).tensors(INDICES)["indices"])

    def build(self, context: BuildContext) -> None:
        """Choose.

        Raises:
            BadData: If a class has fewer images than are asked for.
        """
        import numpy as np

        from suite.datasets.splitting import split_validation
        from suite.errors import BadData
        from suite.randomness import numpy_generator

        tensors = context.artifact(self.images).tensors(IMAGES)
        labels = tensors["labels"]
        quotas = (0,) * len(self.validation) if self.part == "all" else self.validation
        aside, rest = split_validation(labels, tensors["groups"], quotas, numpy_generator(self.seed, "split"))
        pool = aside if self.part == "validation" else rest
        chosen = [pool[labels[pool] == label][:per_class] for label, per_class in enumerate(self.per_class)]
        for label, (indices, per_class) in enumerate(zip(chosen, self.per_class, strict=True)):
            if len(indices) < per_class and not (self.part == "validation" and len(indices)):
                raise BadData(
                    f"{self.images.dataset} has {len(indices)} {self.part} images of class {label}, fewer than the "
                    f"{per_class} asked for: ask for fewer images per class"
                )
        context.write_tensors(INDICES, {"indices": np.concatenate([np.sort(indices) for indices in chosen])})


def resized(image: "NDArray[np.uint8]", size: int) -> "NDArray[np.uint8]":
    """Return an image at ``size`` x ``size``; the same pixels if it has that size.

    Args:
        image: uint8, (H, W, 3).
        size: Height and width in pixels.
    """
    import numpy as np
    from PIL import Image

    return np.asarray(Image.fromarray(image).resize((size, size), Image.Resampling.BICUBIC))
