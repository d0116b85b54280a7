"""Published weight files: finding, downloading and verifying them."""

import os
from dataclasses import dataclass
from pathlib import Path

from suite.artifacts import DataPaths
from suite.artifacts.files import checksum
from suite.errors import BadData, Unavailable


@dataclass(frozen=True)
class WeightFile:
    """A published weight file.

    Searched at the path in an environment variable, then in the suite's downloads, then in the torch.hub cache.

    Attributes:
        name: File name.
        url: Download URL.
        sha256: Checksum; a file with another checksum is not loaded.
        variable: Name of the environment variable.
    """

    name: str
    url: str
    sha256: str
    variable: str

    def check(self, data_paths: DataPaths) -> None:
        """Raise Unavailable if the file is neither on this machine nor allowed to be downloaded."""
        if self._find(data_paths) is None and not data_paths.download:
            raise Unavailable(
                f"weights {self.name} are not on this machine: allow --download, or get them from {self.url} "
                f"and set {self.variable} to their path"
            )

    def fetch(self, data_paths: DataPaths) -> Path:
        """Return the path of the file; download it if necessary and verify its checksum.

        Raises:
            Unavailable: If it is not on this machine and the download is not allowed or fails.
            BadData: If the file has another checksum.
        """
        self.check(data_paths)
        return verify_checksum(self._find(data_paths) or self._download(data_paths), self.sha256)

    def _find(self, data_paths: DataPaths) -> Path | None:
        if path := os.environ.get(self.variable):
            return Path(path)
        caches = os.environ.get("XDG_CACHE_HOME", "~/.cache")
        hub = Path(os.environ.get("TORCH_HOME", f"{caches}/torch")).expanduser() / "hub" / "checkpoints"
        return next((folder / self.name for folder in (data_paths.cache, hub) if (folder / self.name).is_file()), None)

    def _download(self, data_paths: DataPaths) -> Path:
        from torch.hub import download_url_to_file

        data_paths.cache.mkdir(parents=True, exist_ok=True)
        target = data_paths.cache / self.name
        try:
            download_url_to_file(self.url, str(target), hash_prefix=self.sha256, progress=False)
        except (OSError, RuntimeError) as error:  # no network, or another checksum
            raise Unavailable(f"{self.url} cannot be downloaded ({error}): set {self.variable} to a copy") from error
        return target


def verify_checksum(path: Path, sha256: str) -> Path:
    """Return ``path`` if the file has this checksum.

    Raises:
        Unavailable: If the file cannot be read.
        BadData: If the file has another checksum.
    """
    try:
        found = checksum(path)
    except OSError as error:
        raise Unavailable(f"weights {path} cannot be read ({error.strerror})") from error
    if found != sha256:
        raise BadData(f"{path} is not the expected file: its sha256 is {found[:16]}..., not {sha256[:16]}...")
    return path
