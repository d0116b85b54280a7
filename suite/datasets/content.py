"""What a dataset's files hold, as a hash that knows neither file names nor file order."""

import hashlib
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Generic, TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError

from suite.artifacts.build_context import ProgressCallback
from suite.artifacts.files import replace_json
from suite.datasets.dataset import Example, Source, Split
from suite.datasets.naming import listed
from suite.errors import BadData, Unavailable

if TYPE_CHECKING:
    import numpy as np

MEMO_VERSION = 4
HALF = 16
TEST_SHARE = 0.2
SPLIT_SEED = 0
SPLITS: tuple[Split, ...] = ("train", "test")

KeptT = TypeVar("KeptT")
ModelT = TypeVar("ModelT", bound=BaseModel)


class Content(BaseModel):
    """The content of a dataset's files.

    Attributes:
        id: 32 hexadecimal digits over the classes and over label, group and pixels of every image, in canonical
            order; half of them tell of the training images, half of the test images.
        classes: Class names in the order of the labels.
        train: Training images per class.
        test: Test images per class.
        grouped: Whether the images belong to groups.
        leaks: Test images that are in the train split too, pixel for pixel.
        remarks: What was left out or converted, a short sentence each.
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
class Row(Generic[KeptT]):
    """One image in canonical order.

    Attributes:
        label: Index into the source's classes.
        pixels: Hash of the image as it was decoded.
        group: The group, "" for none.
        kept: What the reader wanted of the image.
    """

    label: int
    pixels: str
    group: str
    kept: KeptT

    @property
    def place(self) -> tuple[int, str, str]:
        """What the order is by."""
        return self.label, self.pixels, self.group


class Tally:
    """Counts what decoding found, one example after the other."""

    def __init__(self) -> None:
        self.notes: Counter[str] = Counter()
        self.sizes: Counter[tuple[int, int]] = Counter()

    def add(self, example: Example) -> None:
        """Count one example."""
        self.notes.update(example.notes)
        self.sizes[example.image.shape[1], example.image.shape[0]] += 1

    def remarks(self) -> tuple[str, ...]:
        """Return a short sentence for every kind of conversion, and one if sizes differ."""
        found = [f"{note}: {count} image{'s' * (count > 1)}" for note, count in sorted(self.notes.items())]
        if len(self.sizes) > 1:
            ordered = sorted(self.sizes, key=lambda size: (size[0] * size[1], size))
            small, large = (f"{width}x{height}" for width, height in (ordered[0], ordered[-1]))
            found.insert(0, f"{len(ordered)} sizes from {small} to {large} pixels")
        return tuple(found)


def content_of(
    source: Source, memo: Path, *, read: bool = True, on_progress: ProgressCallback | None = None
) -> Content:
    """Return a source's content, read from the files only if they changed since the last time.

    Args:
        source: Where the images are.
        memo: Directory in which contents are remembered by the files' paths, sizes and times.
        read: Whether files that are not remembered may be read.
        on_progress: Called with the images read and their total, if they have to be read.

    Raises:
        BadData: If an image cannot be used, or a class has no image in one of the splits.
        Unavailable: If the content is not remembered and may not be read.
    """

    def look() -> Content:
        if not read:
            raise Unavailable(f"{source.where} was not read yet: select one of its cases")
        return _read_content(source, on_progress)

    return remembered(memo, source.fingerprint(), Content, look)


def remembered(memo: Path | None, fingerprint: str, kind: type[ModelT], read: Callable[[], ModelT]) -> ModelT:
    """Return what ``read`` found when files had this fingerprint before; read and remember it otherwise.

    Args:
        memo: Directory to remember in; None reads every time.
        fingerprint: Of the files, and of everything else that ``read`` depends on.
        kind: Model of what is remembered.
        read: Reads the files.
    """
    if memo is None:
        return read()
    name = hashlib.sha256(
        f"{MEMO_VERSION}\0{kind.__name__}\0{fingerprint}".encode(errors="surrogateescape")
    ).hexdigest()
    file = memo / f"{name[:32]}.json"
    with suppress(OSError, ValidationError):
        return kind.model_validate_json(file.read_bytes())
    found = read()
    with suppress(OSError):  # full or read-only: it is read again the next time
        memo.mkdir(parents=True, exist_ok=True)
        replace_json(file, found.model_dump(mode="json"))
    return found


def read_rows(
    source: Source,
    keep: Callable[[Example], KeptT],
    splits: tuple[Split, ...] = SPLITS,
    on_progress: ProgressCallback | None = None,
) -> dict[Split, list[Row[KeptT]]]:
    """Decode splits and put them into canonical order: label, then hash of pixels, then group.

    The order of files in a directory or an archive, and their names, thus change nothing downstream. Files that come
    without a split are divided here, 80 to 20, stratified and seeded, groups and equal images kept on one side.

    Args:
        source: Where the images are.
        keep: What to keep of each image while the others are read.
        splits: The splits wanted.
        on_progress: Called with the images read so far and their total.

    Returns:
        The rows of each split that was asked for.
    """
    total = len(source)
    rows: dict[Split, list[Row[KeptT]]] = {}
    done = 0
    for split in splits if source.divided else SPLITS[:1]:
        rows[split] = []
        for example in source.examples(split):
            rows[split].append(Row(example.label, pixel_hash(example.image), example.group, keep(example)))
            done += 1
            if on_progress is not None:
                on_progress(done, total)
        rows[split].sort(key=lambda row: row.place)
    divided = rows if source.divided else _divide(source, rows["train"])
    return {split: divided[split] for split in splits}


def pixel_hash(image: "np.ndarray") -> str:
    """Return a hash of one image's height, width and pixels (uint8, H x W x 3)."""
    return hashlib.sha256(repr(image.shape).encode() + image.tobytes()).hexdigest()


