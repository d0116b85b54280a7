"""Finding the datasets that a run can use: the registered ones."""

from dataclasses import dataclass
from pathlib import Path

from suite.artifacts import Places
from suite.datasets.content import Content, content_of
from suite.datasets.dataset import Card, Dataset, datasets


@dataclass(frozen=True)
class Located:
    """A dataset whose files were found, and what they hold."""

    card: Card
    where: str
    content: Content


def find_dataset(name: str, places: Places) -> Dataset:  # noqa: ARG001 - strangers' folders are found by place
    """Return the dataset called ``name``; raises UsageError that names the choices."""
    return datasets.get(name)


def locate(name: str, places: Places, memo: Path) -> Located:
    """Find a dataset's files and their content.

    Raises:
        UsageError: If no dataset has this name.
        Unavailable: If its files are not on this machine.
        BadData: If its files cannot be used.
    """
    dataset = find_dataset(name, places)
    source = dataset.locate(places)
    return Located(dataset.card, source.where, content_of(source, memo))
