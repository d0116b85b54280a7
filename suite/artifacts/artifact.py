"""An artifact: what a recipe made, as a directory whose every file is checksummed."""

from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from suite.artifacts.files import checksum, read_json, read_tensors
from suite.errors import BadArtifact

if TYPE_CHECKING:
    import numpy as np

MANIFEST = "recipe.json"
RUN = "run.json"
FORMAT = 1


class Artifact:
    """A finished artifact. Every file is verified against the manifest when it is first read.

    Attributes:
        path: The artifact's directory.
        key: The key of its recipe.
    """

    def __init__(self, path: Path, key: str) -> None:
        self.path = path
        self.key = key
        self._verified: set[str] = set()

    @cached_property
    def manifest(self) -> dict[str, Any]:
        """The recipe's description and the size and sha256 of each payload file.

        Raises:
            BadArtifact: If it cannot be read, belongs to another key, or was written by a newer version.
        """
        try:
            manifest = read_json(self.path / MANIFEST)
            written, key, files = int(manifest["format"]), str(manifest["key"]), dict(manifest["files"])
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise BadArtifact(self.key, f"{self.path / MANIFEST} is not a manifest ({error})") from error
        if written > FORMAT:
            raise BadArtifact(self.key, f"{self.path} has format {written}, newer than {FORMAT}: update the suite")
        if key != self.key:
            raise BadArtifact(self.key, f"{self.path / MANIFEST} is the manifest of {key}")
        return {**manifest, "files": files}

    @cached_property
    def run(self) -> dict[str, Any]:
        """What is known of the build: seconds, memory, device, versions. Not part of the promise of equal bytes."""
        try:
            return dict(read_json(self.path / RUN))
        except (OSError, ValueError):
            return {}

    def file(self, name: str) -> Path:
        """Return the path of a payload file whose checksum holds; raises BadArtifact otherwise."""
        path = self.path / name
        if name not in self._verified:
            promised = self.manifest["files"].get(name)
            if promised is None:
                raise BadArtifact(self.key, f"{self.path} has no file {name}")
            try:
                found = checksum(path)
            except OSError as error:
                raise BadArtifact(self.key, f"{path} cannot be read ({error.strerror})") from error
            if found != promised["sha256"]:
                raise BadArtifact(self.key, f"{path} does not have the checksum its manifest promises")
            self._verified.add(name)
        return path

    def json(self, name: str) -> Any:
        """Return a JSON payload file's value."""
        return read_json(self.file(name))

    def tensors(self, name: str) -> "dict[str, np.ndarray]":
        """Return a safetensors payload file's arrays by name."""
        return read_tensors(self.file(name))

    def verify(self) -> None:
        """Check every payload file; raises BadArtifact for the first that does not hold."""
        for name in self.manifest["files"]:
            self.file(name)
