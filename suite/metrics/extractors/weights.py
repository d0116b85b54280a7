"""Weight files: where they are looked for, how they are fetched, and that they are what they are called."""

import os
from dataclasses import dataclass
from pathlib import Path

from suite.artifacts import DataPaths
from suite.artifacts.files import checksum
from suite.errors import BadData, Unavailable


@dataclass(frozen=True)
class WeightFile:
    """A published file of weights.

    It is looked for at the path that the environment variable holds, then in the suite's downloads, then where
    torch.hub keeps what other programs fetched.

    Attributes:
        name: Its file name.
        url: Where it can be fetched.
        sha256: Its checksum; no other file is loaded.
        variable: Name of the environment variable.
    """

    name: str
    url: str
    sha256: str
    variable: str

    def check(self, data_paths: DataPaths) -> None:
        """Raise Unavailable, with the ways to get it, if it is neither here nor may be downloaded."""
        if self._found(data_paths) is None and not data_paths.download:
            raise Unavailable(
                f"weights {self.name} are not on this machine: allow --download, or get them from {self.url} "
                f"and set {self.variable} to their path"
            )

    def fetch(self, data_paths: DataPaths) -> Path:
        """Return the path of the file, downloaded if need be, its checksum verified.

        Raises:
            Unavailable: If it is not here, and may not or cannot be downloaded.
            BadData: If the file found is another one.
        """
        self.check(data_paths)
        return verified(self._found(data_paths) or self._download(data_paths), self.sha256)

    def _found(self, data_paths: DataPaths) -> Path | None:
        if chosen := os.environ.get(self.variable):
            return Path(chosen)
        caches = os.environ.get("XDG_CACHE_HOME", "~/.cache")
        hub = Path(os.environ.get("TORCH_HOME", f"{caches}/torch")).expanduser() / "hub" / "checkpoints"
        return next((folder / self.name for folder in (data_paths.cache, hub) if (folder / self.name).is_file()), None)

    def _download(self, data_paths: DataPaths) -> Path:
        from torch.hub import download_url_to_file

        data_paths.cache.mkdir(parents=True, exist_ok=True)
        target = data_paths.cache / self.name
        try:
            download_url_to_file(self.url, str(target), hash_prefix=self.sha256, progress=False)
        except (OSError, RuntimeError) as error:  # no network; or a file that is not the one promised
            raise Unavailable(f"{self.url} cannot be downloaded ({error}): set {self.variable} to a copy") from error
        return target


def verified(path: Path, sha256: str) -> Path:
    """Return ``path`` if the file has this checksum.

    Raises:
        Unavailable: If there is no such file.
        BadData: If it holds something else.
    """
    try:
        found = checksum(path)
    except OSError as error:
        raise Unavailable(f"weights {path} cannot be read ({error.strerror})") from error
    if found != sha256:
        raise BadData(f"{path} is not the file it should be: its sha256 is {found[:16]}..., not {sha256[:16]}...")
    return path
