"""The manifest of an artifact: its recipe, what it was built with, and size and checksum of every payload file."""

import json
from pathlib import PurePosixPath
from typing import Annotated, Any, Literal, Protocol

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError

from suite.artifacts.files import digest, sealed
from suite.errors import UsageError, first_mistake

MANIFEST = "recipe.json"
RUN = "run.json"
FORMAT = 2
FORMATS = (1, 2)
SEAL = "sha256"
KEY_LENGTH = 32


def _validate_file_name(name: str) -> str:
    """Return the name of a payload file; raise ValueError for a name that could be outside of the artifact."""
    path = PurePosixPath(name)
    if not name.isprintable() or "\\" in name or str(path) != name or path.is_absolute() or ".." in path.parts:
        raise ValueError(f"{name!r} is not a name of a payload file")
    if name in (MANIFEST, RUN, "."):
        raise ValueError(f"{name!r} is not part of the payload")
    return name


class PayloadFile(BaseModel):
    """Checksum and size of one payload file.

    Attributes:
        sha256: Hexadecimal sha256 of the content.
        bytes: Size in bytes.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    sha256: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
    bytes: Annotated[int, Field(ge=0)]


class BuiltWith(BaseModel):
    """Kind of device and library versions of a build. Not part of the key.

    The same recipe gives the same bytes only where these are equal.

    Attributes:
        device: Kind of the device that the build computed on.
        versions: Versions of Python (``python``) and of the libraries that builds depend on, by package name.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    device: Literal["cpu", "cuda", "mps"]
    versions: dict[str, str]


class Manifest(BaseModel):
    """The content of ``recipe.json``.

    Attributes:
        format: Version of the manifest's format; a suite refuses manifests of a newer one. Format 1 has no
            ``built_with``.
        key: Key of the recipe.
        files: Payload files by name relative to the artifact.
        step: The recipe's step.
        version: The step's version.
        fields: The recipe's fields as JSON values; a recipe among them is ``{"recipe": key}``.
        built_with: What the artifact was built with; None if not known.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    format: int
    key: str
    files: dict[Annotated[str, AfterValidator(_validate_file_name)], PayloadFile]
    step: str
    version: int
    fields: dict[str, Any]
    built_with: BuiltWith | None = None

    @classmethod
    def parse(cls, data: bytes, artifact: str) -> "Manifest":
        """Parse and validate the content of a manifest file.

        A manifest contains a checksum of itself in every format, so that a damaged manifest is not mistaken for one
        of a newer suite. A manifest of format 1 may lack it.

        Args:
            data: Content of the file.
            artifact: Name of the artifact for error messages.

        Raises:
            ValueError: If the manifest is damaged.
            UsageError: If a newer version of the suite wrote it.
        """
        try:
            content = json.loads(data)
            if not isinstance(content, dict):
                raise ValueError("not a JSON object")
            seal = content.pop(SEAL, None)
            if seal is not None and seal != digest(content):
                raise ValueError("its own checksum does not match")
            number = content.get("format")
            if seal is not None and isinstance(number, int) and number > FORMAT:
                raise UsageError(
                    f"{artifact} was written by a newer suite (format {number}, this one reads up to {FORMAT}): "
                    "update the suite, or choose another --store"
                )
            manifest = cls.model_validate(content)
            if manifest.format not in FORMATS:
                raise ValueError(f"format {manifest.format} is unknown")
            if seal is None and manifest.format > 1:
                raise ValueError("its own checksum is missing")
            if manifest.key != key_of(manifest.description):
                raise ValueError("its key is not that of its recipe")
        except ValidationError as error:
            raise ValueError(first_mistake(error)) from error
        except RecursionError as error:
            raise ValueError("nested too deeply") from error
        return manifest

    @property
    def description(self) -> dict[str, Any]:
        """The recipe's description; the key is its hash."""
        return {"step": self.step, "version": self.version, "fields": self.fields}

    @property
    def sealed(self) -> dict[str, Any]:
        """The manifest as JSON values with its own checksum, as written to the file."""
        return sealed(self.model_dump(mode="json"))


class Described(Protocol):
    """The part of a recipe that the store uses: its key, its description and a label for messages."""

    @property
    def key(self) -> str:
        """The 32 hexadecimal digits that identify the artifact in the store."""
        ...

    @property
    def description(self) -> dict[str, Any]:
        """Step, version and fields as JSON values; the key is their hash."""
        ...

    @property
    def label(self) -> str:
        """A short name for messages."""
        ...


def key_of(description: dict[str, Any]) -> str:
    """Return the key of a recipe's description; raise ValueError if it contains NaN or infinity."""
    return digest(description)[:KEY_LENGTH]


def keys_in(value: Any) -> set[str]:
    """Return the keys of the recipes in a manifest's fields."""
    if isinstance(value, dict):
        if set(value) == {"recipe"} and isinstance(value["recipe"], str):
            return {value["recipe"]}
        value = list(value.values())
    return set().union(*(keys_in(item) for item in value)) if isinstance(value, list) else set()
