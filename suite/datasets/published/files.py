"""The files of a published image set: under a data root, or downloaded."""

import hashlib
import re
from collections.abc import Iterator, Mapping
from functools import cached_property
from pathlib import Path

from suite.artifacts import DataPaths
from suite.datasets.archive import Files, Parts
from suite.datasets.dataset import Example, Split
from suite.datasets.download import downloaded
from suite.datasets.imagefolder import ImageFolder, find_in_data_roots
from suite.datasets.naming import escaped
from suite.datasets.published.card import FileNameLabels, PublishedCard
from suite.errors import BadData, Unavailable

UNPACKED = "unpacked, so the published checksum was not checked"


class PublishedFolder(ImageFolder):
    """A published set of images. The checksum of a zip is verified whenever its images are read.

    Args:
        card: The card of the set.
        path: The zip, or a directory with its files.
    """

    def __init__(self, card: PublishedCard, path: Path) -> None:
        super().__init__(path, whole=True)
        self.card = card

    @property
    def remarks(self) -> tuple[str, ...]:
        """Those of an image folder, and that the checksum of a directory cannot be checked."""
        return (*super().remarks, *((UNPACKED,) if self.path.is_dir() else ()))

    def fingerprint(self) -> str:
        """Return the fingerprint of the files, with everything of the card that changes how they are read."""
        return f"{super().fingerprint()} {self.card.sha256} {self.card.labels}"

    def examples(self, split: Split) -> Iterator[Example]:
        """Verify the checksum and yield the images; raises BadData if the checksum is not the published one."""
        if self.path.is_file() and (found := _sha256(self.path)) != self.card.sha256:
            raise BadData(
                f"{self.where} is not the published {self.card.name}: its sha256 begins with {found[:12]} instead of "
                f"{self.card.sha256[:12]}: get it again from {self.card.url}"
            )
        yield from super().examples(split)

    @cached_property
    def _files(self) -> Files:
        files = super()._files
        return files if self.card.labels is None else FilesByClass(files, self.card.labels)


class FilesByClass(Files):
    """Files shown as ``<class>/<path>``, with the class from the path by ``FileNameLabels``.

    Args:
        files: The files.
        labels: How the class is encoded in their paths.
    """

    def __init__(self, files: Files, labels: FileNameLabels) -> None:
        super().__init__(files.path)
        self._originals = files
        self._labels = labels

    def display_name(self, parts: Parts) -> str:
        """Return the original path, also for messages."""
        return self._originals.display_name(self._files.get(parts, parts))

    def fingerprint(self) -> str:
        """Return the fingerprint of the files and their labels."""
        return f"{self._originals.fingerprint()} {self._labels}"

    def read(self, parts: Parts) -> bytes:
        """Return the bytes of a file; raises BadData if it cannot be read."""
        return self._originals.read(self._files[parts])

    @cached_property
    def _files(self) -> Mapping[Parts, Parts]:
        pattern = re.compile(self._labels.pattern)
        files: dict[Parts, Parts] = {}
        for parts in self._originals.listing.files:
            if match := pattern.fullmatch("/".join(parts)):
                code = match[1] or ""
                if code not in self._labels.classes:
                    name = self._originals.display_name(parts)
                    raise BadData(f"{name} has the class code '{escaped(code)}', which is not on the card of the set")
                files[self._labels.classes[code], "/".join(parts)] = parts  # the whole path, to keep names distinct
        return files

    @property
    def _folders(self) -> set[Parts]:
        return set()


def find_published(card: PublishedCard, data_paths: DataPaths) -> PublishedFolder:
    """Return the files of a published set under a data root, else the download.

    Args:
        card: The card of the set.
        data_paths: The data roots, the cache, and whether downloads are allowed.

    Raises:
        Unavailable: If the files are on this machine neither under a data root nor in the cache, and cannot be
            downloaded.
        DownloadFailed: If the download fails.
    """
    path = find_in_data_roots(data_paths, card.archives)
    if path is None and card.download:
        path = downloaded(card, data_paths, lambda folder: _fetch(card, folder)) / _file_name(card)
    if path is None:
        roots = ", ".join(escaped(root) for root in data_paths.data_roots) or "none given"
        raise Unavailable(f"{card.name} is not on this machine (--data-root: {roots}): {card.how_to_get}")
    return PublishedFolder(card, path)


def _fetch(card: PublishedCard, folder: Path) -> None:
    from torch.hub import download_url_to_file

    path = folder / _file_name(card)
    try:
        download_url_to_file(card.download, str(path), hash_prefix=card.sha256, progress=False)
    except RuntimeError as error:  # another checksum; ``downloaded`` expects torchvision's word for it
        raise RuntimeError("corrupted") from error


def _file_name(card: PublishedCard) -> str:
    return f"{card.archives[0]}.zip"


def _sha256(path: Path) -> str:
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise BadData(f"{escaped(path)} cannot be read ({error.strerror})") from error
