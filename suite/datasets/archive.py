"""List and read the files of a dataset: a directory, or a zip that is read in place and never extracted."""

import os
import re
import stat
import unicodedata
import zipfile
from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property
from hashlib import sha256
from pathlib import Path

from suite.datasets.naming import escaped
from suite.errors import BadData

FILE_LIMIT = 2**28
EXPANSION_LIMIT = 200
DEPTH_LIMIT = 8
UTF8 = 0x800  # flag bit of zip members whose name is encoded in UTF-8
HIDDEN = {"__macosx", "thumbs.db", "ehthumbs.db", "desktop.ini", "@eadir", "$recycle.bin", "system volume information"}

Parts = tuple[str, ...]


@dataclass(frozen=True)
class Listing:
    """The contents of a directory or a zip.

    Attributes:
        files: Paths of the files relative to the top, sorted, in Unicode normal form C.
        folders: Paths of all folders, including empty ones.
        hidden: Number of files and folders left out: names that start with a dot, or that operating systems create.
    """

    files: tuple[Parts, ...]
    folders: frozenset[Parts]
    hidden: int


class Files(ABC):
    """A tree of files that can be listed and read.

    Attributes:
        path: The directory or zip.
    """

    def __init__(self, path: Path) -> None:
        self.path = path

    @property
    def where(self) -> str:
        """Location, as one printable line."""
        return escaped(self.path)

    def display_name(self, parts: Parts) -> str:
        """Return the name of a file for messages."""
        return escaped("/".join((str(self.path), *parts)))

    @cached_property
    def listing(self) -> Listing:
        """All files and folders except hidden ones.

        Raises:
            BadData: If the tree cannot be listed, or a zip has members that look like an attack.
        """
        files = {parts for parts in self._files if not _hidden(parts)}
        folders = {parts for parts in self._folders if not _hidden(parts)}
        folders |= {parts[:depth] for parts in files for depth in range(1, len(parts))}
        hidden = {_hidden(parts) for parts in (*self._files, *self._folders)} - {()}
        return Listing(tuple(sorted(files)), frozenset(folders), len(hidden))

    def _check_spellings(self, paths: Iterable[Parts]) -> None:
        """Raise BadData if two paths are equal in Unicode normal form C: the files of one would hide the other's."""
        spellings: dict[Parts, Parts] = {}
        for path in paths:
            for depth in range(1, len(path) + 1):
                part = path[:depth]
                other = spellings.setdefault(_normalised(part), part)
                if other != part and not _hidden(part):
                    names = " and ".join(ascii("/".join(name)) for name in (other, part))
                    raise BadData(f"{self.where} has {names}, two spellings of one name: use one of them")

    @abstractmethod
    def fingerprint(self) -> str:
        """Return a text that changes when the files change, from paths, sizes and modification times only."""

    @abstractmethod
    def read(self, parts: Parts) -> bytes:
        """Return the bytes of a file; raises BadData that names the file if it cannot be read."""

    @property
    @abstractmethod
    def _files(self) -> Mapping[Parts, object]:
        """All files, including hidden ones, by their parts in normal form C."""

    @property
    @abstractmethod
    def _folders(self) -> set[Parts]:
        """All folders that have an entry of their own, including hidden ones."""


def open_files(path: Path) -> Files:
    """Return the files of a directory or a zip; raises BadData if ``path`` is neither."""
    if path.is_dir():
        return Directory(path)
    if path.is_file():
        return Archive(path)
    raise BadData(f"{escaped(path)} is neither a directory nor a zip: check the path")


class Directory(Files):
    """A directory. Symbolic links are followed."""

    def fingerprint(self) -> str:
        """Hash the path, size and modification time of every file, with one ``stat`` per file."""
        digest = sha256()
        for parts, state in self._entries.items():
            digest.update(f"{'/'.join(parts)}\0{state.st_size}\0{state.st_mtime_ns}\n".encode(errors="surrogateescape"))
        return f"directory {self.path.resolve()} {digest.hexdigest()}"

    def read(self, parts: Parts) -> bytes:
        """Read one file, at most ``FILE_LIMIT`` bytes."""
        path = self.path.joinpath(*self._files[parts])
        try:
            if path.stat().st_size > FILE_LIMIT:
                raise BadData(f"{self.display_name(parts)} is larger than {FILE_LIMIT:,} bytes: replace or remove it")
            return path.read_bytes()
        except OSError as error:
            name = self.display_name(parts)
            raise BadData(f"{name} cannot be read ({error.strerror}): was it moved or removed?") from error

    @cached_property
    def _files(self) -> dict[Parts, Parts]:
        return {_normalised(parts): parts for parts, state in self._entries.items() if not stat.S_ISDIR(state.st_mode)}

    @cached_property
    def _folders(self) -> set[Parts]:
        return {_normalised(parts) for parts, state in self._entries.items() if stat.S_ISDIR(state.st_mode)}

    @cached_property
    def _entries(self) -> dict[Parts, os.stat_result]:
        entries = dict(self._walk(self.path, ()))
        self._check_spellings(entries)
        return entries

    def _walk(self, folder: Path, above: Parts) -> Iterator[tuple[Parts, os.stat_result]]:
        if len(above) > DEPTH_LIMIT:
            raise BadData(
                f"{escaped(folder)} is more than {DEPTH_LIMIT} folders deep: does a link point to a parent folder?"
            )
        try:
            with os.scandir(folder) as found:
                entries = sorted(found, key=lambda entry: entry.name)
            for entry in entries:
                parts, state = (*above, entry.name), entry.stat()
                if not stat.S_ISDIR(state.st_mode) and not stat.S_ISREG(state.st_mode):
                    raise BadData(f"{escaped(entry.path)} is neither a file nor a folder: remove it")
                yield parts, state
                if stat.S_ISDIR(state.st_mode) and not _hidden(parts):
                    yield from self._walk(folder / entry.name, parts)
        except OSError as error:
            name = escaped(error.filename or folder)
            raise BadData(f"{name} cannot be read ({error.strerror}): a broken link, or no permission?") from error


