"""Find the datasets that a run can use: the registered ones, and the directories and zips under a data root."""

from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

from suite.artifacts import DataPaths
from suite.artifacts.build_context import ProgressCallback
from suite.datasets.checks import Check, run_rules
from suite.datasets.content import Content, load_content
from suite.datasets.dataset import Card, Dataset, datasets
from suite.datasets.image_checks import RELEASE_RULES, release_of
from suite.datasets.imagefolder import UnregisteredDataset, dataset_paths, folder_name
from suite.datasets.naming import escaped
from suite.datasets.published import published_cards
from suite.errors import UsageError
from suite.registry import RESERVED_WORDS


@dataclass(frozen=True)
class LocatedDataset:
    """A dataset whose files were found.

    Attributes:
        card: Its description.
        where: Location of the files.
        content: The content of the files.
    """

    card: Card
    where: str
    content: Content

    @property
    def checks(self) -> tuple[Check, ...]:
        """The outcome of every check on the images, and of the comparison with the release used in reports."""
        release = release_of(self.card.name, self.content.id, self.content.train, self.content.test)
        return self.content.checks + (run_rules(RELEASE_RULES, release) if release else ())


def find_dataset(name: str, data_paths: DataPaths) -> Dataset:
    """Return the dataset called ``name``: a registered one, else a directory or zip under a data root.

    Raises:
        UsageError: If there is none of this name, with the available names; if a data root is missing or empty, or
            holds a dataset whose name is not allowed.
    """
    unregistered = _unregistered(data_paths)
    if name in datasets:
        return datasets.get(name)
    if name in unregistered:
        return UnregisteredDataset(unregistered[name])
    roots = ", ".join(escaped(root) for root in data_paths.data_roots) or "none given"
    choices = ", ".join(escaped(choice) for choice in available(data_paths))
    raise UsageError(f"unknown dataset '{escaped(name)}': choose from {choices} (--data-root: {roots})")


def dataset_name(path: Path) -> str:
    """Return the name of the dataset in a directory or a zip: a registered one if it reads folders of this name."""
    name = folder_name(path)
    return next((registered for registered in datasets if name in datasets.get(registered).folders), name)


def available(data_paths: DataPaths, *, reserved: Collection[str] = ()) -> tuple[str, ...]:
    """Return the names of all datasets: the registered ones, then those found under the data roots; both sorted.

    Args:
        data_paths: The data roots.
        reserved: Names that a dataset under a data root must not have, besides ``RESERVED_WORDS``: those of installed
            generators.

    Raises:
        UsageError: If a data root is missing or empty, or holds a dataset whose name is not allowed.
    """
    return (*datasets, *sorted(_unregistered(data_paths, reserved)))


def locate(
    name: str,
    data_paths: DataPaths,
    cache: Path,
    *,
    read: bool = True,
    size: int | None = None,
    on_progress: ProgressCallback | None = None,
) -> LocatedDataset:
    """Find a dataset's files and their content.

    Args:
        name: Name of the dataset.
        data_paths: The data roots, the cache of downloads, and whether downloads are allowed.
        cache: Directory of cached contents.
        read: Whether the images may be read if their content is not in the cache.
        size: Height and width at which artifacts will need the images, as in ``load_content``.
        on_progress: Called with the number of images read so far and their total.

    Raises:
        UsageError: If no dataset has this name, or a data root is missing or empty.
        Unavailable: If its files are not on this machine, or may not be read.
        BadData: If its files cannot be used.
    """
    dataset = find_dataset(name, data_paths)
    source = dataset.locate(data_paths)
    content = load_content(source, cache, read=read, size=size, on_progress=on_progress)
    return LocatedDataset(dataset.card, source.where, content)


def _unregistered(data_paths: DataPaths, reserved: Collection[str] = ()) -> dict[str, Path]:
    """Return the directories with sub-folders, and the zips, that no registered dataset or published set reads."""
    registered = {folder for name in datasets for folder in datasets.get(name).folders}
    synthetic = {name for card in published_cards().values() for name in card.archives}
    forbidden = {word.casefold() for word in (*RESERVED_WORDS, *reserved)}  # pytest -k ignores case
    found: dict[str, Path] = {}
    for path in dataset_paths(data_paths):
        name, only = folder_name(path), path == data_paths.alone
        if name in registered or (name in synthetic and not only) or not (only or path.is_file() or _has_folders(path)):
            continue
        if name in datasets and datasets.is_built_in(name):
            raise UsageError(f"{escaped(path)} has the name of a dataset that is not read from there: rename it")
        if not only and name.casefold() in forbidden:
            raise UsageError(
                f"{escaped(path)} has the name of a mode or generator, so that -k {name.casefold()} would also select "
                "this dataset: rename it"
            )
        found.setdefault(name, path)
    return found


def _has_folders(path: Path) -> bool:
    try:
        return any(entry.is_dir() and not entry.name.startswith(".") for entry in path.iterdir())
    except OSError:
        return True  # the error is reported when the dataset is read
