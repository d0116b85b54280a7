"""An artifact: the directory built from a recipe, with a checksum for every file."""

from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from suite.artifacts.files import checksum, digest, read_json, read_tensors
from suite.artifacts.manifest import FORMAT, MANIFEST, RUN, SEAL, BuiltWith, Manifest
from suite.errors import BadArtifact

if TYPE_CHECKING:
    import numpy as np

__all__ = ["FORMAT", "MANIFEST", "RUN", "Artifact"]


class Artifact:
    """A finished artifact. Every file is verified against the manifest when it is first read.

    Attributes:
        path: Directory of the artifact.
        key: Key of its recipe.
    """

    def __init__(self, path: Path, key: str) -> None:
        self.path = path
        self.key = key
        self._verified: set[str] = set()

    @cached_property
    def manifest(self) -> Manifest:
        """The recipe's description and the size and sha256 of each payload file.

        Raises:
            BadArtifact: If the manifest cannot be read or belongs to another key.
            UsageError: If a newer version of the suite wrote it; the artifact is not damaged then.
        """
        try:
            manifest = Manifest.parse((self.path / MANIFEST).read_bytes(), str(self.path))
        except (OSError, ValueError) as error:
            raise BadArtifact(self.key, f"{self.path / MANIFEST} is not a manifest ({error})") from error
        if manifest.key != self.key:
            raise BadArtifact(self.key, f"{self.path / MANIFEST} is the manifest of {manifest.key}")
        return manifest

    @property
    def built_with(self) -> BuiltWith | None:
        """Kind of device and library versions of the build; None if the manifest does not state them.

        Equal bytes are only guaranteed between artifacts in which this is equal. Raises what ``manifest`` raises.
        """
        return self.manifest.built_with

    @cached_property
    def run(self) -> dict[str, Any]:
        """Facts about this build: seconds, memory, device, versions. They may differ between two builds of one recipe.

        Empty if the file is missing or damaged; nothing depends on it.
        """
        try:
            run = dict(read_json(self.path / RUN))
            seal = run.pop(SEAL, None)
            return run if seal is None or seal == digest(run) else {}
        except (OSError, ValueError, TypeError, RecursionError):
            return {}

    def file(self, name: str) -> Path:
        """Return the path of a payload file after verifying its checksum.

        Args:
            name: Name of the file relative to the artifact.

        Raises:
            BadArtifact: If the manifest does not list the file, or its size or checksum differs.
        """
        path = self.path / name
        if name not in self._verified:
            expected = self.manifest.files.get(name)
            if expected is None:
                raise BadArtifact(self.key, f"{self.path} has no file {name}")
            try:
                size, found = path.stat().st_size, checksum(path)
            except OSError as error:
                raise BadArtifact(self.key, f"{path} cannot be read ({error.strerror})") from error
            if (size, found) != (expected.bytes, expected.sha256):
                raise BadArtifact(self.key, f"{path} does not have the checksum its manifest promises")
            self._verified.add(name)
        return path

    def json(self, name: str) -> Any:
        """Return the value of a JSON payload file.

        Args:
            name: Name of the file relative to the artifact.

        Raises:
            BadArtifact: If the file fails verification or is not JSON.
        """
        path = self.file(name)
        try:
            return read_json(path)
        except (ValueError, RecursionError) as error:
            raise BadArtifact(self.key, f"{path} is not JSON ({error})") from error

    def tensors(self, name: str) -> "dict[str, np.ndarray]":
        """Return the arrays of a safetensors payload file by name.

        Args:
            name: Name of the file relative to the artifact.

        Raises:
            BadArtifact: If the file fails verification or is not a safetensors file.
        """
        path = self.file(name)
        try:
            return read_tensors(path)
        except ValueError as error:
            raise BadArtifact(self.key, f"{path} is not a safetensors file ({error})") from error

    @property
    def bytes(self) -> int:
        """Size of the payload in bytes, according to the manifest."""
        return sum(expected.bytes for expected in self.manifest.files.values())

    def verify(self) -> None:
        """Verify every payload file; raise BadArtifact for the first one that is missing or damaged."""
        for name in self.manifest.files:
            self.file(name)
