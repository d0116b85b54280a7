"""Read image folders: a directory or zip of ``split/class/file`` or ``class/file``."""

from collections.abc import Iterator, Mapping
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from suite.artifacts import DataPaths
from suite.datasets.archive import Files, Parts, open_files
from suite.datasets.dataset import Card, Dataset, Example, Source, Split
from suite.datasets.decode import EIGHT_BIT_VALUES, HIGH_BYTE, decode
from suite.datasets.groups import read_attribute_column, read_groups, rows_without_image, without_groups
from suite.datasets.in_threads import in_threads
from suite.datasets.layout import Layout, read_layout
from suite.datasets.naming import describe_mismatch, escaped, match_classes, quoted
from suite.errors import BadData, Unavailable, UsageError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


class ImageFolder:
    """A source that reads class folders. File names and images are read on first access.

    Args:
        path: A directory or a zip.
        classes: Class names in the order of the labels; empty to use the names of the folders, sorted.
        aliases: Other names of class folders, and the class that each stands for.
        whole: Whether the folder is one set without a train and test split, such as a set of synthetic images.

    Attributes:
        unreadable: If None, the first image that cannot be read raises an error. If a list, the error messages are
            appended to it and the images are skipped.
    """

    def __init__(
        self,
        path: Path,
        classes: tuple[str, ...] = (),
        aliases: Mapping[str, str] | None = None,
        *,
        whole: bool = False,
    ) -> None:
        self.path = path
        self.whole = whole
        self.unreadable: list[str] | None = None
        self._classes = classes
        self._aliases = dict(aliases or {})
        self._sixteen_bit: dict[str, str] = {}  # the first file with each range of values

    @property
    def where(self) -> str:
        """The path."""
        return escaped(self.path)

    @property
    def classes(self) -> tuple[str, ...]:
        """Class names in the order of the labels."""
        return self._classes or self.layout.folders

    @property
    def divided(self) -> bool:
        """Whether there is a folder of test images, or no split is needed."""
        return self.whole or self.layout.test is not None

    @property
    def remarks(self) -> tuple[str, ...]:
        """What was left out, which images have no group, and which rows of a table have no image."""
        if self.whole:
            return self.layout.remarks
        ungrouped = len(self) - len(self._groups)
        partly = (f"without a group: {ungrouped} images",) if self._groups and ungrouped else ()
        none = () if self._groups else without_groups(self._files, self.layout.metadata)
        unused = rows_without_image(self._files, self.layout.metadata, self._images)
        return (*self.layout.remarks, *partly, *none, *unused)

    def __len__(self) -> int:
        return len(self._images)

    def fingerprint(self) -> str:
        """Return the fingerprint of the files, with the classes and aliases that the folders are matched to."""
        return f"{open_files(self.path).fingerprint()} {self._classes} {sorted(self._aliases.items())}"

    def examples(self, split: Split) -> Iterator[Example]:
        """Yield the images of one split, or all images as ``train`` if there is no split.

        Raises:
            BadData: If an image cannot be read and ``unreadable`` is None; names the file. Also if some 16-bit files
                hold 8-bit values and others larger ones, because the range of the values is then not clear.
        """
        every = self.layout.train if split == "train" else self.layout.test or ()
        for parts, decoded in zip(every, in_threads(self._decode, every), strict=True):
            name = self._files.display_name(parts)
            try:
                if isinstance(decoded, BadData):
                    raise decoded
                image, notes = decoded
                self._check_range(name, notes)
            except BadData as error:
                if self.unreadable is None:
                    raise
                self.unreadable.append(str(error))
                continue
            yield Example(image, self.labels[parts[-2]], self._groups.get(parts, ""), name, notes)

    def attribute(self, column: str) -> dict[str, str]:
        """Return the value in a column of ``metadata.csv`` for every image that has one, by the name of the image.

        Args:
            column: Name of the column; capitals and blanks do not matter.

        Raises:
            UsageError: If no table has the column.
            BadData: If a table cannot be read, gives one image two values, or names none of the images.
        """
        values = read_attribute_column(self._files, self.layout.metadata, self._images, column)
        return {self._files.display_name(parts): value for parts, value in values.items()}

    def _decode(self, parts: Parts) -> "tuple[NDArray[np.uint8], tuple[str, ...]] | BadData":
        """Read and decode one file; an error is returned, so that it is raised in the order of the files."""
        try:
            return decode(self._files.read(parts), self._files.display_name(parts))
        except BadData as error:
            return error

    def _check_range(self, name: str, notes: tuple[str, ...]) -> None:
        """Refuse an image whose 16-bit file uses another range of values than one that was read before."""
        for note in {EIGHT_BIT_VALUES, HIGH_BYTE} & set(notes):
            self._sixteen_bit.setdefault(note, name)
            if len(self._sixteen_bit) > 1:
                small, large = self._sixteen_bit[EIGHT_BIT_VALUES], self._sixteen_bit[HIGH_BYTE]
                raise BadData(f"16-bit files: {small} has no value above 255, {large} has: save all images as 8-bit")

    @cached_property
    def layout(self) -> Layout:
        """Split and class of each file; raises BadData if the folders have no valid layout."""
        layout = read_layout(self._files, whole=self.whole)
        if self.whole and layout.test is not None:
            raise BadData(f"{self.where} is divided into train and test: give the folder that holds the class folders")
        return layout

    @cached_property
    def labels(self) -> dict[str, int]:
        """The label of each class folder; raises BadData if the folders do not match the classes."""
        matched = match_classes(self.layout.folders, self.classes, self._aliases)
        if matched is None:
            raise BadData(
                f"{self.where} has class folders {quoted(self.layout.folders)}, expected {quoted(self.classes)} "
                f"{describe_mismatch(self.layout.folders, self.classes, self._aliases, whose='the dataset')}, "
                "or rename the top folder to use it as a separate dataset"
            )
        return matched

    @cached_property
    def _groups(self) -> dict[Parts, str]:
        if self.whole:
            return {}
        return read_groups(self._files, self.layout.metadata, self._images)

    @property
    def _images(self) -> tuple[Parts, ...]:
        return (*self.layout.train, *(self.layout.test or ()))

    @cached_property
    def _files(self) -> Files:
        return open_files(self.path)


