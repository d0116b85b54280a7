"""Download published files once, with verified checksums, under a lock."""

import shutil
import socket
from collections.abc import Callable
from pathlib import Path
from typing import Protocol

from suite.artifacts import DataPaths
from suite.datasets.naming import escaped
from suite.errors import DownloadFailed, Unavailable

TIMEOUT_SECONDS = 30.0
_failures: dict[Path, DownloadFailed] = {}  # each process tries once, however many cases need the dataset


class Downloadable(Protocol):
    """The card of something that can be downloaded."""

    @property
    def name(self) -> str:
        """Name for messages and in the cache."""
        ...

    @property
    def how_to_get(self) -> str:
        """How to get the files where they are missing, in one sentence."""
        ...


def downloaded(card: Downloadable, data_paths: DataPaths, fetch: Callable[[Path], object]) -> Path:
    """Return the directory in the cache that holds the files of a card; download them if that is allowed.

    Args:
        card: The dataset or published set.
        data_paths: The cache, and whether downloads are allowed.
        fetch: Downloads the files into the directory it is given and verifies their checksums. torchvision's dataset
            classes do this, and raise RuntimeError if a checksum is wrong.

    Raises:
        Unavailable: If the files are missing and downloads are not allowed.
        DownloadFailed: If the download fails.
    """
    target = data_paths.cache / card.name
    if target.is_dir():
        return target
    if not data_paths.download:
        raise Unavailable(f"{card.name} is not on this machine: {card.how_to_get}")
    if target in _failures:
        raise _failures[target]
    try:
        _download(card, target, fetch)
    except DownloadFailed as error:
        _failures[target] = error
        raise
    return target


def _download(card: Downloadable, target: Path, fetch: Callable[[Path], object]) -> None:
    from filelock import FileLock

    part = target.with_name(f"{card.name}.part")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with FileLock(target.with_name(f"{card.name}.lock")):
            if not target.is_dir():
                shutil.rmtree(part, ignore_errors=True)  # torchvision takes a half unpacked archive for a complete one
                part.mkdir()
                _fetch_with_timeout(fetch, part)
                part.rename(target)
    except RuntimeError as error:
        if "corrupted" not in str(error):
            raise _failed(card, error) from error
        shutil.rmtree(part, ignore_errors=True)
        raise DownloadFailed(
            f"{card.name} was downloaded, but its checksum is not the published one; the files were deleted: "
            f"{card.how_to_get}"
        ) from error
    except OSError as error:
        raise _failed(card, error) from error


def _fetch_with_timeout(fetch: Callable[[Path], object], part: Path) -> None:
    previous = socket.getdefaulttimeout()
    socket.setdefaulttimeout(TIMEOUT_SECONDS)
    try:
        fetch(part)
    finally:
        socket.setdefaulttimeout(previous)


def _failed(card: Downloadable, error: Exception) -> DownloadFailed:
    reason = " ".join(escaped(error).split())
    return DownloadFailed(
        f"{card.name} cannot be downloaded ({reason}): check the network and the cache; {card.how_to_get}"
    )
