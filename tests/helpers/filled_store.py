"""The store that the tests of ``suite store`` work on."""

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
        smoke: Key of a classifier that only the cases of profile smoke reach.
        subset: Key of its training images; a sweep of the other profiles reaches them too.
        shared: Key of the images that the subset was chosen from.
        old: Key of a subset of photos that no case reaches.
        alien: Key of an artifact that was made from no dataset, and that no case reaches.
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
