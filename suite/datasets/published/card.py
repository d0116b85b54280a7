"""Cards of published image sets: one TOML file in this package describes one set."""

import re
import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError

from suite.errors import UsageError, first_mistake

FOLDER = Path(__file__).parent
Text = Annotated[str, Field(pattern=r"^\S[^\n]*$")]


def _with_one_group(pattern: str) -> str:
    try:
        groups = re.compile(pattern).groups
    except re.error as error:
        raise ValueError(f"not a regular expression ({error})") from error
    if groups != 1:
        raise ValueError("needs exactly one group, for the code of the class")
    return pattern


class FileNameLabels(BaseModel):
    """Labels that are part of the paths of the files.

    Attributes:
        pattern: Regular expression that matches the whole path within the archive and whose only group is the code of
            the class. Files that do not match are left out.
        classes: Class name of each code; "" is the code of a group that took part in no match.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    pattern: Annotated[str, AfterValidator(_with_one_group)]
    classes: dict[str, Text]


class PublishedCard(BaseModel):
    """Description of a set of synthetic images that somebody published.

    Attributes:
        name: Name of the generator in options, case ids and reports; the name of the file.
        title: Name in prose.
        model: The model that made the images, and how.
        trained_on: Kind of images that the model was trained on.
        training_data: What these images are.
        url: Where the set was published.
        licence: Terms of use.
        citation: Work to cite.
        dataset: Name of the dataset that the images are for.
        archives: Names of the zip or directory under a data root, without ``.zip``.
        sha256: Checksum of the zip.
        download: Address of the zip for ``--download``; empty if it cannot be downloaded without an account.
        labels: How labels are encoded; None for one folder a class, named as the class.
        remarks: What a reader must know about the images, as short sentences.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9.-]*$")]
    title: Text
    model: Text
    trained_on: Literal["this train split", "the web", "another domain", "unknown"]
    training_data: Text
    url: Text
    licence: Text
    citation: Text
    dataset: Text
    archives: Annotated[tuple[Text, ...], Field(min_length=1)]
    sha256: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
    download: str = ""
    labels: FileNameLabels | None = None
    remarks: tuple[Text, ...] = ()

    @property
    def how_to_get(self) -> str:
        """How to get the files where they are missing, in one sentence."""
        download = "run with --download, or " if self.download else ""
        return f"{download}put {self.archives[0]}.zip under a --data-root; published at {self.url}"


def read_cards(folder: Path) -> dict[str, PublishedCard]:
    """Read every ``*.toml`` of a folder; returns the cards by name, in alphabetical order.

    Raises:
        UsageError: If a file is not valid; names the file and its first mistake.
    """
    cards = {}
    for path in sorted(folder.glob("*.toml")):
        try:
            cards[path.stem] = PublishedCard.model_validate(
                {"name": path.stem, **tomllib.loads(path.read_text("utf-8"))}
            )
        except ValidationError as error:
            raise UsageError(f"{path}: {first_mistake(error)}") from error
        except ValueError as error:  # not TOML, or not UTF-8
            raise UsageError(f"{path}: {error}") from error
    return cards


@cache
def published_cards() -> Mapping[str, PublishedCard]:
    """Return the cards of the suite by name."""
    return read_cards(FOLDER)
