"""The content of a dataset's files: image counts, and a hash that does not depend on file names or file order."""

import hashlib
from collections import Counter
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Generic, TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError

from suite.artifacts.build_context import ProgressCallback
from suite.artifacts.files import replace_json
from suite.datasets.dataset import Example, Source, Split
from suite.datasets.decoding_summary import DecodingSummary
from suite.datasets.naming import quoted
from suite.errors import BadData, Unavailable

if TYPE_CHECKING:
    import numpy as np

CONTENTS = "contents"  # directory of cached contents, in a store and in a cache of downloads
CACHE_VERSION = 5
SPLIT_ID_LENGTH = 16
TEST_SHARE = 0.2
SPLIT_SEED = 0
SPLITS: tuple[Split, ...] = ("train", "test")

ValueT = TypeVar("ValueT")
ModelT = TypeVar("ModelT", bound=BaseModel)


class Content(BaseModel):
    """The content of a dataset's files.

    Attributes:
        id: 32 hexadecimal digits: a hash of the classes and of the label, group and pixels of every image in canonical
            order. The first half is the id of the training images, the second half that of the test images.
        classes: Class names in the order of the labels.
        train: Training images per class.
        test: Test images per class.
        grouped: Whether any image belongs to a group.
        leaks: Number of test images whose pixels are equal to those of a training image.
        remarks: What was left out or converted, one short sentence each.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str
    classes: tuple[str, ...]
    train: tuple[int, ...]
    test: tuple[int, ...]
    grouped: bool = False
    leaks: int = 0
    remarks: tuple[str, ...] = ()


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


def load_content(
    source: Source, cache: Path, *, read: bool = True, on_progress: ProgressCallback | None = None
) -> Content:
    """Return a source's content; the images are read only if the files changed since the last time.

    Args:
        source: The dataset's files.
        cache: Directory of cached contents.
        read: Whether the images may be read if their content is not in the cache.
        on_progress: Called with the number of images read so far and their total.

    Raises:
        BadData: If an image cannot be used, or a class has no image in one of the splits.
        Unavailable: If the content is not in the cache and ``read`` is false.
    """

    def compute() -> Content:
        if not read:
            raise Unavailable(f"{source.where} was not read yet: select one of its cases")
        return _read_content(source, on_progress)

    return load_cached(cache, source.fingerprint(), Content, compute)


def load_cached(cache: Path | None, fingerprint: str, model: type[ModelT], compute: Callable[[], ModelT]) -> ModelT:
    """Return the cached result for a fingerprint; compute and store it if there is none.

    Args:
        cache: Directory of cached results; None computes every time.
        fingerprint: Fingerprint of the files and of everything else that the result depends on.
        model: Class of the result.
        compute: Computes the result from the files.
    """
    if cache is None:
        return compute()
    file = _cache_file(cache, fingerprint, model)
    with suppress(OSError, ValidationError):
        return model.model_validate_json(file.read_bytes())
    result = compute()
    with suppress(OSError):  # the disk is full or read-only: the result is computed again next time
        cache.mkdir(parents=True, exist_ok=True)
        replace_json(file, result.model_dump(mode="json"))
    return result


def forget_cached(cache: Path, fingerprint: str, model: type[BaseModel]) -> None:
    """Delete the cached result for a fingerprint, because the files changed under the same sizes and times.

    Args:
        cache: Directory of cached results.
        fingerprint: Fingerprint as in ``load_cached``.
        model: Class of the result.
    """
    with suppress(OSError):
        _cache_file(cache, fingerprint, model).unlink()


def _cache_file(cache: Path, fingerprint: str, model: type[BaseModel]) -> Path:
    text = f"{CACHE_VERSION}\0{model.__name__}\0{fingerprint}"
    return cache / f"{hashlib.sha256(text.encode(errors='surrogateescape')).hexdigest()[:32]}.json"


def index_images(
    source: Source,
    extract: Callable[[Example], ValueT],
    splits: tuple[Split, ...] = SPLITS,
    on_progress: ProgressCallback | None = None,
) -> dict[Split, list[IndexedImage[ValueT]]]:
    """Decode splits and return their images in canonical order: label, then hash of pixels, then group.

    Results downstream therefore do not depend on the names and the order of files in a directory or an archive. Files
    without a split are divided here, 80 % to 20 %, stratified and seeded; images of one group, and equal images, are
    kept in the same split.

    Args:
        source: The dataset's files.
        extract: Computes the value to keep of each image; the image itself is not kept.
        splits: The splits to read.
        on_progress: Called with the number of images read so far and their total.

    Returns:
        The images of each requested split.
    """
    total = len(source)
    images: dict[Split, list[IndexedImage[ValueT]]] = {}
    done = 0
    for split in splits if source.divided else SPLITS[:1]:
        images[split] = []
        for example in source.examples(split):
            images[split].append(
                IndexedImage(example.label, pixel_hash(example.image), example.group, extract(example))
            )
            done += 1
            if on_progress is not None:
                on_progress(done, total)
        images[split].sort(key=lambda image: image.sort_key)
    divided = images if source.divided else _divide(source, images["train"])
    return {split: divided[split] for split in splits}


def pixel_hash(image: "np.ndarray") -> str:
    """Return a hash of one image's height, width and pixels (uint8, H x W x 3)."""
    return hashlib.sha256(repr(image.shape).encode() + image.tobytes()).hexdigest()


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


def shared_groups(images: dict[Split, list[IndexedImage[ValueT]]]) -> list[str]:
    """Return the groups that have images in both splits, sorted."""
    train, test = ({image.group for image in images[split] if image.group} for split in SPLITS)
    return sorted(train & test)


def several_classes(images: Iterable[IndexedImage[str]]) -> tuple[str, ...]:
    """Return a remark if images with equal pixels are in more than one class.

    Args:
        images: Images with their names as values.
    """
    names: dict[str, dict[int, str]] = {}
    for image in images:
        names.setdefault(image.pixels, {}).setdefault(image.label, image.value)
    found = [list(by_label.values()) for by_label in names.values() if len(by_label) > 1]
    return (f"images in more than one class: {len(found)} ({' = '.join(found[0])})",) if found else ()


def _read_content(source: Source, on_progress: ProgressCallback | None) -> Content:
    summary = DecodingSummary(source)
    images = index_images(source, summary.add, on_progress=on_progress)
    counts = {split: count_per_class(source, split, images[split]) for split in SPLITS}
    shared = shared_groups(images)
    if shared:
        raise BadData(
            f"{source.where} has images of one group in train and test ({quoted(shared)}): move each group to one "
            "split, or remove the split folders and let the suite divide the images"
        )
    train_pixels = {image.pixels for image in images["train"]}
    grouped = any(image.group for split_images in images.values() for image in split_images)
    condition = ", groups kept whole" if grouped else ""
    held_out = (
        f"no test folder: {TEST_SHARE:.0%} of each class held out{condition}; a generator trained on all images has "
        "seen these"
    )
    divided = () if source.divided else (held_out,)
    return Content(
        id=content_id(source.classes, images),
        classes=source.classes,
        train=counts["train"],
        test=counts["test"],
        grouped=grouped,
        leaks=sum(image.pixels in train_pixels for image in images["test"]),
        remarks=(*source.remarks, *divided, *summary.remarks(), *several_classes(chain(*images.values()))),
    )
