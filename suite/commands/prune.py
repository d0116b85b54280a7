"""``suite store prune``: which artifacts may go, by age, by profile, and what no present case reaches."""

import shutil
import time
from argparse import Namespace
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from suite.artifacts import Artifact, Store
from suite.artifacts.manifest import KEY_LENGTH, MANIFEST
from suite.commands.reachability import Reachability
from suite.commands.text import HEALTHY, counted, sized
from suite.errors import SuiteError, UsageError

DAY = 24 * 3600.0


@dataclass(frozen=True)
class Selection:
    """What may go: whatever meets all that is given.

    Attributes:
        older: Days since an artifact came into the store, at least.
        profile: Name of the only profile whose cases reach it.
        unreached: Whether no case of any profile may reach it.
    """

    older: float | None = None
    profile: str | None = None
    unreached: bool = False

    @property
    def empty(self) -> bool:
        """Whether nothing was given."""
        return self.older is None and self.profile is None and not self.unreached

    def chosen(self, store: Store, reach: Reachability | None) -> Iterator[str]:
        """Yield the keys that may go.

        Args:
            store: The store.
            reach: What cases reach; needed for a profile, and for what is not reached.
        """
        for key in store.keys():  # noqa: SIM118 - no mapping
            if self.older is not None and time.time() - (store.path(key) / MANIFEST).stat().st_mtime < DAY * self.older:
                continue
            if self.profile is not None or self.unreached:
                assert reach is not None
                by = {name for name, reached in reach.profiles.items() if key in reached.keys}
                if self.profile is not None and by != {self.profile}:
                    continue
                # What cannot be planned here may well be reached elsewhere, so that it is not for us to judge.
                if self.unreached and (by or not reach.rests_on(key) <= reach.known):
                    continue
            yield key


def step_of(store: Store, key: str) -> str:
    """Return the step of an artifact, or that its manifest does not tell."""
    try:
        return Artifact(store.path(key), key).manifest.step
    except SuiteError:
        return "unreadable manifest"


def size_of(store: Store, key: str) -> int:
    """Return the bytes of an artifact's payload, as its manifest or else the disk tells."""
    artifact = Artifact(store.path(key), key)
    try:
        return artifact.bytes
    except SuiteError:
        return bytes_under(artifact.path)


def bytes_under(path: Path) -> int:
    """Return the bytes of a file, or of all files in a directory."""
    files = path.rglob("*") if path.is_dir() else (path,)
    return sum(file.stat().st_size for file in files if file.is_file())


def leftovers(store: Store) -> list[Path]:
    """Return what was set aside as damaged, and what is unfinished and not being built at this moment."""
    found = sorted((store.root / "damaged").iterdir())
    for path in sorted((store.root / "tmp").iterdir()):
        with store.lock(path.name[:KEY_LENGTH]) as ours:
            if ours:
                found.append(path)
    return found


def remove_leftovers(store: Store, paths: Iterable[Path]) -> None:
    """Remove leftovers, but for those that a process has taken up again."""
    for path in paths:
        with store.lock(path.name[:KEY_LENGTH]) as ours:
            if ours:
                shutil.rmtree(path) if path.is_dir() else path.unlink(missing_ok=True)


def prune(options: Namespace, store: Store, plan: Callable[[], Reachability]) -> int:
    """Print what may go, and with ``--yes`` remove it; returns the exit code.

    Args:
        options: What was asked for.
        store: The store.
        plan: Plans the cases, if that is needed.

    Raises:
        UsageError: If nothing was asked for.
    """
    chosen = Selection(options.older_than, options.profile, options.unreached)
    if chosen.empty and not options.leftovers:
        raise UsageError("say what may go: --older-than DAYS, --profile NAME, --unreached or --leftovers")
    reach = plan() if chosen.profile or chosen.unreached else None
    keys = [] if chosen.empty else list(chosen.chosen(store, reach))
    for dataset, reason in reach.unplanned.items() if reach and chosen.unreached else ():
        print(f"kept: what rests on {dataset}, which cannot be planned as a whole here ({reason})")
    left = leftovers(store) if options.leftovers else []
    steps = Counter(step_of(store, key) for key in keys)
    for step in sorted(steps):
        print(f"{steps[step]:6}  {step}")
    size = sum(size_of(store, key) for key in keys) + sum(map(bytes_under, left))
    what = counted(len(keys)) + (f" and {len(left)} leftovers" if options.leftovers else "") + f", {sized(size)}"
    if not options.yes:
        print(f"{what}, would go; nothing was removed: say --yes")
        return HEALTHY
    busy = len(keys) - sum([store.discard(key) for key in keys])
    remove_leftovers(store, left)
    print(f"{what}, removed" + (f"; {busy} stayed, for they are being built" if busy else ""))
    return HEALTHY