class Archive(Files):
    """A zip. All members are first checked for encryption, paths outside the zip, and decompression bombs."""

    def fingerprint(self) -> str:
        """Path, size and modification time of the zip, without opening it."""
        state = self.path.stat()
        return f"zip {self.path.resolve()} {state.st_size} {state.st_mtime_ns}"

    def read(self, parts: Parts) -> bytes:
        """Decompress one member; never more bytes than the zip's directory declares."""
        try:
            return self._zip.read(self._files[parts])
        except Exception as error:  # zipfile raises many types of error for a damaged zip
            reason = " ".join(escaped(error).split())
            raise BadData(f"{self.display_name(parts)} cannot be unpacked ({reason}): make the zip again") from error

    @cached_property
    def _zip(self) -> zipfile.ZipFile:
        try:
            return zipfile.ZipFile(self.path)
        except OSError as error:
            raise BadData(f"{self.where} cannot be read ({error.strerror})") from error
        except Exception as error:  # zipfile raises many types of error for a damaged zip
            if self.path.suffix.casefold() != ".zip":
                raise BadData(f"{self.where} is neither a directory nor a zip: give one of them") from error
            raise BadData(
                f"{self.where} is not a complete zip ({escaped(error)}): copy or download it again"
            ) from error

    @cached_property
    def _files(self) -> dict[Parts, zipfile.ZipInfo]:
        return {parts: info for parts, info in self._members.items() if not _is_folder(info)}

    @cached_property
    def _folders(self) -> set[Parts]:
        return {parts for parts, info in self._members.items() if _is_folder(info)}

    @cached_property
    def _members(self) -> dict[Parts, zipfile.ZipInfo]:
        paths = [(self._split_path(_name(info)), info) for info in self._zip.infolist()]
        self._check_spellings(parts for parts, _ in paths)
        members: dict[Parts, zipfile.ZipInfo] = {}
        for parts, info in paths:
            self._check_size(info)
            if not parts:
                continue
            first = members.setdefault(_normalised(parts), info)
            if first is not info and not (_is_folder(first) and _is_folder(info)) and not _hidden(parts):
                raise BadData(f"{self.display_name(parts)} is in the zip twice: make the zip again")
        total = sum(info.file_size for info in members.values())
        if total > EXPANSION_LIMIT * self.path.stat().st_size:
            raise BadData(f"{self.where} grows more than {EXPANSION_LIMIT}-fold to {total:,} bytes: a zip bomb?")
        return members

    def _check_size(self, info: zipfile.ZipInfo) -> None:
        name = f"{self.where}/{escaped(info.filename)}"
        if info.flag_bits & 1:
            raise BadData(f"{name} is encrypted: unpack the zip and make it again without a password")
        if info.file_size > FILE_LIMIT:
            raise BadData(f"{name} is larger than {FILE_LIMIT:,} bytes: a decompression bomb? replace or remove it")
        if info.file_size > EXPANSION_LIMIT * max(info.compress_size, 2**12):
            raise BadData(f"{name} grows more than {EXPANSION_LIMIT}-fold: a decompression bomb? remove it")

    def _split_path(self, name: str) -> Parts:
        """Return the parts of a member's path; raises BadData if the path leads outside the zip."""
        path = name.replace("\\", "/")
        parts = tuple(part for part in path.split("/") if part not in ("", "."))
        if path.startswith("/") or ".." in parts or re.match(r"[A-Za-z]:", path):
            raise BadData(
                f"{self.where} has a path that leads outside it ({escaped(name)}): make the zip again without it"
            )
        return parts


def _name(info: zipfile.ZipInfo) -> str:
    """Return a member's name, decoded as UTF-8 if it is valid: not all programs set the flag, and macOS does not."""
    if not info.flag_bits & UTF8:
        with suppress(UnicodeError):
            return info.filename.encode("cp437").decode("utf-8")
    return info.filename


def _is_folder(info: zipfile.ZipInfo) -> bool:
    return info.filename.endswith(("/", "\\"))


def _hidden(parts: Parts) -> Parts:
    """Return the path of the first hidden part of a path, () if no part is hidden."""
    for depth, part in enumerate(parts, 1):
        if part.startswith(".") or part.casefold() in HIDDEN:
            return parts[:depth]
    return ()


def _normalised(parts: Parts) -> Parts:
    return tuple(unicodedata.normalize("NFC", part) for part in parts)
