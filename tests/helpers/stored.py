"""The content of a store, for comparison with an earlier state or another store."""

from pathlib import Path

from suite.artifacts import Store
from suite.artifacts.artifact import RUN


def payloads(store: Path) -> dict[str, bytes]:
    """Return every file of every artifact by its path in the store, without the run facts."""
    return {
        path.relative_to(store).as_posix(): path.read_bytes()
        for path in sorted((store / "artifacts").rglob("*"))
        if path.is_file() and path.name != RUN
    }


def runs(store: Path) -> dict[str, bytes]:
    """Return the run facts of every artifact by its key; they differ if an artifact was built again."""
    opened = Store(store)
    return {key: (opened.path(key) / RUN).read_bytes() for key in opened.keys()}  # noqa: SIM118 - not a mapping