def split_id(classes: tuple[str, ...], split: Split, rows: list[Row[KeptT]]) -> str:
    """Return the half of a content id that tells of one split."""
    total = hashlib.sha256("\n".join((split, *classes)).encode())
    for row in rows:
        total.update(f"{row.label}\0{row.pixels}\0{row.group}\n".encode())
    return total.hexdigest()[:HALF]


def _divide(source: Source, rows: list[Row[KeptT]]) -> dict[Split, list[Row[KeptT]]]:
    import numpy as np

    from suite.datasets.splitting import split_validation
    from suite.randomness import numpy_generator

    labels = np.array([row.label for row in rows], dtype=np.int64)
    names = [f"group {row.group}" if row.group else f"pixels {row.pixels}" for row in rows]
    numbers = {name: number for number, name in enumerate(dict.fromkeys(names))}
    groups = np.array([numbers[name] for name in names], dtype=np.int64)
    counts = np.bincount(labels, minlength=len(source.classes))
    quotas = np.maximum(np.rint(counts * TEST_SHARE), 1).astype(int).tolist()
    test, train = split_validation(labels, groups, quotas, numpy_generator(SPLIT_SEED, "test split"))
    for label, name in enumerate(source.classes):
        if not (labels[test] == label).any() or not (labels[train] == label).any():
            whole = ", every group on one side" if any(row.group for row in rows) else ""
            many = f"{counts[label]} image{'' if counts[label] == 1 else 's'}"
            raise BadData(
                f"{source.where} has {many} of class {name!r}, which cannot be divided into train and test{whole}: add "
                "images that differ, or lay them out in train and test folders"
            )
    return {"train": [rows[index] for index in sorted(train)], "test": [rows[index] for index in sorted(test)]}


def content_id(classes: tuple[str, ...], rows: dict[Split, list[Row[KeptT]]]) -> str:
    """Return the content id of both splits."""
    return "".join(split_id(classes, split, rows[split]) for split in SPLITS)


def count_classes(source: Source, split: Split, rows: list[Row[KeptT]]) -> tuple[int, ...]:
    """Return the images per class; raises BadData if a class has none."""
    counts = Counter(row.label for row in rows)
    empty = [name for label, name in enumerate(source.classes) if not counts[label]]
    if empty:
        raise BadData(f"{source.where} has no {split} image of class '{empty[0]}': add some or remove the class")
    return tuple(counts[label] for label in range(len(source.classes)))


def shared_groups(rows: dict[Split, list[Row[KeptT]]]) -> list[str]:
    """Return the groups that lie in both splits, sorted."""
    train, test = ({row.group for row in rows[split] if row.group} for split in SPLITS)
    return sorted(train & test)


def _read_content(source: Source, on_progress: ProgressCallback | None) -> Content:
    tally = Tally()
    rows = read_rows(source, tally.add, on_progress=on_progress)
    counts = {split: count_classes(source, split, rows[split]) for split in SPLITS}
    both = shared_groups(rows)
    if both:
        raise BadData(
            f"{source.where} has images of one group in train and test ({listed(both)}): move each group to one side, "
            "or drop the split folders and let the suite divide the images"
        )
    trained = {row.pixels for row in rows["train"]}
    grouped = any(row.group for part in rows.values() for row in part)
    whole = ", groups kept whole" if grouped else ""
    held_out = f"no test folder: {TEST_SHARE:.0%} of each class held out{whole}; what learnt from all has seen these"
    divided = () if source.divided else (held_out,)
    return Content(
        id=content_id(source.classes, rows),
        classes=source.classes,
        train=counts["train"],
        test=counts["test"],
        grouped=grouped,
        leaks=sum(row.pixels in trained for row in rows["test"]),
        remarks=(*source.remarks, *divided, *tally.remarks()),
    )
