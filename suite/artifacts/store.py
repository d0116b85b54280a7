"""The store: where artifacts live, found by key, each whole or absent."""

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
from suite.artifacts.manifest import FORMAT, MANIFEST, RUN, Described, Manifest, Promise
from suite.errors import BadArtifact, StoreFailed, SuiteError, UsageError

FOLDERS = ("artifacts", "tmp", "locks", "damaged")
DISK_TROUBLE = {
    errno.ENOSPC: "its disk is full: free some space (suite store prune)",
    errno.EDQUOT: "your quota of its disk is used up: free some space (suite store prune)",
    errno.EROFS: "it can only be read: choose another --store",
    errno.EIO: "its disk does not answer as it should: look after it",
}
_NUMBER = re.compile(r"(?:os error|code:) (\d+)")  # what safetensors says instead of raising an OSError

NO_LOCKS = (errno.ENOLCK, errno.EOPNOTSUPP)


class Store:
    """A directory of artifacts that any number of processes may share.

    Layout: ``artifacts/<2>/<key>`` holds finished artifacts only, ``tmp/<key>`` what is being made (its
    checkpoints too), ``locks/`` one file a key, ``damaged/`` what was set aside.

    An artifact is published under its name by one rename, from a payload that one process alone writes. So locks spare
    work, and nothing depends on them: on a file system without, a recipe may be built twice, to one artifact.
    """

    def __init__(self, root: Path) -> None:
        self.root = root

    def prepare(self) -> None:
        """Create the store's folders, and tidy what a killed build could not; raises UsageError if it cannot be."""
        try:
            for name in FOLDERS:
                (self.root / name).mkdir(parents=True, exist_ok=True)
            probe = self.root / "tmp" / f".probe.{process_name()}"
            probe.touch()
            probe.unlink()
            for workspace in (self.root / "tmp").iterdir():
                manifest = self.path(workspace.name) / MANIFEST
                if manifest.is_file():  # killed after it had published, before it tidied
                    with self.lock(workspace.name) as ours:
                        if ours and manifest.is_file():
                            self.tidy(workspace.name)
        except OSError as error:
            reason = f"store {self.root} cannot be written ({error.strerror}): choose another --store"
            raise UsageError(reason) from error

    def path(self, key: str) -> Path:
        """Return where the artifact of ``key`` is or would be."""
        return self.root / "artifacts" / key[:2] / key

    def find(self, recipe: Described) -> Artifact | None:
        """Return a recipe's artifact, or None if it is still to be made."""
        path = self.path(recipe.key)
        return Artifact(path, recipe.key) if (path / MANIFEST).is_file() else None

    def get(self, recipe: Described) -> Artifact:
        """Return a recipe's artifact; raises BadArtifact if it is not there."""
        found = self.find(recipe)
        if found is None:
            raise BadArtifact(recipe.key, f"{self.path(recipe.key)} ({recipe.label}) is not in the store")
        return found

    def keys(self) -> Iterator[str]:
        """Yield the keys of all finished artifacts, sorted."""
        for manifest in sorted((self.root / "artifacts").glob(f"*/*/{MANIFEST}")):
            yield manifest.parent.name

    @property
    def is_empty(self) -> bool:
        """Whether nothing was ever finished in it."""
        return not any((self.root / "artifacts").glob("*/*"))

    @contextmanager
    def explained(self) -> Iterator[None]:
        """Turn what goes wrong with the store itself into StoreFailed; other errors pass as they are."""
        try:
            yield
        except SuiteError:
            raise
        except Exception as error:
            reason = self._trouble(error)
            if reason is None:
                raise
            raise StoreFailed(f"store {self.root}: {reason} and start again; what is finished stays") from error

    def _trouble(self, error: Exception) -> str | None:
        if not all(os.path.isdir(self.root / name) for name in FOLDERS):  # noqa: PTH112 - never raises
            return "it is gone: bring it back"
        causes: list[BaseException] = [error]
        while (cause := causes[-1].__cause__ or causes[-1].__context__) is not None:
            causes.append(cause)
        for cause in causes:
            said = _NUMBER.search(str(cause))
            number = cause.errno if isinstance(cause, OSError) else int(said[1]) if said else None
            named = getattr(cause, "filename", None)
            if number in DISK_TROUBLE and (named is None or self.root in Path(os.fsdecode(named)).parents):
                return DISK_TROUBLE[number]
        return None

    @contextmanager
    def lock(self, key: str) -> Iterator[bool]:
        """Try for the right to build ``key``; yields whether it was had. Never waits.

        The operating system frees the lock when its holder dies, however it dies. A file system without locks gives
        the right to everybody.
        """
        from filelock import FileLock, Timeout

        folder = self.root / "locks"
        folder.stat()  # the lock would make the folders of a store that is gone
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
        """Return the directory in which ``key`` is being made; it outlives an interrupted build."""
        path = self.root / "tmp" / key
        path.mkdir(exist_ok=True)
        (path / "scratch").mkdir(exist_ok=True)
        shutil.rmtree(self.payload(key), ignore_errors=True)
        self.payload(key).mkdir()
        return path

    def payload(self, key: str) -> Path:
        """Return where this process, and no other, puts the files that are to become the artifact of ``key``."""
        return self.root / "tmp" / key / f"payload.{process_name()}"

    def publish(self, recipe: Described, run: dict[str, Any]) -> Artifact:
        """Turn the workspace's payload into the artifact of ``recipe``, in one rename.

        Args:
            recipe: What was made.
            run: Facts of this one build, kept beside the payload.

        Returns:
            The artifact; the one already there if another process was quicker.
        """
        payload = self.payload(recipe.key)
        files = {
            path.relative_to(payload).as_posix(): Promise(sha256=checksum(path), bytes=path.stat().st_size)
            for path in sorted(payload.rglob("*"))
            if path.is_file()
        }
        manifest = Manifest(format=FORMAT, key=recipe.key, files=files, **recipe.description)
        write_json(payload / RUN, sealed(run))
        write_json(payload / MANIFEST, manifest.sealed)
        made = self.adopt(payload, recipe.key)
        self.tidy(recipe.key)
        return made

    def adopt(self, whole: Path, key: str) -> Artifact:
        """Put a whole artifact, made under ``tmp/``, in its place by one rename; one that is there already stays."""
        target = self.path(key)
        target.parent.mkdir(exist_ok=True)
        if target.exists() and not (target / MANIFEST).is_file():  # what is left of an artifact that lost its manifest
            self.set_aside(key)
        try:
            whole.rename(target)
        except OSError:
            if not (target / MANIFEST).is_file():  # or else another process was quicker
                raise
        return Artifact(target, key)

    def tidy(self, key: str) -> None:
        """Forget whatever is unfinished of ``key``."""
        shutil.rmtree(self.root / "tmp" / key, ignore_errors=True)

    def set_aside(self, key: str) -> Path | None:
        """Move an artifact to ``damaged/`` and return where it went; None if there was none.

        Raises:
            StoreFailed: If the store cannot be written.
        """
        source = self.path(key)
        number = 0
        while (target := self.root / "damaged" / f"{key}.{number}").exists():
            number += 1
        with self.explained():
            try:
                source.rename(target)
            except FileNotFoundError:  # another process was quicker, perhaps
                return None
        return target

    def discard(self, key: str) -> bool:
        """Forget the artifact of ``key`` and whatever is unfinished of it, unless a process is building it now.

        Returns:
            Whether it is forgotten.
        """
        with self.lock(key) as ours:
            if not ours:
                return False
            source = self.path(key)
            if source.exists():
                doomed = self.root / "tmp" / f"{key}.discarded.{process_name()}"
                source.rename(doomed)
                shutil.rmtree(doomed, ignore_errors=True)
            self.tidy(key)
            return True
