"""The recipes of real images: decoding a split once, and drawing the subsets that a budget pays for."""

from typing import TYPE_CHECKING, ClassVar, Literal

from suite.artifacts import Store, Workbench
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
    code: ClassVar[tuple[str, ...]] = ("suite.datasets.real", "suite.datasets.content")

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
        return f"{self.dataset} {self.split} images"

    def build(self, bench: Workbench) -> None:
        """Decode, order and resize the split.

        Raises:
            BadData: If the files no longer hold what they held when the work was planned.
        """
        import numpy as np

        from suite.datasets.content import canonical
        from suite.datasets.locate import find_dataset
        from suite.errors import BadData

        source = find_dataset(self.dataset, bench.places).locate(bench.places)
        rows = canonical(source.examples(self.split))
        labels = np.array([label for label, *_ in rows], dtype=np.int64)
        if tuple(np.bincount(labels, minlength=len(self.per_class)).tolist()) != self.per_class:
            raise BadData(f"{source.where} changed while it was being read: start the run again")
        groups = {name: number for number, name in enumerate(sorted({group for *_, group, _ in rows if group}))}
        images = np.stack([_resized(example.image, self.size) for *_, example in rows])
        bench.write_tensors(
            IMAGES,
            {
                "images": images,
                "labels": labels,
                "groups": np.array([groups.get(group, -1) for *_, group, _ in rows], dtype=np.int64),
            },
        )


class RealSubset(ImageSet):
    """A seeded, stratified choice from one split, with exact counts and no group on two sides.

    Every class is shuffled once by ``seed``. Validation images are taken first and never trained on; the images to
    fit on are the first ``take`` of the rest, so that a smaller budget's subset lies within a larger one's.

    Attributes:
        images: The split to choose from.
        part: ``fit`` and ``validation`` are carved from train; ``all`` ignores the carving.
        carve: Validation images per class, at most: whole groups only.
        take: Images per class to take.
        seed: Seed of the split.
    """

    step: ClassVar[str] = "real-subset"
    version: ClassVar[int] = 1
    code: ClassVar[tuple[str, ...]] = ("suite.datasets.real",)

    images: RealImages
    part: Literal["fit", "validation", "all"]
    carve: tuple[int, ...]
    take: tuple[int, ...]
    seed: int

    @property
    def counts(self) -> tuple[int, ...]:
        """Images per class."""
        return self.take

    @property
    def label(self) -> str:
        return f"{self.images.dataset} {self.part} subset"

    def open(self, store: Store) -> "LabelledImages":
        """Open the split and take the chosen images."""
        return self.images.open(store).take(store.get(self).tensors(INDICES)["indices"])

    def build(self, bench: Workbench) -> None:
        """Choose."""
        import numpy as np

        from suite.randomness import numpy_generator

        tensors = bench.artifact(self.images).tensors(IMAGES)
        chosen = []
        for label, (carve, take) in enumerate(zip(self.carve, self.take, strict=True)):
            indices = np.flatnonzero(tensors["labels"] == label)
            shuffled = numpy_generator(self.seed, "split", label).permutation(indices)
            validation, rest = _carve(shuffled, tensors["groups"], 0 if self.part == "all" else carve)
            pool = validation if self.part == "validation" else rest
            if len(pool) < take:
                raise ValueError(f"class {label} has {len(pool)} {self.part} images, {take} are asked for")
            chosen.append(np.sort(pool[:take]))
        bench.write_tensors(INDICES, {"indices": np.concatenate(chosen)})


def _carve(
    shuffled: "NDArray[np.int64]", groups: "NDArray[np.int64]", carve: int
) -> "tuple[NDArray[np.int64], NDArray[np.int64]]":
    """Split one class's indices into at most ``carve`` for validation and the rest; groups stay whole."""
    import numpy as np

    members: dict[object, list[int]] = {}
    for index in shuffled.tolist():
        group = int(groups[index])
        members.setdefault(group if group >= 0 else ("alone", index), []).append(index)
    validation: list[int] = []
    rest: list[int] = []
    for group_members in members.values():
        side = validation if len(validation) + len(group_members) <= carve else rest
        side.extend(group_members)
    return np.array(validation, dtype=np.int64), np.array(rest, dtype=np.int64)


def _resized(image: "NDArray[np.uint8]", size: int) -> "NDArray[np.uint8]":
    import numpy as np
    from PIL import Image

    if image.shape[:2] == (size, size):
        return image
    return np.asarray(Image.fromarray(image).resize((size, size), Image.Resampling.BICUBIC))
