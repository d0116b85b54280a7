"""``suite store list`` and ``verify``: what there is, and whether it is whole."""

import time
from argparse import Namespace
from functools import partial
from itertools import groupby
from typing import NamedTuple

from tabulate import tabulate

from suite.artifacts import Artifact, Store
from suite.artifacts.manifest import MANIFEST
from suite.commands.prune import bytes_under
from suite.commands.text import HEALTHY, UNSOUND, counted, sized
from suite.errors import BadArtifact, SuiteError, UsageError


class StoredArtifact(NamedTuple):
    """What is said of one artifact; sorted by what it is."""

    step: str
    label: str
    key: str
    size: int
    seconds: float
    came: float


def list_artifacts(options: Namespace, store: Store) -> int:
    """Print what the store holds, a line a step, or with ``--keys`` a line an artifact; returns the exit code."""
    keys = list(store.keys())
    entries = sorted(entry for entry in map(partial(_entry, store), keys) if entry is not None)
    if options.keys:
        lines = [(one.key, _date(one.came), sized(one.size), one.label) for one in entries]
        print(tabulate(lines, headers=("key", "came", "size", "what"), disable_numparse=True))
    else:
        steps = [(step, list(found)) for step, found in groupby(entries, lambda one: one.step)]
        sums = [
            (step, f"{len(of)}", sized(sum(one.size for one in of)), f"{sum(one.seconds for one in of):.0f} s")
            for step, of in steps
        ]
        align = ("left", "right", "right", "right")
        print(tabulate(sums, headers=("step", "artifacts", "size", "built in"), colalign=align if sums else None))
    print(f"{counted(len(entries))}, {sized(sum(one.size for one in entries))}, in {store.root}")
    for folder, words in (("tmp", "unfinished"), ("damaged", "set aside as damaged")):
        found = list((store.root / folder).iterdir()) if (store.root / folder).is_dir() else []
        if found:
            print(f"{len(found)} {words}, {sized(sum(map(bytes_under, found)))}")
    if unreadable := len(keys) - len(entries):
        print(f"{counted(unreadable)} with a manifest that cannot be read: suite store verify says which")
    return HEALTHY


def _entry(store: Store, key: str) -> StoredArtifact | None:
    artifact = Artifact(store.path(key), key)
    try:
        step, size = artifact.manifest.step, artifact.bytes
    except SuiteError:
        return None
    run, came = artifact.run, (artifact.path / MANIFEST).stat().st_mtime
    return StoredArtifact(step, str(run.get("label", step)), key, size, float(run.get("seconds", 0.0)), came)


def _date(seconds: float) -> str:
    return time.strftime("%Y-%m-%d %H:%M", time.localtime(seconds))


def verify(options: Namespace, store: Store) -> int:
    """Check every file of every artifact, and print what is damaged; returns the exit code."""
    damaged, whole = 0, 0
    for key in store.keys():  # noqa: SIM118 - no mapping
        artifact = Artifact(store.path(key), key)
        try:
            artifact.verify()
        except BadArtifact as error:
            damaged += 1
            aside = f"; set aside as {store.set_aside(key)}" if options.set_aside else ""
            print(f"DAMAGED  {error}{aside}")
        except UsageError as error:
            print(f"note     {error}")
        else:
            whole += 1
            if not artifact.run:
                print(f"note     {artifact.path} has lost the facts of its run, on which nothing depends")
    remedy = "" if options.set_aside else " (--set-aside takes them away, the next run builds them again)"
    print(f"{counted(whole)} whole, {damaged} damaged" + (remedy if damaged else ""))
    return UNSOUND if damaged else HEALTHY
