"""``suite store export`` and ``suite store import``: copy verified artifacts between stores as a zip file."""

from argparse import Namespace
from collections import Counter
from collections.abc import Callable, Iterable

from suite.artifacts import Artifact, Store
from suite.artifacts.manifest import keys_in
from suite.artifacts.transfer import Transferred, export_artifacts, import_artifacts
from suite.commands.output import OK, PROBLEMS, artifact_count
from suite.commands.reachability import Reachability
from suite.errors import UsageError


def export(options: Namespace, store: Store, plan: Callable[[], Reachability]) -> int:
    """Write all artifacts, or those of a profile or of some keys, into a zip file.

    Args:
        options: The command line.
        store: The store to read from.
        plan: Plans the cases; called only for ``--profile``.

    Returns:
        The exit code: ``PROBLEMS`` if an artifact was refused.

    Raises:
        UsageError: If no key begins with a given prefix, or the zip cannot be written.
    """
    keys = list(store.keys())
    if options.profile:
        reached = plan().profiles[options.profile].keys
        keys = [key for key in keys if key in reached]
    if options.key:
        keys = sorted(_with_dependencies(store, options.key))
    return _report(export_artifacts(store, keys, options.file), f"exported to {options.file}")


def import_store(options: Namespace, store: Store) -> int:
    """Copy the artifacts of a zip file into the store.

    Args:
        options: The command line.
        store: The store to write to.

    Returns:
        The exit code: ``PROBLEMS`` if an artifact was refused.

    Raises:
        UsageError: If the file was not written by ``suite store export``.
    """
    return _report(import_artifacts(store, options.file), f"imported into {store.root}")


def _report(transfers: Iterable[Transferred], action: str) -> int:
    """Run the transfers, print each refusal and the totals, and return the exit code."""
    counts: Counter[str] = Counter()
    for transfer in transfers:
        counts[transfer.how] += 1
        if transfer.how == "refused":
            print(f"REFUSED  {transfer.reason}")
    others = {"there": "already stored", "busy": "being built there now", "refused": "refused"}
    details = "".join(f", {counts[how]} {text}" for how, text in others.items() if counts[how])
    print(f"{artifact_count(counts['moved'])} {action}{details}")
    return PROBLEMS if counts["refused"] else OK


def _with_dependencies(store: Store, prefixes: Iterable[str]) -> set[str]:
    """Return the keys that begin with a prefix, and the keys of all their dependencies in the store."""
    all_keys = set(store.keys())
    found: set[str] = set()
    for prefix in prefixes:
        stack = [key for key in all_keys if prefix and key.startswith(prefix)]
        if not stack:
            raise UsageError(f"no key in {store.root} begins with {prefix!r}: suite store list --keys shows the keys")
        while stack:
            key = stack.pop()
            if key in all_keys and key not in found:
                found.add(key)
                stack += keys_in(Artifact(store.path(key), key).manifest.fields)
    return found
