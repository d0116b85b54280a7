"""Index of a dataset's images: their canonical order, and a hash that does not depend on the names of files."""

import hashlib
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Generic, TypeVar

from suite.artifacts.build_context import ProgressCallback
from suite.datasets.dataset import Example, Source, Split
from suite.datasets.in_threads import in_threads
from suite.errors import BadData

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

SPLIT_ID_LENGTH = 16
TEST_SHARE = 0.2
SPLIT_SEED = 0
SPLITS: tuple[Split, ...] = ("train", "test")

ValueT = TypeVar("ValueT")
OtherT = TypeVar("OtherT")


@dataclass(frozen=True)
class IndexedImage(Generic[ValueT]):
    """What identifies one image of a split, and a value computed from the image.

    Attributes:
        label: Index into the source's classes.
        pixels: Hash of the decoded image, from ``pixel_hash``.
        group: Name of the group, "" for no group.
        value: Result of the ``extract`` function of ``index_images``.
    """

    label: int
    pixels: str
    group: str
    value: ValueT

    @property
    def sort_key(self) -> tuple[int, str, str]:
        """Label, hash of pixels and group: the canonical order."""
        return self.label, self.pixels, self.group

    def with_value(self, value: OtherT) -> "IndexedImage[OtherT]":
        """Return the same image with another value."""
        return IndexedImage(self.label, self.pixels, self.group, value)


def index_images(
    source: Source,
    extract: Callable[[Example], ValueT],
    splits: tuple[Split, ...] = SPLITS,
    on_progress: ProgressCallback | None = None,
    summarise: Callable[[Example], object] = lambda _: None,
) -> dict[Split, list[IndexedImage[ValueT]]]:
    """Decode splits and return their images in canonical order: label, then hash of pixels, then group.

    Results downstream therefore do not depend on the names and the order of files in a directory or an archive. Files
    without a split are divided here, 80 % to 20 %, stratified and seeded; images of one group, and equal images, are
    kept in the same split.

    Args:
        source: The dataset's files.
        extract: Computes the value to keep of each image, in several threads; the image itself is not kept.
        splits: The splits to read.
        on_progress: Called with the number of images read so far and their total.
        summarise: Called with each image in the order of the files, in this thread.

    Returns:
        The images of each requested split.
    """

    def index_image(example: Example) -> tuple[Example, IndexedImage[ValueT]]:
        return example, IndexedImage(example.label, pixel_hash(example.image), example.group, extract(example))

    total = len(source)
    images: dict[Split, list[IndexedImage[ValueT]]] = {}
    done = 0
    for split in splits if source.divided else SPLITS[:1]:
        images[split] = []
        for example, image in in_threads(index_image, source.examples(split)):
            images[split].append(image)
            summarise(example)
            done += 1
            if on_progress is not None:
                on_progress(done, total)
        images[split].sort(key=lambda image: image.sort_key)
    divided = images if source.divided else _divide(source, images["train"])
    return {split: divided[split] for split in splits}


def pixel_hash(image: "np.ndarray") -> str:
    """Return a hash of one image's height, width and pixels (uint8, H x W x 3)."""
    total = hashlib.sha256(repr(image.shape).encode())
    total.update(image.data if image.flags.c_contiguous else image.tobytes())  # large images are not copied
    return total.hexdigest()


def split_id(classes: tuple[str, ...], split: Split, images: list[IndexedImage[ValueT]]) -> str:
    """Return the half of a content id that identifies one split.

    Args:
        classes: Class names in the order of the labels.
        split: Which split.
        images: Its images in canonical order.
    """
    total = hashlib.sha256("\n".join((split, *classes)).encode())
    for image in images:
        total.update(f"{image.label}\0{image.pixels}\0{image.group}\n".encode())
    return total.hexdigest()[:SPLIT_ID_LENGTH]


def part_of_content(content: str, split: Split) -> str:
    """Return the part of a content id that is the id of a split."""
    start = SPLITS.index(split) * SPLIT_ID_LENGTH
    return content[start : start + SPLIT_ID_LENGTH]


