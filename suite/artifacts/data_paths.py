"""Data paths: where data and caches are."""

from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field


class DataPaths(BaseModel):
    """Where data and caches are on this machine. Not part of any key.

    Attributes:
        data_roots: Directories that can contain datasets.
        alone: Directory or zip of the only dataset to use, instead of ``data_roots``.
        cache: Directory for downloads.
        download: Whether missing files may be downloaded.
        folders: Directory or zip of each image set of the ``folder`` generator, by its name.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    data_roots: tuple[Path, ...] = ()
    alone: Path | None = None
    cache: Path = Path(".store/downloads")
    download: bool = False
    folders: dict[str, Path] = Field(default_factory=dict)
