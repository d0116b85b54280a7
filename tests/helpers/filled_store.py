"""A store with artifacts for tests of the commands."""

from dataclasses import dataclass
from pathlib import Path

from suite.artifacts import Store


@dataclass(frozen=True)
class Filled:
    """A store and the keys of its artifacts.

    Attributes:
        store: The store.
        root: Data root with the dataset photos.
        cases: Directory of the cases.
        smoke: Key of an artifact that only cases with profile smoke use.
        subset: Key of its input images; a sweep of other profiles uses them too.
        shared: Key of the images from which that subset was selected.
        old: Key of a subset of photos that no case uses.
        alien: Key of an artifact that depends on no dataset and that no case uses.
    """

    store: Store
    root: Path
    cases: Path
    smoke: str
    subset: str
    shared: str
    old: str
    alien: str

    @property
    def keys(self) -> set[str]:
        """Keys of the artifacts that are in the store now."""
        return set(self.store.keys())
