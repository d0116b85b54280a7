"""Export and import of artifacts as one zip; each artifact is complete, and verified in both directions."""

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
    """The outcome for one artifact.

    Attributes:
        key: Key of the artifact.
        how: ``moved`` if it was copied; ``there`` if the target has it already; ``busy`` if a process is building it in
            the target store; ``refused``.
        reason: Why it was refused.
    """

    key: str
    how: Literal["moved", "there", "busy", "refused"]
    reason: str = ""


def export_artifacts(store: Store, keys: Iterable[str], target: Path) -> Iterator[Transferred]:
    """Write artifacts into a zip one by one; the zip appears under its name when it is complete.

    The zip is not compressed: weights and images hardly compress, and a reader can refuse compressed members, which may
    expand without bound.

    Args:
        store: Store with the artifacts.
        keys: Keys of the artifacts to export.
        target: Path of the zip.

    Yields:
        The outcome for each artifact; damaged ones are refused.

    Raises:
        UsageError: If the zip cannot be written.
    """
    part = target.with_name(f".{target.name}.part")
    try:
        with zipfile.ZipFile(part, "w", zipfile.ZIP_STORED) as archive:
            for key in keys:
                artifact = Artifact(store.path(key), key)
                try:
                    artifact.verify()
                except SuiteError as error:
                    yield Transferred(key, "refused", str(error))
                    continue
                for name in (MANIFEST, *([RUN] if artifact.run else []), *sorted(artifact.manifest.files)):
                    _add(archive, f"{key}/{name}", artifact.path / name)
                yield Transferred(key, "moved")
        part.replace(target)
    except OSError as error:
        raise UsageError(f"{target} cannot be written ({error.strerror}): choose another place") from error
    finally:
        with suppress(OSError):
            part.unlink()


def import_artifacts(store: Store, source: Path) -> Iterator[Transferred]:
    """Copy the artifacts of a zip into a store one by one.

    The zip is not trusted: member names must be names of artifact files, each file must match its manifest, and each
    key must be the key of the recipe in the manifest. Nothing is written outside of the store, and no more bytes than
    the zip has.

    Args:
        store: Store to copy into.
        source: Path of the zip.

    Yields:
        The outcome for each artifact; damaged ones are refused and do not affect the others.

    Raises:
        UsageError: If the file is not a zip as ``export_artifacts`` writes it; nothing was imported then.
        StoreFailed: If the store cannot be written.
    """
    try:
        archive = zipfile.ZipFile(source)
    except Exception as error:  # zipfile raises many types for damaged files
        raise UsageError(f"{source} cannot be read as a zip ({one_line(error)}): export it again") from error
    with archive:
        for key, members in sorted(_members_by_key(archive, source).items()):
            try:
                with store.translate_os_errors(), store.lock(key) as acquired:
                    yield _import_artifact(store, key, archive, members) if acquired else Transferred(key, "busy")
            except BadArtifact as error:
                yield Transferred(key, "refused", str(error))


def _members_by_key(archive: zipfile.ZipFile, source: Path) -> dict[str, Members]:
    """Return the members of each artifact; raise UsageError if the zip differs from what exports contain."""
    found: dict[str, Members] = defaultdict(dict)
    for info in archive.infolist():
        name = _MEMBER.fullmatch(info.filename)
        if name is None or name[2] in found[name[1]]:
            raise UsageError(
                f"{source} contains {one_line(info.filename)!r}, which is not a file of an artifact: export it again"
            )
        if info.flag_bits & 1 or info.compress_type != zipfile.ZIP_STORED or info.file_size != info.compress_size:
            raise UsageError(f"{source} is compressed or encrypted, which exports are not: export it again")
        found[name[1]][name[2]] = info
    total = sum(info.file_size for info in archive.infolist())
    if total > source.stat().st_size:
        raise UsageError(f"{source} states a content of {total:,} bytes, more than its own size: export it again")
    return found


def _import_artifact(store: Store, key: str, archive: zipfile.ZipFile, members: Members) -> Transferred:
    """Copy and verify one artifact; the caller holds its lock. Raises BadArtifact if it fails verification."""
    if (store.path(key) / MANIFEST).is_file():
        return Transferred(key, "there")
    label = f"{archive.filename}: artifact {key}"
    folder = store.root / "tmp" / f"{key}.import.{os.getpid()}"
    try:
        folder.mkdir()
        if MANIFEST not in members or members[MANIFEST].file_size > MANIFEST_LIMIT:
            raise BadArtifact(key, f"{label} has no manifest")
        _copy(archive, members[MANIFEST], folder / MANIFEST, label, key)
        try:
            manifest = Manifest.parse((folder / MANIFEST).read_bytes(), label)
        except ValueError as error:
            raise BadArtifact(key, f"{label} has no manifest ({error})") from error
        if manifest.key != key:
            raise BadArtifact(key, f"{label} has the manifest of {manifest.key}")
        if different := (manifest.files.keys() ^ members.keys()) - {MANIFEST, RUN}:
            raise BadArtifact(key, f"{label} and its manifest do not agree on {one_line(min(different))!r}")
        for name, expected in manifest.files.items():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            found = _copy(archive, members[name], folder / name, label, key)
            if (found, members[name].file_size) != (expected.sha256, expected.bytes):
                raise BadArtifact(key, f"{label}: {name} does not have the checksum its manifest promises")
        if RUN in members and members[RUN].file_size <= MANIFEST_LIMIT:
            _copy(archive, members[RUN], folder / RUN, label, key)
            if not Artifact(folder, key).run:  # damaged; nothing depends on it
                (folder / RUN).unlink()
        store.publish_directory(folder, key)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    return Transferred(key, "moved")


def _add(archive: zipfile.ZipFile, name: str, path: Path) -> None:
    info = zipfile.ZipInfo(name, EPOCH)
    info.external_attr = 0o644 << 16
    info.file_size = path.stat().st_size
    with path.open("rb") as source, archive.open(info, "w") as target:
        shutil.copyfileobj(source, target, CHUNK)


def _copy(archive: zipfile.ZipFile, info: zipfile.ZipInfo, target: Path, label: str, key: str) -> str:
    """Copy a member to a file and return its sha256; raise BadArtifact if the zip is damaged there."""
    sha256 = hashlib.sha256()
    with target.open("wb") as output:
        try:
            for chunk in _chunks(archive, info):
                sha256.update(chunk)
                output.write(chunk)
        except Unreadable as error:
            raise BadArtifact(key, f"{label}: {one_line(info.filename)} cannot be read ({error})") from error
    return sha256.hexdigest()


class Unreadable(Exception):  # noqa: N818 - distinguishes read errors from write errors of a copy
    """A member of a zip that cannot be read."""


def _chunks(archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> Iterator[bytes]:
    try:
        with archive.open(info) as member:
            while chunk := member.read(CHUNK):
                yield chunk
    except Exception as error:  # zipfile raises many types for damaged files
        raise Unreadable(one_line(error)) from error
