"""Decoded images, kept on disk from the pass that computes a content id until artifacts are built from them.

They are found by the fingerprint of the files, as at planning, and by the id of the split. Files that changed are
therefore read again, unless their sizes and modification times are the same; then the images of the planned content
are used, because nothing shows the change.
"""

import hashlib
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING

from suite.artifacts.files import checksum, read_tensors, temporary_path, write_tensors
from suite.datasets.index import IndexedImage, labels_and_groups

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

FORMAT = 1
PREFIX = "pixels-"
ANY_SIZE = 0
LARGEST_SIDE = 64
LIMIT = 2**29  # bytes of a set, which are in memory while it is read


@dataclass(frozen=True)
class SplitImages:
    """The images of one split at one size, in canonical order.

    Attributes:
        images: uint8, (size, size, 3) each.
        labels: int64, (N,).
        groups: int64, (N,): number of the group of each image, -1 for none.
    """

    images: "Sequence[NDArray[np.uint8]] | NDArray[np.uint8]"
    labels: "NDArray[np.int64]"
    groups: "NDArray[np.int64]"


class KeptPixels:
    """Keeps the images of a set while they are read, if they need at most ``LIMIT`` bytes.

    Images are kept as they are if no side is larger than ``LARGEST_SIDE`` and ``size``, so that artifacts of any size
    can be built from them; larger images are kept at ``size``.

    Args:
        cache: Directory of cached contents.
        fingerprint: Fingerprint of the files.
        size: Height and width in pixels at which the images will be needed; None if not known. A set with larger images
            is then not kept.
    """

    def __init__(self, cache: Path, fingerprint: str, size: int | None = None) -> None:
        self._cache = cache
        self._fingerprint = fingerprint
        self._size = size
        self._resized = False
        self._bytes = 0
        self._lock = Lock()

    def keep(self, image: "NDArray[np.uint8]") -> "NDArray[np.uint8] | None":
        """Return what is kept of an image, uint8 (H, W, 3); None if the set is not kept. Called in several threads."""
        from suite.images.resizing import resized

        if self._bytes > LIMIT:
            return None
        large = max(image.shape[:2]) > max(LARGEST_SIDE, self._size or 0)
        kept = resized(image, self._size) if large and self._size else image
        with self._lock:
            self._resized |= large
            self._bytes += LIMIT + 1 if large and not self._size else kept.nbytes
        return kept

    def save(self, split_id: str, images: "Sequence[IndexedImage[NDArray[np.uint8] | None]]") -> None:
        """Write a split. Nothing is written if the set is not kept, or the disk is full or read-only.

        Args:
            split_id: Id of the split.
            images: Its images in canonical order, with the results of ``keep`` as values.
        """
        import numpy as np
        from safetensors import SafetensorError

        pixels = [image.value for image in images if image.value is not None]
        if self._bytes > LIMIT or len(pixels) < len(images):
            return
        tensors = {
            "pixels": np.concatenate([image.ravel() for image in pixels]),
            "sides": np.array([image.shape[:2] for image in pixels]),
            **labels_and_groups(images),
        }
        stem = _stem(self._fingerprint, split_id, self._size or ANY_SIZE if self._resized else ANY_SIZE)
        new = temporary_path(self._cache / stem)
        with suppress(OSError, SafetensorError):
            self._cache.mkdir(parents=True, exist_ok=True)
            try:
                write_tensors(new, tensors)
                new.replace(self._cache / f"{stem}{checksum(new)}.safetensors")
            finally:
                new.unlink(missing_ok=True)


def kept_images(cache: Path, fingerprint: str, split_id: str, size: int) -> SplitImages | None:
    """Return the images of a split at one size; None if they were not kept, or the file is damaged.

    Args:
        cache: Directory of cached contents.
        fingerprint: Fingerprint of the files now.
        split_id: Id of the split.
        size: Height and width in pixels.
    """
    for kept_size in (ANY_SIZE, size):
        stem = _stem(fingerprint, split_id, kept_size)
        for path in cache.glob(f"{stem}*"):
            with suppress(OSError, ValueError):  # another process may delete it
                if path.name == f"{stem}{checksum(path)}.safetensors":
                    return _read(path, size)
    return None


def kept_files(cache: Path) -> list[Path]:
    """Return all files of kept images in a directory of cached contents, with unfinished ones."""
    return sorted(path for pattern in (f"{PREFIX}*", f".{PREFIX}*") for path in cache.glob(pattern))


def delete_kept(cache: Path) -> None:
    """Delete all kept images in a directory of cached contents; a build that needs them reads the dataset again."""
    for path in kept_files(cache):
        with suppress(OSError):
            path.unlink()


def _stem(fingerprint: str, split_id: str, size: int) -> str:
    """Return the name of a file up to its checksum."""
    text = f"{FORMAT}\0{split_id}\0{fingerprint}"
    return f"{PREFIX}{hashlib.sha256(text.encode(errors='surrogateescape')).hexdigest()[:32]}-{size}-"


def _read(path: Path, size: int) -> SplitImages:
    import numpy as np

    tensors = read_tensors(path)
    pixels, sides = tensors["pixels"], tensors["sides"]
    images: Sequence[NDArray[np.uint8]] | NDArray[np.uint8]
    if (sides == size).all():
        images = pixels.reshape(-1, size, size, 3)
    else:
        images = list(_resized(pixels, sides.tolist(), size))
    return SplitImages(images, tensors["labels"], tensors["groups"])


def _resized(pixels: "NDArray[np.uint8]", sides: Sequence[tuple[int, int]], size: int) -> "Iterator[NDArray[np.uint8]]":
    from suite.images.resizing import resized

    start = 0
    for height, width in sides:
        end = start + height * width * 3
        yield resized(pixels[start:end].reshape(height, width, 3), size)
        start = end
