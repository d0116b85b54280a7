"""``suite store list`` and ``suite store verify``: list the artifacts of a store, and check their files."""

import time
from argparse import Namespace
from functools import partial
from itertools import groupby
from typing import NamedTuple

from tabulate import tabulate

from suite.artifacts import Artifact, Store
from suite.artifacts.manifest import MANIFEST
from suite.commands.output import OK, PROBLEMS, artifact_count, disk_usage, format_bytes
from suite.errors import BadArtifact, SuiteError, UsageError


class StoredArtifact(NamedTuple):
    """One line of ``suite store list --keys``; the order of the fields is the sort order.

    Attributes:
        step: Name of the build step.
        label: Human-readable description of the artifact.
        key: Key of the artifact.
        size: Bytes of its payload.
        seconds: Build time.
        stored_at: When it was stored, in seconds since the epoch.
    """

    step: str
    label: str
    key: str
    size: int
    seconds: float
    stored_at: float


def list_artifacts(options: Namespace, store: Store) -> int:
    """Print what the store holds.

    Args:
        options: The command line; ``keys`` selects one line per artifact instead of one line per step.
        store: The store.

    Returns:
        The exit code.
    """
    keys = list(store.keys())
    entries = sorted(entry for entry in map(partial(_read_entry, store), keys) if entry is not None)
    if options.keys:
        lines = [(entry.key, _format_date(entry.stored_at), format_bytes(entry.size), entry.label) for entry in entries]
        print(tabulate(lines, headers=("key", "stored", "size", "artifact"), disable_numparse=True))
    else:
        rows = []
        for step, group in groupby(entries, lambda entry: entry.step):
            of_step = list(group)
            size, seconds = sum(entry.size for entry in of_step), sum(entry.seconds for entry in of_step)
            rows.append((step, f"{len(of_step)}", format_bytes(size), f"{seconds:.0f} s"))
        align = ("left", "right", "right", "right")
        print(tabulate(rows, headers=("step", "artifacts", "size", "build time"), colalign=align if rows else None))
    print(f"{artifact_count(len(entries))}, {format_bytes(sum(entry.size for entry in entries))}, in {store.root}")
    for folder, state in (("tmp", "unfinished"), ("damaged", "set aside as damaged")):
        leftovers = list((store.root / folder).iterdir()) if (store.root / folder).is_dir() else []
        if leftovers:
            print(f"{len(leftovers)} {state}, {format_bytes(sum(map(disk_usage, leftovers)))}")
    if unreadable := len(keys) - len(entries):
        print(f"{artifact_count(unreadable)} with an unreadable manifest: run suite store verify for details")
    return OK


def verify(options: Namespace, store: Store) -> int:
    """Check every file of every artifact, and print what is damaged.

    Args:
        options: The command line; ``set_aside`` moves damaged artifacts to ``damaged/``.
        store: The store.

    Returns:
        The exit code: ``PROBLEMS`` if an artifact is damaged.
    """
    damaged, intact = 0, 0
    for key in store.keys():  # noqa: SIM118 - Store is not a mapping
        artifact = Artifact(store.path(key), key)
        try:
            artifact.verify()
        except BadArtifact as error:
            damaged += 1
            moved = f"; set aside as {store.set_aside(key)}" if options.set_aside else ""
            print(f"DAMAGED  {error}{moved}")
        except UsageError as error:
            print(f"note     {error}")
        else:
            intact += 1
            if not artifact.run:
                print(
                    f"note     {artifact.path} has no readable run record (build time, device); nothing depends on it"
                )
    hint = "" if options.set_aside else " (--set-aside moves them to damaged/; the next run builds them again)"
    print(f"{artifact_count(intact)} intact, {damaged} damaged" + (hint if damaged else ""))
    return PROBLEMS if damaged else OK


def _read_entry(store: Store, key: str) -> StoredArtifact | None:
    """Read the line of one artifact; None if its manifest cannot be read."""
    artifact = Artifact(store.path(key), key)
    try:
        step, size = artifact.manifest.step, artifact.bytes
    except SuiteError:
        return None
    run, stored_at = artifact.run, (artifact.path / MANIFEST).stat().st_mtime
    return StoredArtifact(step, str(run.get("label", step)), key, size, float(run.get("seconds", 0.0)), stored_at)


def _format_date(seconds: float) -> str:
    return time.strftime("%Y-%m-%d %H:%M", time.localtime(seconds))
