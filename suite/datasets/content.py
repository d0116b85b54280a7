"""What a dataset's files hold, as a hash that knows neither file names nor file order."""

import hashlib
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from pydantic import BaseModel, ConfigDict, ValidationError

from suite.artifacts.files import replace_json
from suite.datasets.dataset import Example, Source, Split
from suite.errors import BadData

if TYPE_CHECKING:
    import numpy as np

MEMO_VERSION = 1


class Content(BaseModel):
    """The content of a dataset's files.

    Attributes:
        id: 32 hexadecimal digits over split, label, group and pixels of every image, in canonical order.
        classes: Class names in the order of the labels.
        train: Training images per class.
        test: Test images per class.
        grouped: Whether the images belong to groups.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str
    classes: tuple[str, ...]
    train: tuple[int, ...]
    test: tuple[int, ...]
    grouped: bool = False


def content_of(source: Source, memo: Path) -> Content:
    """Return a source's content, read from the files only if they changed since the last time.

    Args:
        source: Where the images are.
        memo: Directory in which contents are remembered by the files' paths, sizes and times.

    Raises:
        BadData: If an image cannot be used, or a class has no image in one of the splits.
    """
    name = hashlib.sha256(f"{MEMO_VERSION}\0{source.fingerprint()}".encode()).hexdigest()[:32]
    remembered = memo / f"{name}.json"
    try:
        return Content.model_validate_json(remembered.read_bytes())
    except (OSError, ValidationError):
        content = _read(source)
    memo.mkdir(parents=True, exist_ok=True)
    replace_json(remembered, content.model_dump(mode="json"))
    return content


def canonical(examples: Iterable[Example]) -> list[tuple[int, str, str, Example]]:
    """Return (label, hash of pixels, group, example), sorted: the order in which everything is drawn.

    The order of files in a directory or an archive, and their names, thus change nothing downstream.
    """
    rows = [(example.label, pixel_hash(example.image), example.group, example) for example in examples]
    return sorted(rows, key=lambda row: row[:3])


def pixel_hash(image: "np.ndarray") -> str:
    """Return a hash of one image's height, width and pixels (uint8, H x W x 3)."""
    return hashlib.sha256(repr(image.shape).encode() + image.tobytes()).hexdigest()


def _read(source: Source) -> Content:
    total = hashlib.sha256("\n".join(source.classes).encode())
    counts: dict[Split, list[int]] = {}
    grouped = False
    for split in ("train", "test"):
        counts[split] = [0] * len(source.classes)
        rows = []
        for example in source.examples(split):
            rows.append((example.label, pixel_hash(example.image), example.group))
            grouped |= bool(example.group)
        for label, pixels, group in sorted(rows):
            counts[split][label] += 1
            total.update(f"{split}\0{label}\0{pixels}\0{group}\n".encode())
        empty = [name for name, count in zip(source.classes, counts[split], strict=True) if not count]
        if empty:
            raise BadData(f"{source.where} has no {split} image of class {empty[0]!r}: add some or remove the class")
    return Content(
        id=total.hexdigest()[:32],
        classes=source.classes,
        train=tuple(counts["train"]),
        test=tuple(counts["test"]),
        grouped=grouped,
    )
