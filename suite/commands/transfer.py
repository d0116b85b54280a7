"""``suite store export`` and ``import``: whole artifacts from one store to another."""

from argparse import Namespace
from collections import Counter
from collections.abc import Callable, Iterable

from suite.artifacts import Artifact, Store
from suite.artifacts.manifest import keys_in
from suite.artifacts.transfer import Transferred, export_artifacts, import_artifacts
from suite.commands.reachability import Reachability
from suite.commands.text import HEALTHY, UNSOUND, counted
from suite.errors import UsageError


def export(options: Namespace, store: Store, plan: Callable[[], Reachability]) -> int:
    """Write all artifacts, or those of a profile or of some keys, into a zip; returns the exit code."""
    keys = list(store.keys())
    if options.profile:
        reached = plan().profiles[options.profile].keys
        keys = [key for key in keys if key in reached]
    if options.key:
        keys = sorted(_with_needs(store, options.key))
    return _tell(export_artifacts(store, keys, options.file), f"exported to {options.file}")


def import_store(options: Namespace, store: Store) -> int:
    """Take the artifacts of a zip into the store; returns the exit code."""
    return _tell(import_artifacts(store, options.file), f"imported into {store.root}")


def _tell(transferred: Iterable[Transferred], what: str) -> int:
    told: Counter[str] = Counter()
    for one in transferred:
        told[one.how] += 1
        if one.how == "refused":
            print(f"REFUSED  {one.reason}")
    extra = {"there": "there already", "busy": "being built there now", "refused": "refused"}
    more = "".join(f", {told[how]} {words}" for how, words in extra.items() if told[how])
    print(f"{counted(told['moved'])} {what}{more}")
    return UNSOUND if told["refused"] else HEALTHY


def _with_needs(store: Store, beginnings: Iterable[str]) -> set[str]:
    """Return the keys that begin so, and of all in the store that those artifacts were made from."""
    every = set(store.keys())
    found: set[str] = set()
    for beginning in beginnings:
        stack = [key for key in every if beginning and key.startswith(beginning)]
        if not stack:
            raise UsageError(f"no key in {store.root} begins with {beginning!r}: suite store list --keys shows them")
        while stack:
            key = stack.pop()
            if key in every and key not in found:
                found.add(key)
                stack += keys_in(Artifact(store.path(key), key).manifest.fields)
    return found