class FolderDataset(Dataset):
    """Base class of datasets that are image folders under a data root."""

    def locate(self, data_paths: DataPaths) -> Source:
        """Return the first directory or zip under a data root with one of the dataset's folder names."""
        path = find_in_data_roots(data_paths, self.folders)
        if path is None:
            raise unavailable(self.card)
        return ImageFolder(path, self.card.classes, self.aliases)


class UnregisteredDataset(Dataset):
    """A dataset without a card: a directory or zip, which also gives it its name.

    Args:
        path: The directory or zip.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.folders = (folder_name(path),)
        self.card = Card(
            name=folder_name(path),
            title=folder_name(path),
            version="as found",
            licence="not stated",
            citation="",
            url="",
            how_to_get=f"found at {escaped(path)}",
        )

    def locate(self, data_paths: DataPaths) -> Source:  # noqa: ARG002 - the path is known
        """Return the files of the directory or zip."""
        return ImageFolder(self.path)


def folder_name(path: Path) -> str:
    """Return the name of a directory, or the name of a zip without ``.zip``."""
    return path.stem if path.suffix.casefold() == ".zip" and not path.is_dir() else path.name


def dataset_paths(data_paths: DataPaths) -> Iterator[Path]:
    """Yield the paths that may be datasets: the only dataset of the run, or all directories and zips under data roots.

    Raises:
        UsageError: If a data root is missing, unreadable or empty.
    """
    if data_paths.alone is not None:
        yield data_paths.alone
    else:
        for root in data_paths.data_roots:
            yield from _entries(root)


def _entries(root: Path) -> list[Path]:
    """Return the directories, then the zips, of a data root, sorted by name; a zip as a data root is its only entry.

    Raises:
        UsageError: If the root is missing, unreadable or empty.
    """
    if root.is_file():
        return [root]
    try:
        paths = sorted(path for path in root.iterdir() if not path.name.startswith((".", "__MACOSX")))
    except OSError as error:
        raise UsageError(f"data root {escaped(root)} cannot be read ({error.strerror}): check --data-root") from error
    directories = [path for path in paths if path.is_dir()]
    found = directories + [path for path in paths if path.suffix.casefold() == ".zip" and path.is_file()]
    if not found:
        raise UsageError(f"data root {escaped(root)} contains no directory and no zip: check --data-root")
    return found


def find_in_data_roots(data_paths: DataPaths, names: tuple[str, ...]) -> Path | None:
    """Return the first directory or zip with one of these names; roots in their order, directories before zips."""
    return next((path for path in dataset_paths(data_paths) if folder_name(path) in names), None)


def unavailable(card: Card) -> Unavailable:
    """Return the error for a dataset that is not on this machine."""
    return Unavailable(f"{card.name} is not on this machine: {card.how_to_get}")
