"""Where data and caches are."""

from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field


class DataPaths(BaseModel):
    """Where things lie on this machine: facts of a run, in no key.

    Attributes:
        data_roots: Directories that may hold datasets.
        alone: The one dataset to look at, a directory or a zip, instead of data roots.
        cache: Directory for downloads.
        download: Whether missing files may be fetched.
        folders: Name of a ``folder`` generator's image set to its directory or zip.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    data_roots: tuple[Path, ...] = ()
    alone: Path | None = None
    cache: Path = Path(".store/downloads")
    download: bool = False
    folders: dict[str, Path] = Field(default_factory=dict)
