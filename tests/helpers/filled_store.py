"""What a test of the commands finds in a store."""

from dataclasses import dataclass
from pathlib import Path

from suite.artifacts import Store


@dataclass(frozen=True)
class Filled:
    """A store, and what is in it.

    Attributes:
        store: The store.
        root: Data root with the dataset photos.
        cases: Directory of the cases.
        smoke: Key of what only the cases of profile smoke reach.
        subset: Key of the images that was made from; a sweep of other profiles reaches it too.
        shared: Key of the images that those were chosen from.
        old: Key of a subset of photos that no case reaches.
        alien: Key of something that rests on no dataset, and that no case reaches.
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
        """What is there now."""
        return set(self.store.keys())
