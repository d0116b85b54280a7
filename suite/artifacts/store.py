"""The store: finds artifacts by key; each artifact is either complete or absent."""

import errno
import os
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from suite.artifacts.artifact import Artifact
from suite.artifacts.files import checksum, process_name, sealed, write_json
from suite.artifacts.manifest import FORMAT, MANIFEST, RUN, BuiltWith, Described, Manifest, PayloadFile
from suite.errors import BadArtifact, StoreFailed, SuiteError, UsageError

FOLDERS = ("artifacts", "tmp", "locks", "damaged")
DISK_ERRORS = {
    errno.ENOSPC: "its disk is full: free some space (suite store prune)",
    errno.EDQUOT: "your disk quota is used up: free some space (suite store prune)",
    errno.EROFS: "it is read-only: choose another --store",
    errno.EIO: "its disk reports input/output errors: check the disk",
}
NO_LOCKS = (errno.ENOLCK, errno.EOPNOTSUPP)
_ERROR_NUMBER = re.compile(r"(?:os error|code:) (\d+)")  # safetensors puts it in the text instead of raising an OSError


class Store:
    """A directory of artifacts that any number of processes can share.

    Layout: ``artifacts/<first two digits>/<key>`` contains finished artifacts only, ``tmp/<key>`` unfinished builds
    with their checkpoints, ``locks/`` one file per key, ``damaged/`` artifacts that failed verification.

    An artifact is published by one rename, from a payload directory that only one process writes. Locks therefore only
    save work and are not needed for correctness: on a file system without locks a recipe may be built twice, and one
    artifact results.

    Args:
        root: Directory of the store.
    """

    def __init__(self, root: Path) -> None:
        self.root = root

    def prepare(self) -> None:
        """Create the store's directories, and remove workspaces of published artifacts that a killed build left.

        Raises:
            UsageError: If the store cannot be written.
        """
        try:
            for name in FOLDERS:
                (self.root / name).mkdir(parents=True, exist_ok=True)
            probe = self.root / "tmp" / f".probe.{process_name()}"
            probe.touch()
            probe.unlink()
            for workspace in (self.root / "tmp").iterdir():
                manifest = self.path(workspace.name) / MANIFEST
                if manifest.is_file():  # the build was killed between publication and removal of the workspace
                    with self.lock(workspace.name) as acquired:
                        if acquired and manifest.is_file():
                            self.remove_workspace(workspace.name)
        except OSError as error:
            reason = f"store {self.root} cannot be written ({error.strerror}): choose another --store"
            raise UsageError(reason) from error

    def path(self, key: str) -> Path:
        """Return the directory of the artifact of ``key``, whether or not it exists."""
        return self.root / "artifacts" / key[:2] / key

    def find(self, recipe: Described) -> Artifact | None:
        """Return a recipe's artifact, or None if it is not in the store."""
        path = self.path(recipe.key)
        return Artifact(path, recipe.key) if (path / MANIFEST).is_file() else None

    def get(self, recipe: Described) -> Artifact:
        """Return a recipe's artifact; raise BadArtifact if it is not in the store."""
        artifact = self.find(recipe)
        if artifact is None:
            raise BadArtifact(recipe.key, f"{self.path(recipe.key)} ({recipe.label}) is not in the store")
        return artifact

    def keys(self) -> Iterator[str]:
        """Yield the keys of all finished artifacts, sorted."""
        for manifest in sorted((self.root / "artifacts").glob(f"*/*/{MANIFEST}")):
            yield manifest.parent.name

    @property
    def is_empty(self) -> bool:
        """Whether the store has no artifacts."""
        return not any((self.root / "artifacts").glob("*/*"))

    @contextmanager
    def translate_os_errors(self) -> Iterator[None]:
        """Raise StoreFailed instead of an error that the store's disk caused; other errors pass unchanged."""
        try:
            yield
        except SuiteError:
            raise
        except Exception as error:
            reason = self._failure_reason(error)
            if reason is None:
                raise
            raise StoreFailed(f"store {self.root}: {reason} and start again; finished artifacts are kept") from error

    def _failure_reason(self, error: Exception) -> str | None:
        """Return which failure of the store caused an error; None if the store did not cause it."""
        if not all(os.path.isdir(self.root / name) for name in FOLDERS):  # noqa: PTH112 - never raises
            return "it no longer exists: bring it back"
        causes: list[BaseException] = [error]
        while (cause := causes[-1].__cause__ or causes[-1].__context__) is not None:
            causes.append(cause)
        for cause in causes:
            match = _ERROR_NUMBER.search(str(cause))
            number = cause.errno if isinstance(cause, OSError) else int(match[1]) if match else None
            file_name = getattr(cause, "filename", None)
            in_store = file_name is None or self.root in Path(os.fsdecode(file_name)).parents
            if number in DISK_ERRORS and in_store:
                return DISK_ERRORS[number]
        return None

    @contextmanager
    def lock(self, key: str) -> Iterator[bool]:
        """Try to lock ``key`` for building, without waiting.

        The operating system releases the lock when the process ends for whatever reason.

        Yields:
            Whether the lock was acquired. Always True on a file system without locks.
        """
        from filelock import FileLock, Timeout

        folder = self.root / "locks"
        folder.stat()  # raises if the store was removed; FileLock would create its directories again
        lock = FileLock(folder / f"{key}.lock")
        try:
            lock.acquire(blocking=False)
        except Timeout:
            yield False
            return
        except OSError as error:
            if error.errno not in NO_LOCKS:
                raise
        try:
            yield True
        finally:
            lock.release()

    def workspace(self, key: str) -> Path:
        """Create and return the directory in which ``key`` is built; its checkpoints survive an interrupted build."""
        path = self.root / "tmp" / key
        path.mkdir(exist_ok=True)
        (path / "scratch").mkdir(exist_ok=True)
        shutil.rmtree(self.payload(key), ignore_errors=True)
        self.payload(key).mkdir()
        return path

    def payload(self, key: str) -> Path:
        """Return the directory, unique to this process, for the files that become the artifact of ``key``."""
        return self.root / "tmp" / key / f"payload.{process_name()}"

    def publish(self, recipe: Described, run: dict[str, Any], built_with: BuiltWith | None = None) -> Artifact:
        """Make the workspace's payload the artifact of ``recipe`` by one rename.

        Args:
            recipe: Recipe that was built.
            run: Facts about this build, stored in ``run.json``.
            built_with: Kind of device and library versions of this build, stored in the manifest; None if not known.

        Returns:
            The artifact. If another process published it first, that process's artifact.
        """
        payload = self.payload(recipe.key)
        files = {
            path.relative_to(payload).as_posix(): PayloadFile(sha256=checksum(path), bytes=path.stat().st_size)
            for path in sorted(payload.rglob("*"))
            if path.is_file()
        }
        manifest = Manifest(format=FORMAT, key=recipe.key, files=files, built_with=built_with, **recipe.description)
        write_json(payload / RUN, sealed(run))
        write_json(payload / MANIFEST, manifest.sealed)
        artifact = self.publish_directory(payload, recipe.key)
        self.remove_workspace(recipe.key)
        return artifact

    def publish_directory(self, source: Path, key: str) -> Artifact:
        """Move a complete artifact from ``tmp/`` into its place by one rename; an existing artifact is kept.

        Args:
            source: Directory with payload and manifest, on the same file system.
            key: Key of the artifact.

        Returns:
            The artifact that is in the store now.
        """
        target = self.path(key)
        target.parent.mkdir(exist_ok=True)
        if target.exists() and not (target / MANIFEST).is_file():  # an artifact that lost its manifest
            self.set_aside(key)
        try:
            source.rename(target)
        except OSError:
            if not (target / MANIFEST).is_file():  # otherwise another process published it first
                raise
        return Artifact(target, key)

    def remove_workspace(self, key: str) -> None:
        """Remove everything unfinished of ``key``, including checkpoints."""
        shutil.rmtree(self.root / "tmp" / key, ignore_errors=True)

    def set_aside(self, key: str) -> Path | None:
        """Move a damaged artifact to ``damaged/``.

        Args:
            key: Key of the artifact.

        Returns:
            Where the artifact is now; None if there was none.

        Raises:
            StoreFailed: If the store cannot be written.
        """
        source = self.path(key)
        number = 0
        while (target := self.root / "damaged" / f"{key}.{number}").exists():
            number += 1
        with self.translate_os_errors():
            try:
                source.rename(target)
            except FileNotFoundError:  # absent, or another process moved it first
                return None
        return target

    def discard(self, key: str) -> bool:
        """Remove the artifact of ``key`` and everything unfinished of it, unless a process is building it.

        Returns:
            Whether it was removed.
        """
        with self.lock(key) as acquired:
            if not acquired:
                return False
            source = self.path(key)
            if source.exists():
                discarded = self.root / "tmp" / f"{key}.discarded.{process_name()}"
                source.rename(discarded)
                shutil.rmtree(discarded, ignore_errors=True)
            self.remove_workspace(key)
            return True
