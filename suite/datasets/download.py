"""Fetching a dataset's published files: whole or not at all, their checksums verified, under a lock."""

import shutil
import socket
from collections.abc import Callable
from pathlib import Path

from suite.artifacts import DataPaths
from suite.datasets.dataset import Card
from suite.datasets.imagefolder import missing
from suite.datasets.naming import shown
from suite.errors import NotFetched

TIMEOUT_SECONDS = 30.0
_lost: dict[Path, NotFetched] = {}  # a process tries once, however many cells ask


def downloaded(card: Card, data_paths: DataPaths, fetch: Callable[[Path], object]) -> Path:
    """Return the directory in the cache that holds a dataset's files, fetching them if that is allowed.

    Args:
        card: The dataset.
        data_paths: The cache, and whether to download.
        fetch: Puts the files into the directory it is given and verifies their checksums; torchvision's classes do,
            and raise RuntimeError if they do not hold.

    Raises:
        Unavailable: If the files are not there and may not be fetched.
        NotFetched: If they cannot be.
    """
    target = data_paths.cache / card.name
    if target.is_dir():
        return target
    if not data_paths.download:
        raise missing(card)
    if target in _lost:
        raise _lost[target]
    try:
        _fetched(card, target, fetch)
    except NotFetched as error:
        _lost[target] = error
        raise
    return target


def _fetched(card: Card, target: Path, fetch: Callable[[Path], object]) -> None:
    from filelock import FileLock

    part = target.with_name(f"{card.name}.part")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with FileLock(target.with_name(f"{card.name}.lock")):
            if not target.is_dir():
                shutil.rmtree(part, ignore_errors=True)  # half an unpacked archive would pass for a whole one
                part.mkdir()
                _patiently(fetch, part)
                part.rename(target)
    except RuntimeError as error:
        if "corrupted" not in str(error):
            raise _failed(card, error) from error
        shutil.rmtree(part, ignore_errors=True)
        raise NotFetched(
            f"{card.name} was downloaded but does not have its published checksum, and was thrown away: {card.get}"
        ) from error
    except OSError as error:
        raise _failed(card, error) from error


def _patiently(fetch: Callable[[Path], object], part: Path) -> None:
    before = socket.getdefaulttimeout()
    socket.setdefaulttimeout(TIMEOUT_SECONDS)
    try:
        fetch(part)
    finally:
        socket.setdefaulttimeout(before)


def _failed(card: Card, error: Exception) -> NotFetched:
    reason = " ".join(shown(error).split())
    return NotFetched(f"{card.name} cannot be downloaded ({reason}): check the network and the cache; {card.get}")
