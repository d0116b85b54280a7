"""An artifact: what a recipe made, as a directory whose every file is checksummed."""

from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from suite.artifacts.files import checksum, digest, read_json, read_tensors
from suite.artifacts.manifest import FORMAT, MANIFEST, RUN, SEAL, Manifest
from suite.errors import BadArtifact

if TYPE_CHECKING:
    import numpy as np

__all__ = ["FORMAT", "MANIFEST", "RUN", "Artifact"]


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
    def manifest(self) -> Manifest:
        """The recipe's description and the size and sha256 of each payload file.

        Raises:
            BadArtifact: If it cannot be read, or belongs to another key.
            UsageError: If it was written by a newer version: nothing is wrong with it.
        """
        try:
            manifest = Manifest.parse((self.path / MANIFEST).read_bytes(), str(self.path))
        except (OSError, ValueError) as error:
            raise BadArtifact(self.key, f"{self.path / MANIFEST} is not a manifest ({error})") from error
        if manifest.key != self.key:
            raise BadArtifact(self.key, f"{self.path / MANIFEST} is the manifest of {manifest.key}")
        return manifest

    @cached_property
    def run(self) -> dict[str, Any]:
        """What is known of the build: seconds, memory, device, versions. Not part of the promise of equal bytes.

        Empty where it was lost or damaged: nothing depends on it.
        """
        try:
            run = dict(read_json(self.path / RUN))
            seal = run.pop(SEAL, None)
            return run if seal is None or seal == digest(run) else {}
        except (OSError, ValueError, TypeError, RecursionError):
            return {}

    def file(self, name: str) -> Path:
        """Return the path of a payload file whose checksum holds; raises BadArtifact otherwise."""
        path = self.path / name
        if name not in self._verified:
            promised = self.manifest.files.get(name)
            if promised is None:
                raise BadArtifact(self.key, f"{self.path} has no file {name}")
            try:
                size, found = path.stat().st_size, checksum(path)
            except OSError as error:
                raise BadArtifact(self.key, f"{path} cannot be read ({error.strerror})") from error
            if (size, found) != (promised.bytes, promised.sha256):
                raise BadArtifact(self.key, f"{path} does not have the checksum its manifest promises")
            self._verified.add(name)
        return path

    def json(self, name: str) -> Any:
        """Return a JSON payload file's value; raises BadArtifact if it is not what was promised, or no JSON."""
        path = self.file(name)
        try:
            return read_json(path)
        except (ValueError, RecursionError) as error:
            raise BadArtifact(self.key, f"{path} is no JSON ({error})") from error

    def tensors(self, name: str) -> "dict[str, np.ndarray]":
        """Return a safetensors payload file's arrays by name; raises BadArtifact as ``json`` does."""
        path = self.file(name)
        try:
            return read_tensors(path)
        except ValueError as error:
            raise BadArtifact(self.key, f"{path} holds no tensors ({error})") from error

    @property
    def bytes(self) -> int:
        """Size of the payload, as the manifest promises it."""
        return sum(promised.bytes for promised in self.manifest.files.values())

    def verify(self) -> None:
        """Check every payload file; raises BadArtifact for the first that does not hold."""
        for name in self.manifest.files:
            self.file(name)
