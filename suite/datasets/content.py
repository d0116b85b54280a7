"""The content of a dataset's files: image counts, a hash of the images, and the outcome of the checks on them."""

import hashlib
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError

from suite.artifacts.build_context import ProgressCallback
from suite.artifacts.files import replace_json
from suite.datasets.checks import Check, run_rules
from suite.datasets.dataset import Example, Source
from suite.datasets.decoding_summary import DecodingSummary
from suite.datasets.image_checks import DATASET_RULES, ReadImages
from suite.datasets.index import (
    SPLITS,
    content_id,
    count_per_class,
    equal_to_train,
    index_images,
    shared_groups,
    smallest_groups,
    split_id,
)
from suite.datasets.kept_pixels import KeptPixels
from suite.datasets.naming import quoted
from suite.datasets.near_duplicates import MOST_COMPARED, ImageSignature, signature
from suite.errors import BadData, Unavailable

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

CONTENTS = "contents"  # directory of cached contents, in a store and in a cache of downloads
CACHE_VERSION = 9

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
        smallest_groups: For each class the number of training images in its smallest group, an image without a group
            being one of its own; 0 where every group has images of several classes. Empty if there are no groups.
        checks: The outcome of every check on the images.
        duplicates: Index in the canonical order of each test image whose pixels are equal to those of a training image.
        largest_side: Largest height or width of an image in pixels.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str
    classes: tuple[str, ...]
    train: tuple[int, ...]
    test: tuple[int, ...]
    grouped: bool = False
    smallest_groups: tuple[int, ...] = ()
    checks: tuple[Check, ...] = ()
    duplicates: tuple[int, ...] = ()
    largest_side: int


def load_content(
    source: Source,
    cache: Path,
    *,
    read: bool = True,
    size: int | None = None,
    on_progress: ProgressCallback | None = None,
) -> Content:
    """Return a source's content; the images are read only if the files changed since the last time.

    Args:
        source: The dataset's files.
        cache: Directory of cached contents.
        read: Whether the images may be read if their content is not in the cache.
        size: Height and width at which artifacts will need the images; the images that are read are kept for them. None
            keeps no images.
        on_progress: Called with the number of images read so far and their total.

    Raises:
        BadData: If an image cannot be used, or a class has no image in one of the splits.
        Unavailable: If the content is not in the cache and ``read`` is false.
    """

    def compute() -> Content:
        if not read:
            raise Unavailable(f"{source.where} was not read yet: select one of its cases")
        return _read_content(source, KeptPixels(cache, fingerprint, size) if size else None, on_progress)

    fingerprint = source.fingerprint()
    return load_cached(cache, fingerprint, Content, compute)


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


def _read_content(source: Source, kept: KeptPixels | None, on_progress: ProgressCallback | None) -> Content:
    summary = DecodingSummary(source)
    compared = len(source) <= MOST_COMPARED

    def extract(example: Example) -> "tuple[str, ImageSignature | None, NDArray[np.uint8] | None]":
        pixels = kept.keep(example.image) if kept else None
        return summary.name(example), signature(example.image) if compared else None, pixels

    indexed = index_images(source, extract, on_progress=on_progress, summarise=summary.add)
    images = {split: [image.with_value(image.value[0]) for image in part] for split, part in indexed.items()}
    signatures = {split: [image.value[1] for image in part if image.value[1]] for split, part in indexed.items()}
    counts = {split: count_per_class(source, split, images[split]) for split in SPLITS}
    shared = shared_groups(images)
    if shared:
        raise BadData(
            f"{source.where} has images of one group in train and test ({quoted(shared)}): move each group to one "
            "split, or remove the split folders and let the suite divide the images"
        )
    grouped = any(image.group for split_images in images.values() for image in split_images)
    content = Content(
        id=content_id(source.classes, images),
        classes=source.classes,
        train=counts["train"],
        test=counts["test"],
        grouped=grouped,
        smallest_groups=smallest_groups(images["train"], len(source.classes)) if grouped else (),
        checks=run_rules(
            DATASET_RULES, ReadImages(source, images, summary, signatures=signatures if compared else None)
        ),
        duplicates=equal_to_train(images),
        largest_side=max(max(size) for size in summary.sizes),
    )
    if kept:
        for split, part in indexed.items():
            pixels = [image.with_value(image.value[2]) for image in part]
            kept.save(split_id(source.classes, split, pixels), pixels)
    return content
