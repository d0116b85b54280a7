"""Artifacts from one store to another, as one zip: whole ones only, checked on the way out and on the way in."""

import hashlib
import os
import re
import shutil
import zipfile
from collections import defaultdict
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from suite.artifacts.artifact import Artifact
from suite.artifacts.manifest import MANIFEST, RUN, Manifest
from suite.artifacts.store import Store
from suite.errors import BadArtifact, SuiteError, UsageError, one_line

CHUNK = 2**20
MANIFEST_LIMIT = 2**24
EPOCH = (1980, 1, 1, 0, 0, 0)
_MEMBER = re.compile(r"([0-9a-f]{32})/(.+)", re.DOTALL)

Members = dict[str, zipfile.ZipInfo]


@dataclass(frozen=True)
class Transferred:
    """What became of one artifact.

    Attributes:
        key: Its key.
        how: ``moved``; ``there`` if the other side had it already; ``busy`` if it is being built there at this moment;
            ``refused``.
        reason: Why it was refused.
    """

    key: str
    how: Literal["moved", "there", "busy", "refused"]
    reason: str = ""


def export_artifacts(store: Store, keys: Iterable[str], target: Path) -> Iterator[Transferred]:
    """Write artifacts into a zip, one after the other; the zip is there when all of them were taken.

    Nothing is compressed: weights and images hardly can be, and a reader need not fear what does not grow.

    Args:
        store: Where the artifacts are.
        keys: Which of them.
        target: The zip.

    Yields:
        What became of each; a damaged one is refused.

    Raises:
        UsageError: If the zip cannot be written.
    """
    part = target.with_name(f".{target.name}.part")
    try:
        with zipfile.ZipFile(part, "w", zipfile.ZIP_STORED) as made:
            for key in keys:
                artifact = Artifact(store.path(key), key)
                try:
                    artifact.verify()
                except SuiteError as error:
                    yield Transferred(key, "refused", str(error))
                    continue
                for name in (MANIFEST, *([RUN] if artifact.run else []), *sorted(artifact.manifest.files)):
                    _add(made, f"{key}/{name}", artifact.path / name)
                yield Transferred(key, "moved")
        part.replace(target)
    except OSError as error:
        raise UsageError(f"{target} cannot be written ({error.strerror}): choose another place") from error
    finally:
        with suppress(OSError):
            part.unlink()


def import_artifacts(store: Store, source: Path) -> Iterator[Transferred]:
    """Take the artifacts of a zip into a store, one after the other.

    Nothing is believed unchecked: names must be those of artifacts, each file must be what its manifest promises, and
    the key that of the recipe. Nothing is written outside of the store, nor more than the zip is long.

    Args:
        store: Where they are to go.
        source: The zip.

    Yields:
        What became of each; a damaged one is refused, and the others are taken.

    Raises:
        UsageError: If the file is no zip that ``export_artifacts`` could have made; nothing was taken.
        StoreFailed: If the store cannot be written.
    """
    try:
        opened = zipfile.ZipFile(source)
    except Exception as error:  # a damaged zip fails in any way
        raise UsageError(f"{source} cannot be read as a zip ({one_line(error)}): export it again") from error
    with opened:
        for key, members in sorted(_artifacts_in(opened, source).items()):
            try:
                with store.explained(), store.lock(key) as ours:
                    yield _take(store, key, opened, members) if ours else Transferred(key, "busy")
            except BadArtifact as error:
                yield Transferred(key, "refused", str(error))


def _artifacts_in(opened: zipfile.ZipFile, source: Path) -> dict[str, Members]:
    """Return the members of each artifact; raises UsageError for what no export holds."""
    found: dict[str, Members] = defaultdict(dict)
    for info in opened.infolist():
        name = _MEMBER.fullmatch(info.filename)
        if name is None or name[2] in found[name[1]]:
            raise UsageError(f"{source} holds {one_line(info.filename)!r}, no file of an artifact: export it again")
        if info.flag_bits & 1 or info.compress_type != zipfile.ZIP_STORED or info.file_size != info.compress_size:
            raise UsageError(f"{source} is compressed or encrypted, as no export is: export it again")
        found[name[1]][name[2]] = info
    total = sum(info.file_size for info in opened.infolist())
    if total > source.stat().st_size:
        raise UsageError(f"{source} claims to hold {total:,} bytes, more than it is long: export it again")
    return found


def _take(store: Store, key: str, opened: zipfile.ZipFile, members: Members) -> Transferred:
    """Copy one artifact into the store, checked; the caller has its lock. Raises BadArtifact."""
    if (store.path(key) / MANIFEST).is_file():
        return Transferred(key, "there")
    where = f"{opened.filename}: artifact {key}"
    beside = store.root / "tmp" / f"{key}.import.{os.getpid()}"
    try:
        beside.mkdir()
        if MANIFEST not in members or members[MANIFEST].file_size > MANIFEST_LIMIT:
            raise BadArtifact(key, f"{where} has no manifest")
        _copy(opened, members[MANIFEST], beside / MANIFEST, where, key)
        try:
            manifest = Manifest.parse((beside / MANIFEST).read_bytes(), where)
        except ValueError as error:
            raise BadArtifact(key, f"{where} has no manifest ({error})") from error
        if manifest.key != key:
            raise BadArtifact(key, f"{where} has the manifest of {manifest.key}")
        if different := (manifest.files.keys() ^ members.keys()) - {MANIFEST, RUN}:
            raise BadArtifact(key, f"{where} and its manifest do not agree on {one_line(min(different))!r}")
        for name, promised in manifest.files.items():
            (beside / name).parent.mkdir(parents=True, exist_ok=True)
            if (_copy(opened, members[name], beside / name, where, key), members[name].file_size) != (
                promised.sha256,
                promised.bytes,
            ):
                raise BadArtifact(key, f"{where}: {name} does not have the checksum its manifest promises")
        if RUN in members and members[RUN].file_size <= MANIFEST_LIMIT:
            _copy(opened, members[RUN], beside / RUN, where, key)
            if not Artifact(beside, key).run:  # damaged: nothing depends on it
                (beside / RUN).unlink()
        store.adopt(beside, key)
    finally:
        shutil.rmtree(beside, ignore_errors=True)
    return Transferred(key, "moved")


def _add(made: zipfile.ZipFile, name: str, path: Path) -> None:
    info = zipfile.ZipInfo(name, EPOCH)
    info.external_attr = 0o644 << 16
    info.file_size = path.stat().st_size
    with path.open("rb") as read, made.open(info, "w") as written:
        shutil.copyfileobj(read, written, CHUNK)


def _copy(opened: zipfile.ZipFile, info: zipfile.ZipInfo, target: Path, where: str, key: str) -> str:
    """Copy a member to a file and return its sha256; raises BadArtifact if the zip is damaged there."""
    total = hashlib.sha256()
    with target.open("wb") as written:
        try:
            for chunk in _chunks(opened, info):
                total.update(chunk)
                written.write(chunk)
        except Unreadable as error:
            raise BadArtifact(key, f"{where}: {one_line(info.filename)} cannot be read ({error})") from error
    return total.hexdigest()


class Unreadable(Exception):  # noqa: N818 - says of which side of a copy an error is
    """A member of a zip that cannot be read."""


def _chunks(opened: zipfile.ZipFile, info: zipfile.ZipInfo) -> Iterator[bytes]:
    try:
        with opened.open(info) as read:
            while chunk := read.read(CHUNK):
                yield chunk
    except Exception as error:  # a damaged zip fails in any way
        raise Unreadable(one_line(error)) from error
