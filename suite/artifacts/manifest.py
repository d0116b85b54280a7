"""A manifest: what was made, by which recipe, and the size and checksum of every file of the payload."""

import json
from pathlib import PurePosixPath
from typing import Annotated, Any, Protocol

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError

from suite.artifacts.files import digest, sealed
from suite.errors import UsageError, first_mistake

MANIFEST = "recipe.json"
RUN = "run.json"
FORMAT = 1
SEAL = "sha256"
KEY_LENGTH = 32


def _inside(name: str) -> str:
    """Return the name of a payload file; raises ValueError for one that could lie outside of the artifact."""
    path = PurePosixPath(name)
    if not name.isprintable() or "\\" in name or str(path) != name or path.is_absolute() or ".." in path.parts:
        raise ValueError(f"{name!r} is no name of a payload file")
    if name in (MANIFEST, RUN, "."):
        raise ValueError(f"{name!r} is not the payload's")
    return name


class Promise(BaseModel):
    """What a manifest says of one file of the payload."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    sha256: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
    bytes: Annotated[int, Field(ge=0)]


class Manifest(BaseModel):
    """The content of ``recipe.json``.

    Attributes:
        format: Raised when an older suite could misread the artifact.
        key: Key of the recipe.
        files: Payload files by their names relative to the artifact.
        step: The recipe's step.
        version: The step's version.
        fields: The recipe's fields as JSON values, a recipe among them as ``{"recipe": key}``.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    format: int
    key: str
    files: dict[Annotated[str, AfterValidator(_inside)], Promise]
    step: str
    version: int
    fields: dict[str, Any]

    @classmethod
    def parse(cls, data: bytes, where: str) -> "Manifest":
        """Return the manifest that a file holds, once everything about it holds.

        A manifest carries a checksum of itself, whatever its format, so that a damaged one is never taken for one of a
        newer suite. One of format 1 may lack it.

        Args:
            data: The file's content.
            where: What to call the file's artifact in a message.

        Raises:
            ValueError: If it is damaged.
            UsageError: If it was written by a newer suite.
        """
        try:
            found = json.loads(data)
            if not isinstance(found, dict):
                raise ValueError("no object")
            seal = found.pop(SEAL, None)
            if seal is not None and seal != digest(found):
                raise ValueError("its checksum does not hold")
            written = found.get("format")
            if seal is not None and isinstance(written, int) and written > FORMAT:
                raise UsageError(
                    f"{where} was written by a newer suite (format {written}, this one reads {FORMAT}): "
                    "update the suite, or choose another --store"
                )
            manifest = cls.model_validate(found)
            if manifest.format != FORMAT:
                raise ValueError(f"there is no format {manifest.format}")
            if manifest.key != key_of(manifest.description):
                raise ValueError("its key is not that of its recipe")
        except ValidationError as error:
            raise ValueError(first_mistake(error)) from error
        except RecursionError as error:
            raise ValueError("nested too deeply") from error
        return manifest

    @property
    def description(self) -> dict[str, Any]:
        """The recipe, as its key is a hash of it."""
        return {"step": self.step, "version": self.version, "fields": self.fields}

    @property
    def sealed(self) -> dict[str, Any]:
        """What is written to the file."""
        return sealed(self.model_dump(mode="json"))


class Described(Protocol):
    """What the store has to know of a recipe: its key, its description and a label for messages."""

    @property
    def key(self) -> str:
        """The 32 hexadecimal digits under which the artifact is stored."""
        ...

    @property
    def description(self) -> dict[str, Any]:
        """Step, version and fields as JSON values; the key is a hash of them."""
        ...

    @property
    def label(self) -> str:
        """A few words for messages."""
        ...


def key_of(description: dict[str, Any]) -> str:
    """Return the key of a recipe's description; raises ValueError for values that JSON does not have."""
    return digest(description)[:KEY_LENGTH]


def keys_in(value: Any) -> set[str]:
    """Return the keys of the recipes in a manifest's fields."""
    if isinstance(value, dict):
        if set(value) == {"recipe"} and isinstance(value["recipe"], str):
            return {value["recipe"]}
        value = list(value.values())
    return set().union(*(keys_in(item) for item in value)) if isinstance(value, list) else set()
