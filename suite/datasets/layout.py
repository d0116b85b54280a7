"""Read the layout of an image folder: ``split/class/file`` or ``class/file``."""

from dataclasses import dataclass
from pathlib import PurePosixPath

from suite.datasets.archive import Files, Parts
from suite.datasets.naming import escaped, is_printable, normalised, quoted
from suite.errors import BadData

TRAIN = ("train", "training")
TEST = ("test", "testing")
VALIDATION = ("val", "valid", "validation")
METADATA = "metadata.csv"
TEXT_FILES = (".txt", ".caption", ".json", ".jsonl", ".csv", ".yaml", ".yml")  # generators write these beside images
EXPECTED = "lay the images out as train/<class>/<file> and test/<class>/<file>, or as <class>/<file>"
EXPECTED_WHOLE = "lay the images out as <class>/<file>"


@dataclass(frozen=True)
class Layout:
    """The class and the split of each file.

    Attributes:
        folders: Names of the class folders, sorted.
        train: The training images; all images if there is no split.
        test: The held-out images; None if there is no split.
        metadata: Every ``metadata.csv`` beside the class folders or above them.
        remarks: What was left out, or assigned to another split than its folder says.
    """

    folders: tuple[str, ...]
    train: tuple[Parts, ...]
    test: tuple[Parts, ...] | None
    metadata: tuple[Parts, ...]
    remarks: tuple[str, ...]


def read_layout(files: Files, *, whole: bool = False) -> Layout:
    """Find the classes and splits from the paths of files, without opening an image.

    Top folders that contain nothing but one folder are skipped. ``test`` is held out; without it, ``val``, ``valid`` or
    ``validation`` is. If both exist, the validation images join the training images, because the suite splits off its
    own validation set. Files outside the class folders, and text files within them, are left out.

    Args:
        files: The directory or zip.
        whole: Whether the folder should have no train and test split; changes the messages only.

    Raises:
        BadData: If the layout is not valid, a class has no image in a split, or there is only one class.
    """
    listing, expected = files.listing, EXPECTED_WHOLE if whole else EXPECTED
    top = _top(listing.folders)
    splits = _splits(files.where, _subfolders(listing.folders, top), listing.folders, expected)
    level = len(top) + bool(splits)
    deep = next((parts for parts in listing.files if len(parts) > level + 2), None)
    if deep is not None:
        raise BadData(f"{files.display_name(deep)} is too deep: {expected}")
    inside = [parts for parts in listing.files if len(parts) == level + 2]
    images = [parts for parts in inside if PurePosixPath(parts[-1]).suffix.casefold() not in TEXT_FILES]
    held_out, remarks = _held_out(splits)
    train = tuple(parts for parts in images if parts[:level] not in held_out)
    test = tuple(parts for parts in images if parts[:level] in held_out) if held_out else None
    folders = _check(
        files.where,
        {
            folder
            for split in splits or (top,)
            if split not in held_out
            for folder in _subfolders(listing.folders, split)
        },
        {folder for split in held_out for folder in _subfolders(listing.folders, split)} if held_out else None,
        {parts[:-1] for parts in images},
        expected,
    )
    outside = [parts for parts in listing.files if len(parts) < level + 2]
    metadata = tuple(parts for parts in outside if parts[-1].casefold() == METADATA)
    if len(outside) > len(metadata):
        others = ["/".join(parts) for parts in outside if parts not in metadata]
        remarks.append(f"files outside the class folders left out: {quoted(others)}")
    if len(inside) > len(images):
        remarks.append(f"text and table files beside the images left out: {len(inside) - len(images)}")
    if listing.hidden:
        remarks.append(f"hidden files left out: {listing.hidden}")
    return Layout(folders, train, test, metadata, tuple(remarks))


def _subfolders(folders: frozenset[Parts], parent: Parts) -> list[Parts]:
    return sorted(folder for folder in folders if folder[:-1] == parent and folder)


def _top(folders: frozenset[Parts]) -> Parts:
    """Return the innermost folder that contains everything; never a folder called ``test`` or ``val``."""
    top: Parts = ()
    while True:
        inner = _subfolders(folders, top)
        if len(inner) != 1 or not _subfolders(folders, inner[0]) or inner[0][-1].casefold() in TEST + VALIDATION:
            return top
        top = inner[0]


def _splits(where: str, candidates: list[Parts], folders: frozenset[Parts], expected: str) -> tuple[Parts, ...]:
    """Return the split folders; empty if ``candidates`` are class folders.

    Args:
        where: Location of the files, for messages.
        candidates: Folders that may be splits or classes.
        folders: All folders.
        expected: The expected layout, for messages.
    """
    splits = [
        folder
        for folder in candidates
        if folder[-1].casefold() in TRAIN + TEST + VALIDATION and _subfolders(folders, folder)
    ]
    if not any(folder[-1].casefold() in TRAIN for folder in splits):
        if splits and splits == candidates:
            raise BadData(f"{where} has {quoted(folder[-1] for folder in candidates)} and no train folder: {expected}")
        return ()
    others = [folder[-1] for folder in candidates if folder[-1].casefold() not in TRAIN + TEST + VALIDATION]
    if others:
        raise BadData(f"{where} has {quoted(others)} beside its split folders: move that elsewhere, or {expected}")
    return tuple(candidates)


def _held_out(splits: tuple[Parts, ...]) -> tuple[tuple[Parts, ...], list[str]]:
    test = tuple(split for split in splits if split[-1].casefold() in TEST)
    validation = tuple(split for split in splits if split[-1].casefold() in VALIDATION)
    if test and validation:
        joined, kept = (quoted(split[-1] for split in part) for part in (validation, test))
        return test, [f"images in {joined} join the training images, those in {kept} are held out"]
    return test or validation, []


def _check(
    where: str, train: set[Parts], test: set[Parts] | None, non_empty: set[Parts], expected: str
) -> tuple[str, ...]:
    """Return the names of the class folders, sorted; raises BadData if no classifier can be trained on them.

    Args:
        where: Location of the files, for messages.
        train: Class folders of the training images.
        test: Class folders of the held-out images; None if there is no split.
        non_empty: Class folders with images.
        expected: The expected layout, for messages.
    """
    classes = {folder[-1] for folder in train}
    for name in sorted(classes):
        if not is_printable(name):
            raise BadData(f"{where} has a class folder '{escaped(name)}' with unprintable characters: rename it")
    spellings: dict[str, str] = {}
    for name in sorted(classes):
        other = spellings.setdefault(normalised(name), name)
        if other != name:
            raise BadData(
                f"{where} has the class folders {quoted([other, name])}, which are two spellings of one name: put "
                "their images into one folder, or rename one if they are two classes"
            )
    if test is not None and classes != {folder[-1] for folder in test}:
        held_out = {folder[-1] for folder in test}
        raise BadData(
            f"{where} has different classes in its splits (train only: {quoted(sorted(classes - held_out)) or 'none'}; "
            f"held out only: {quoted(sorted(held_out - classes)) or 'none'}): every class needs images in both"
        )
    for folder in sorted(train | (test or set())):
        if folder not in non_empty:
            path = f"{where}/{escaped('/'.join(folder))}"
            raise BadData(f"{path} is an empty class folder: add images or remove the class")
    if not classes:
        raise BadData(f"{where} has no class folders: {expected}")
    if len(classes) == 1:
        raise BadData(f"{where} has one class only ({quoted(classes)}): a classifier needs at least two; {expected}")
    return tuple(sorted(classes))
