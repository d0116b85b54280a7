"""Image sets in folders: any directory or zip of ``split/class/file`` or ``class/file``."""

from collections.abc import Iterator, Mapping
from functools import cached_property
from pathlib import Path

from suite.artifacts import DataPaths
from suite.datasets.archive import Files, Parts, open_files
from suite.datasets.dataset import Card, Dataset, Example, Source, Split
from suite.datasets.decode import decode
from suite.datasets.groups import read_groups, without_groups
from suite.datasets.layout import Layout, read_layout
from suite.datasets.naming import listed, match_classes, mismatch, shown
from suite.errors import BadData, Unavailable, UsageError


class ImageFolder:
    """The source that reads class folders; neither names nor images are looked at before they are asked for.

    Args:
        path: A directory or a zip.
        classes: Class names in the order of the labels; empty takes the folders' names, sorted.
        aliases: Other folder names of classes.
        whole: Whether to take all images as one set, as for images that are not divided into train and test.

    Attributes:
        unreadable: None makes the first image that cannot be read an error. A list takes their messages instead.
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
        self._wanted = classes
        self._aliases = dict(aliases or {})

    @property
    def where(self) -> str:
        """The path."""
        return shown(self.path)

    @property
    def classes(self) -> tuple[str, ...]:
        """Class names in the order of the labels."""
        return self._wanted or self.layout.folders

    @property
    def divided(self) -> bool:
        """Whether there is a folder of held-out images, or none is wanted."""
        return self.whole or self.layout.test is not None

    @property
    def remarks(self) -> tuple[str, ...]:
        """What the layout and the groups leave open."""
        if self.whole:
            return self.layout.remarks
        alone = len(self) - len(self._groups)
        partly = (f"without a group: {alone} images",) if self._groups and alone else ()
        none = () if self._groups else without_groups(self._files, self.layout.metadata)
        return (*self.layout.remarks, *partly, *none)

    def __len__(self) -> int:
        return len(self.layout.train) + len(self.layout.test or ())

    def fingerprint(self) -> str:
        """Join the files' fingerprint and what the folders are taken for."""
        return f"{open_files(self.path).fingerprint()} {self._wanted} {sorted(self._aliases.items())}"

    def examples(self, split: Split) -> Iterator[Example]:
        """Decode the images of one split, or all of them if there is but one; raises BadData that names the file."""
        for parts in self.layout.train if split == "train" else self.layout.test or ():
            name = self._files.name_of(parts)
            try:
                image, notes = decode(self._files.read(parts), name)
            except BadData as error:
                if self.unreadable is None:
                    raise
                self.unreadable.append(str(error))
                continue
            yield Example(image, self.labels[parts[-2]], self._groups.get(parts, ""), name, notes)

    @cached_property
    def layout(self) -> Layout:
        """Which file is what; raises BadData if the names do not tell."""
        layout = read_layout(self._files, whole=self.whole)
        if self.whole and layout.test is not None:
            raise BadData(f"{self.where} is divided into train and test: give the folder that holds the class folders")
        return layout

    @cached_property
    def labels(self) -> dict[str, int]:
        """The label of each class folder; raises BadData if the folders are not those of the classes wanted."""
        matched = match_classes(self.layout.folders, self.classes, self._aliases)
        if matched is None:
            raise BadData(
                f"{self.where} has class folders {listed(self.layout.folders)}, expected {listed(self.classes)} "
                f"{mismatch(self.layout.folders, self.classes, self._aliases, whose='the dataset')}, "
                "or rename the whole to make it a dataset of its own"
            )
        return matched

    @cached_property
    def _groups(self) -> dict[Parts, str]:
        if self.whole:
            return {}
        images = (*self.layout.train, *(self.layout.test or ()))
        return read_groups(self._files, self.layout.metadata, images)

    @cached_property
    def _files(self) -> Files:
        return open_files(self.path)


class FolderDataset(Dataset):
    """Base of the datasets that are image folders under a data root."""

    def locate(self, data_paths: DataPaths) -> Source:
        """Return the first directory or zip under a data root that has one of the dataset's names."""
        path = under_roots(data_paths, self.folders)
        if path is None:
            raise missing(self.card)
        return ImageFolder(path, self.card.classes, self.aliases)


class FoundDataset(Dataset):
    """A directory or zip that nobody registered: a dataset named after it."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.folders = (name_of(path),)
        self.card = Card(
            name=name_of(path),
            title=name_of(path),
            version="as found",
            licence="not stated",
            citation="",
            url="",
            get=f"found at {shown(path)}",
        )

    def locate(self, data_paths: DataPaths) -> Source:  # noqa: ARG002 - it was found already
        """Return the folder."""
        return ImageFolder(self.path)


def name_of(path: Path) -> str:
    """Return the name of the dataset that a directory or a zip is: without ``.zip``."""
    return path.stem if path.suffix.casefold() == ".zip" and not path.is_dir() else path.name


def candidates(data_paths: DataPaths) -> Iterator[Path]:
    """Yield what may be a dataset: the one that is looked at alone, or directories and zips under the data roots.

    Raises:
        UsageError: If a data root is missing, unreadable or empty.
    """
    if data_paths.alone is not None:
        yield data_paths.alone
    else:
        for root in data_paths.data_roots:
            yield from _entries(root)


def _entries(root: Path) -> list[Path]:
    """Return what may be a dataset under a data root: directories, then zips, by name. A zip is its own root.

    Raises:
        UsageError: If the root is missing, unreadable or empty.
    """
    if root.is_file():
        return [root]
    try:
        paths = sorted(path for path in root.iterdir() if not path.name.startswith((".", "__MACOSX")))
    except OSError as error:
        raise UsageError(f"data root {shown(root)} cannot be read ({error.strerror}): check --data-root") from error
    directories = [path for path in paths if path.is_dir()]
    found = directories + [path for path in paths if path.suffix.casefold() == ".zip" and path.is_file()]
    if not found:
        raise UsageError(f"data root {shown(root)} is empty, without a directory or a zip: check --data-root")
    return found


def under_roots(data_paths: DataPaths, names: tuple[str, ...]) -> Path | None:
    """Return the first directory, else zip, that has one of these names, root by root."""
    return next((path for path in candidates(data_paths) if name_of(path) in names), None)


def missing(card: Card) -> Unavailable:
    """Return the error of a dataset that is not on this machine."""
    return Unavailable(f"{card.name} is not on this machine: {card.get}")
