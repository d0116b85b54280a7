"""``suite store prune``: remove artifacts by age, by profile, or because no case needs them."""

import shutil
import time
from argparse import Namespace
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from suite.artifacts import Artifact, Store
from suite.artifacts.manifest import KEY_LENGTH, MANIFEST
from suite.commands.output import OK, artifact_count, disk_usage, format_bytes
from suite.commands.reachability import Reachability
from suite.datasets.content import CONTENTS
from suite.datasets.kept_pixels import kept_files
from suite.errors import SuiteError, UsageError

SECONDS_PER_DAY = 24 * 3600.0


@dataclass(frozen=True)
class Selection:
    """Which artifacts to remove: those that meet all given conditions.

    Attributes:
        older_than: Minimum number of days since the artifact was stored; None is any age.
        profile: Name of the only profile whose cases reach the artifact; None is any profile.
        unreached: Whether to select only artifacts that no case of any profile reaches.
    """

    older_than: float | None = None
    profile: str | None = None
    unreached: bool = False

    @property
    def is_empty(self) -> bool:
        """Whether no condition is given."""
        return self.older_than is None and self.profile is None and not self.unreached

    def select(self, store: Store, reachability: Reachability | None) -> Iterator[str]:
        """Yield the keys of the artifacts to remove.

        Args:
            store: The store.
            reachability: Which artifacts the cases reach; required for ``profile`` and ``unreached``.

        Yields:
            Keys of the store.
        """
        now = time.time()
        for key in store.keys():  # noqa: SIM118 - Store is not a mapping
            stored_at = (store.path(key) / MANIFEST).stat().st_mtime
            if self.older_than is not None and now - stored_at < SECONDS_PER_DAY * self.older_than:
                continue
            if self.profile is not None or self.unreached:
                assert reachability is not None
                profiles = {name for name, reached in reachability.profiles.items() if key in reached.keys}
                if self.profile is not None and profiles != {self.profile}:
                    continue
                # An artifact of data that cannot be planned on this machine may be reached on another one: keep it.
                if self.unreached and (profiles or not reachability.sources_of(key) <= reachability.known_sources):
                    continue
            yield key


def prune(options: Namespace, store: Store, plan: Callable[[], Reachability]) -> int:
    """Print what would be removed, and with ``--yes`` remove it.

    Args:
        options: The command line.
        store: The store.
        plan: Plans the cases; called only if a condition needs it.

    Returns:
        The exit code.

    Raises:
        UsageError: If no condition is given.
    """
    selection = Selection(options.older_than, options.profile, options.unreached)
    if selection.is_empty and not options.leftovers:
        raise UsageError("nothing is selected: give --older-than DAYS, --profile NAME, --unreached or --leftovers")
    reachability = plan() if selection.profile or selection.unreached else None
    keys = [] if selection.is_empty else list(selection.select(store, reachability))
    for dataset, reason in reachability.unplanned.items() if reachability and selection.unreached else ():
        print(f"kept: artifacts of {dataset}, because not all of its cases can be planned here ({reason})")
    leftovers = find_leftovers(store) if options.leftovers else []
    steps = Counter(step_of(store, key) for key in keys)
    for step in sorted(steps):
        print(f"{steps[step]:6}  {step}")
    size = sum(size_of(store, key) for key in keys) + sum(map(disk_usage, leftovers))
    extra = f" and {len(leftovers)} leftovers" if options.leftovers else ""
    summary = f"{artifact_count(len(keys))}{extra}, {format_bytes(size)}"
    if not options.yes:
        print(f"{summary}, would be removed; nothing was removed: add --yes to remove them")
        return OK
    busy = len(keys) - sum([store.discard(key) for key in keys])
    remove_leftovers(store, leftovers)
    print(f"{summary}, removed" + (f"; {busy} kept because they are being built" if busy else ""))
    return OK


def step_of(store: Store, key: str) -> str:
    """Return the step name of an artifact, or ``unreadable manifest``."""
    try:
        return Artifact(store.path(key), key).manifest.step
    except SuiteError:
        return "unreadable manifest"


def size_of(store: Store, key: str) -> int:
    """Return the bytes of an artifact's payload from its manifest, or from the disk if the manifest is unreadable."""
    artifact = Artifact(store.path(key), key)
    try:
        return artifact.bytes
    except SuiteError:
        return disk_usage(artifact.path)


def find_leftovers(store: Store) -> list[Path]:
    """Return the artifacts set aside as damaged, unfinished builds that no process is working on, and kept images."""
    found = sorted((store.root / "damaged").iterdir())
    for path in sorted((store.root / "tmp").iterdir()):
        with store.lock(path.name[:KEY_LENGTH]) as acquired:
            if acquired:
                found.append(path)
    for folder in (store.root, store.root / "downloads"):
        found += kept_files(folder / CONTENTS)
    return found


def remove_leftovers(store: Store, paths: Iterable[Path]) -> None:
    """Remove leftovers, except those that a process has started to build again.

    Args:
        store: The store.
        paths: Directories or files from ``find_leftovers``.
    """
    for path in paths:
        with store.lock(path.name[:KEY_LENGTH]) as acquired:
            if acquired:
                shutil.rmtree(path) if path.is_dir() else path.unlink(missing_ok=True)
