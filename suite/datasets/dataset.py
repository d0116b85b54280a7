"""A dataset: a named, versioned, licensed source of labelled images with a train and a test split."""

from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Literal, Protocol

from pydantic import BaseModel, ConfigDict

from suite.artifacts import DataPaths
from suite.registry import Registry

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

Split = Literal["train", "test"]


class Card(BaseModel):
    """Description of a dataset: what it is, its licence and source.

    Attributes:
        name: Name in options, ids and reports.
        title: Name in prose.
        version: Release of the images.
        licence: Terms of use.
        citation: Work to cite.
        url: Where it comes from.
        how_to_get: How to get the files where they are missing, in one sentence.
        classes: Class names in the order of the labels; empty to use the names of the class folders.
        prompts: Templates for text-to-image generators, each with ``{}`` for the class name.
        natural: Whether the images resemble those of ImageNet, so that the Inception Score is meaningful.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    title: str
    version: str
    licence: str
    citation: str
    url: str
    how_to_get: str
    classes: tuple[str, ...] = ()
    prompts: tuple[str, ...] = ("a photo of a {}",)
    natural: bool = True


@dataclass(frozen=True)
class Example:
    """One decoded image.

    Attributes:
        image: uint8, (H, W, 3), RGB.
        label: Index into the source's classes.
        group: Name of the group (such as a lesion or a patient), "" for none. A group is never divided between splits.
        name: Name of the image in its source, for messages.
        notes: The conversions made by decoding, such as ``greyscale`` or ``palette``.
    """

    image: "NDArray[np.uint8]"
    label: int
    group: str = ""
    name: str = ""
    notes: tuple[str, ...] = ()


class Source(Protocol):
    """The files of a dataset on this machine."""

    @property
    def where(self) -> str:
        """Location of the files, for the header and for messages."""
        ...

    @property
    def classes(self) -> tuple[str, ...]:
        """Class names in the order of the labels."""
        ...

    @property
    def divided(self) -> bool:
        """Whether the files have a test split; if not, ``examples("train")`` yields all images, to be divided."""
        ...

    @property
    def remarks(self) -> tuple[str, ...]:
        """What a user should know about how the files were read, one short sentence each."""
        ...

    def __len__(self) -> int:
        """Return the total number of images in both splits."""
        ...

    def fingerprint(self) -> str:
        """Return a text that changes when the files change, from paths, sizes and modification times only."""
        ...

    def examples(self, split: Split) -> Iterator[Example]:
        """Yield the decoded images of one split; raises BadData that names the file."""
        ...


class Dataset(ABC):
    """Base class of dataset plugins: describes a dataset and finds its files.

    Attributes:
        card: The description; its name is the plugin's name.
        folders: Names of the directory or zip under a data root that holds the files, without ``.zip``.
        aliases: Other names of class folders, such as WordNet ids, and the class that each stands for.
        download_bytes: Approximate download size with ``--download``; None if the dataset cannot be downloaded.
        statistics_of: Name of a dataset with the same images whose committed statistics are used for a dry run; empty
            to use the dataset's own.
    """

    card: Card
    folders: tuple[str, ...] = ()
    aliases: Mapping[str, str] = MappingProxyType({})
    download_bytes: int | None = None
    statistics_of: str = ""

    @property
    def name(self) -> str:
        """Name of the card."""
        return self.card.name

    @abstractmethod
    def locate(self, data_paths: DataPaths) -> Source:
        """Find the files without reading them.

        Raises:
            Unavailable: If they are not on this machine; the message says how to get them.
        """


datasets: Registry[Dataset] = Registry("dataset", "suite.datasets")
