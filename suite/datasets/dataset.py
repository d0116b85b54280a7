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
    """What a reader wants to know of a dataset before believing a number about it.

    Attributes:
        name: The word in options, ids and reports.
        title: The name in prose.
        version: Release of the images.
        licence: Terms of use.
        citation: Whom to cite.
        url: Where it comes from.
        get: One sentence: how to get it where it is missing.
        classes: Class names in the order of the labels; empty where only the files tell.
        prompts: Templates for text-to-image generators, each with ``{}`` for the class name.
        natural: Whether ImageNet's classes mean anything for these images, and with them the Inception Score.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    title: str
    version: str
    licence: str
    citation: str
    url: str
    get: str
    classes: tuple[str, ...] = ()
    prompts: tuple[str, ...] = ("a photo of a {}",)
    natural: bool = True


@dataclass(frozen=True)
class Example:
    """One decoded image.

    Attributes:
        image: uint8, (H, W, 3), RGB.
        label: Index into the source's classes.
        group: Images of one group (a lesion, a patient) never lie on both sides of a split; "" is no group.
        name: What the image is called in its source, for messages.
        notes: A word for each conversion that decoding took: ``greyscale``, ``palette``.
    """

    image: "NDArray[np.uint8]"
    label: int
    group: str = ""
    name: str = ""
    notes: tuple[str, ...] = ()


class Source(Protocol):
    """A dataset's files, found on this machine."""

    @property
    def where(self) -> str:
        """The place, for the header and for messages."""
        ...

    @property
    def classes(self) -> tuple[str, ...]:
        """Class names in the order of the labels."""
        ...

    @property
    def divided(self) -> bool:
        """Whether the files have a test split; if not, ``examples("train")`` is all and the suite divides it."""
        ...

    @property
    def remarks(self) -> tuple[str, ...]:
        """What a user should know of how the files were read, a short sentence each."""
        ...

    def __len__(self) -> int:
        """Return the number of images in both splits."""
        ...

    def fingerprint(self) -> str:
        """Return a text that changes when the files do, from paths, sizes and times alone."""
        ...

    def examples(self, split: Split) -> Iterator[Example]:
        """Decode the images of one split; raises BadData that names the file."""
        ...


class Dataset(ABC):
    """A plugin: says where its files are and what is known of them.

    Attributes:
        card: The description; its name is the plugin's.
        folders: Names under a data root, of a directory or a zip, by which ``locate`` finds the files.
        aliases: Other folder names of classes, such as WordNet ids, and the class each stands for.
        download_bytes: What ``--download`` fetches, about; None for a dataset that it does not fetch.
        counted_as: Name of the dataset whose committed statistics count these images too, where there are none of
            its own.
    """

    card: Card
    folders: tuple[str, ...] = ()
    aliases: Mapping[str, str] = MappingProxyType({})
    download_bytes: int | None = None
    counted_as: str = ""

    @property
    def name(self) -> str:
        """The card's name."""
        return self.card.name

    @abstractmethod
    def locate(self, data_paths: DataPaths) -> Source:
        """Find the files without reading them.

        Raises:
            Unavailable: If they are not there, with the way to get them.
        """


datasets: Registry[Dataset] = Registry("dataset", "suite.datasets")
