"""Finding the datasets that a run can use: the registered ones, and whatever lies under a data root."""

from dataclasses import dataclass
from pathlib import Path

from suite.artifacts import DataPaths
from suite.artifacts.build_context import ProgressCallback
from suite.datasets.content import Content, content_of
from suite.datasets.dataset import Card, Dataset, datasets
from suite.datasets.imagefolder import FoundDataset, candidates, name_of
from suite.datasets.naming import shown
from suite.errors import UsageError


@dataclass(frozen=True)
class Located:
    """A dataset whose files were found, and what they hold."""

    card: Card
    where: str
    content: Content

    @property
    def remarks(self) -> tuple[str, ...]:
        """What was left out or converted, a short sentence each."""
        return self.content.remarks


def find_dataset(name: str, data_paths: DataPaths) -> Dataset:
    """Return the dataset called ``name``: a registered one, else a directory or zip under a data root.

    Raises:
        UsageError: If there is none of this name, with those there are; if a data root is missing or empty.
    """
    strangers = _strangers(data_paths)
    if name in datasets:
        return datasets.get(name)
    if name in strangers:
        return FoundDataset(strangers[name])
    roots = ", ".join(shown(root) for root in data_paths.data_roots) or "none given"
    choices = ", ".join(shown(choice) for choice in available(data_paths))
    raise UsageError(f"unknown dataset '{shown(name)}': choose from {choices} (--data-root: {roots})")


def dataset_at(path: Path) -> str:
    """Return the name of the dataset that a directory or a zip is: a registered one's if it is called as that is."""
    name = name_of(path)
    return next((known for known in datasets if name in datasets.get(known).folders), name)


def available(data_paths: DataPaths) -> tuple[str, ...]:
    """Return the names of all datasets: the registered ones, then those found under the data roots; both sorted.

    Raises:
        UsageError: If a data root is missing or empty.
    """
    return (*datasets, *sorted(_strangers(data_paths)))


def locate(
    name: str, data_paths: DataPaths, memo: Path, *, read: bool = True, on_progress: ProgressCallback | None = None
) -> Located:
    """Find a dataset's files and their content.

    Args:
        name: Name of the dataset.
        data_paths: Where to look, and whether to download.
        memo: Directory in which contents are remembered.
        read: Whether files that are not remembered may be read.
        on_progress: Called with the images read and their total, if they have to be read.

    Raises:
        UsageError: If no dataset has this name, or a data root is missing or empty.
        Unavailable: If its files are not on this machine, or may not be read.
        BadData: If its files cannot be used.
    """
    dataset = find_dataset(name, data_paths)
    source = dataset.locate(data_paths)
    return Located(dataset.card, source.where, content_of(source, memo, read=read, on_progress=on_progress))


def _strangers(data_paths: DataPaths) -> dict[str, Path]:
    """Return the directories with sub-folders, and the zips, that no registered dataset reads."""
    known = {folder for name in datasets for folder in datasets.get(name).folders}
    found: dict[str, Path] = {}
    for path in candidates(data_paths):
        name = name_of(path)
        if name in known or not (path == data_paths.alone or path.is_file() or _has_folders(path)):
            continue
        if name in datasets and datasets.is_built_in(name):
            raise UsageError(f"{shown(path)} has the name of a dataset that is not read from there: rename it")
        found.setdefault(name, path)
    return found


def _has_folders(path: Path) -> bool:
    try:
        return any(entry.is_dir() and not entry.name.startswith(".") for entry in path.iterdir())
    except OSError:
        return True  # that it cannot be read is said when it is used