def labels_and_groups(images: Sequence[IndexedImage[ValueT]]) -> "dict[str, NDArray[np.int64]]":
    """Return ``labels`` and ``groups`` of images, int64, (N,); groups are numbered by their names, -1 is none."""
    import numpy as np

    numbers = {name: number for number, name in enumerate(sorted({image.group for image in images if image.group}))}
    return {
        "labels": np.array([image.label for image in images], dtype=np.int64),
        "groups": np.array([numbers.get(image.group, -1) for image in images], dtype=np.int64),
    }


def _divide(source: Source, images: list[IndexedImage[ValueT]]) -> dict[Split, list[IndexedImage[ValueT]]]:
    import numpy as np

    from suite.datasets.splitting import split_validation
    from suite.randomness import numpy_generator

    labels = np.array([image.label for image in images], dtype=np.int64)
    names = [f"group {image.group}" if image.group else f"pixels {image.pixels}" for image in images]
    numbers = {name: number for number, name in enumerate(dict.fromkeys(names))}
    groups = np.array([numbers[name] for name in names], dtype=np.int64)
    counts = np.bincount(labels, minlength=len(source.classes))
    quotas = np.maximum(np.rint(counts * TEST_SHARE), 1).astype(int).tolist()
    test, train = split_validation(labels, groups, quotas, numpy_generator(SPLIT_SEED, "test split"))
    for label, name in enumerate(source.classes):
        if not (labels[test] == label).any() or not (labels[train] == label).any():
            condition = " with every group in one split" if any(image.group for image in images) else ""
            number = f"{counts[label]} image{'' if counts[label] == 1 else 's'}"
            raise BadData(
                f"{source.where} has {number} of class {name!r}, which cannot be divided into train and test"
                f"{condition}: add images that differ, or lay them out in train and test folders"
            )
    return {"train": [images[index] for index in sorted(train)], "test": [images[index] for index in sorted(test)]}


def content_id(classes: tuple[str, ...], images: dict[Split, list[IndexedImage[ValueT]]]) -> str:
    """Return the content id of a dataset: the ids of both splits.

    Args:
        classes: Class names in the order of the labels.
        images: The images of each split in canonical order.
    """
    return "".join(split_id(classes, split, images[split]) for split in SPLITS)


def count_per_class(source: Source, split: Split, images: list[IndexedImage[ValueT]]) -> tuple[int, ...]:
    """Return the images per class of one split; raises BadData if a class has none."""
    counts = Counter(image.label for image in images)
    empty = [name for label, name in enumerate(source.classes) if not counts[label]]
    if empty:
        raise BadData(f"{source.where} has no {split} image of class '{empty[0]}': add some or remove the class")
    return tuple(counts[label] for label in range(len(source.classes)))


def smallest_groups(images: Sequence[IndexedImage[ValueT]], classes: int) -> tuple[int, ...]:
    """Return for each class the number of images of the smallest group that has only images of this class.

    An image without a group is one of its own.

    Args:
        images: The images of a split.
        classes: Number of classes.

    Returns:
        The numbers; 0 for a class without such a group.
    """
    members: dict[str, list[int]] = {}
    for number, image in enumerate(images):
        members.setdefault(f"group {image.group}" if image.group else f"image {number}", []).append(image.label)
    sizes: dict[int, list[int]] = {}
    for labels in members.values():
        if len({*labels}) == 1:
            sizes.setdefault(labels[0], []).append(len(labels))
    return tuple(min(sizes.get(label, (0,))) for label in range(classes))


def equal_to_train(images: Mapping[Split, Sequence[IndexedImage[ValueT]]]) -> tuple[int, ...]:
    """Return the indices of the test images whose pixels are equal to those of a training image."""
    train = {image.pixels for image in images["train"]}
    return tuple(index for index, image in enumerate(images["test"]) if image.pixels in train)


def shared_groups(images: Mapping[Split, Sequence[IndexedImage[ValueT]]]) -> list[str]:
    """Return the groups that have images in both splits, sorted."""
    train, test = ({image.group for image in images[split] if image.group} for split in SPLITS)
    return sorted(train & test)
