"""What a store holds, to compare with what it held before or with another."""

from pathlib import Path

from suite.artifacts import Store
from suite.artifacts.artifact import RUN


def payloads(store: Path) -> dict[str, bytes]:
    """Return every file of every artifact by its path in the store, but for the facts of the runs."""
    return {
        path.relative_to(store).as_posix(): path.read_bytes()
        for path in sorted((store / "artifacts").rglob("*"))
        if path.is_file() and path.name != RUN
    }


def runs(store: Path) -> dict[str, bytes]:
    """Return the facts of the run of every finished artifact by its key: what was built again has others."""
    found = Store(store)
    return {key: (found.path(key) / RUN).read_bytes() for key in found.keys()}  # noqa: SIM118 - no mapping
