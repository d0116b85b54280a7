"""How the folders of an image set are read: ``split/class/file`` or ``class/file``."""

from dataclasses import dataclass
from pathlib import PurePosixPath

from suite.datasets.archive import Files, Parts
from suite.datasets.naming import listed, printable, shown
from suite.errors import BadData

TRAIN = ("train", "training")
TEST = ("test", "testing")
VALIDATION = ("val", "valid", "validation")
METADATA = "metadata.csv"
WORDS = (".txt", ".caption", ".json", ".jsonl", ".csv", ".yaml", ".yml")  # what generators write beside an image
WANTED = "lay the images out as train/<class>/<file> and test/<class>/<file>, or as <class>/<file>"
WANTED_WHOLE = "lay the images out as <class>/<file>"


@dataclass(frozen=True)
class Layout:
    """Which file belongs to which class and split.

    Attributes:
        folders: Names of the class folders, sorted.
        train: The training images, or all images if they are not divided.
        test: The held-out images; None if the files come without a split.
        metadata: Every ``metadata.csv`` beside the class folders or above them.
        remarks: What was left out or put elsewhere than its folder says.
    """

    folders: tuple[str, ...]
    train: tuple[Parts, ...]
    test: tuple[Parts, ...] | None
    metadata: tuple[Parts, ...]
    remarks: tuple[str, ...]


def read_layout(files: Files, *, whole: bool = False) -> Layout:
    """Find the classes and splits in the names of files; opens no image.

    A single folder above the rest is skipped. ``test`` is held out; where there is none, ``val``, ``valid`` or
    ``validation`` is; where there are both, validation images join the training images, for the suite carves its
    own. Files outside the class folders are left out, and texts within them.

    Args:
        files: The directory or zip.
        whole: Whether images are wanted that are not divided; for the messages.

    Raises:
        BadData: If the folders can be read in no way, a class has no image in a split, or there is but one class.
    """
    listing, wanted = files.listing, WANTED_WHOLE if whole else WANTED
    above = _above(listing.folders)
    splits = _splits(files.where, _below(listing.folders, above), listing.folders, wanted)
    level = len(above) + bool(splits)
    deep = next((parts for parts in listing.files if len(parts) > level + 2), None)
    if deep is not None:
        raise BadData(f"{files.name_of(deep)} lies too deep: {wanted}")
    inside = [parts for parts in listing.files if len(parts) == level + 2]
    images = [parts for parts in inside if PurePosixPath(parts[-1]).suffix.casefold() not in WORDS]
    held_out, remarks = _held_out(splits)
    train = tuple(parts for parts in images if parts[:level] not in held_out)
    test = tuple(parts for parts in images if parts[:level] in held_out) if held_out else None
    kept_in = splits or (above,)
    folders = _check(
        files.where,
        {folder for top in kept_in if top not in held_out for folder in _below(listing.folders, top)},
        {folder for top in held_out for folder in _below(listing.folders, top)} if held_out else None,
        {parts[:-1] for parts in images},
        wanted,
    )
    loose = [parts for parts in listing.files if len(parts) < level + 2]
    metadata = tuple(parts for parts in loose if parts[-1].casefold() == METADATA)
    if len(loose) > len(metadata):
        others = ["/".join(parts) for parts in loose if parts not in metadata]
        remarks.append(f"files outside the class folders left out: {listed(others)}")
    if len(inside) > len(images):
        remarks.append(f"texts and tables beside the images left out: {len(inside) - len(images)}")
    if listing.hidden:
        remarks.append(f"hidden files left out: {listing.hidden}")
    return Layout(folders, train, test, metadata, tuple(remarks))


def _below(folders: frozenset[Parts], above: Parts) -> list[Parts]:
    return sorted(folder for folder in folders if folder[:-1] == above and folder)


def _above(folders: frozenset[Parts]) -> Parts:
    """Return the folder that everything is in, be it several levels down; not a lone ``test``."""
    above: Parts = ()
    while True:
        tops = _below(folders, above)
        if len(tops) != 1 or not _below(folders, tops[0]) or tops[0][-1].casefold() in TEST + VALIDATION:
            return above
        above = tops[0]


def _splits(where: str, tops: list[Parts], folders: frozenset[Parts], wanted: str) -> tuple[Parts, ...]:
    """Return the split folders, none if ``tops`` are class folders."""
    divided = [top for top in tops if top[-1].casefold() in TRAIN + TEST + VALIDATION and _below(folders, top)]
    if not any(top[-1].casefold() in TRAIN for top in divided):
        if divided and divided == tops:
            raise BadData(f"{where} has {listed(top[-1] for top in tops)} and no train folder: {wanted}")
        return ()
    strange = [top[-1] for top in tops if top[-1].casefold() not in TRAIN + TEST + VALIDATION]
    if strange:
        raise BadData(f"{where} has {listed(strange)} beside its split folders: move that elsewhere, or {wanted}")
    return tuple(tops)


def _held_out(splits: tuple[Parts, ...]) -> tuple[tuple[Parts, ...], list[str]]:
    test = tuple(top for top in splits if top[-1].casefold() in TEST)
    validation = tuple(top for top in splits if top[-1].casefold() in VALIDATION)
    if test and validation:
        joined, kept = (listed(top[-1] for top in tops) for tops in (validation, test))
        return test, [f"images in {joined} join the training images, those in {kept} are held out"]
    return test or validation, []


def _check(where: str, train: set[Parts], test: set[Parts] | None, filled: set[Parts], wanted: str) -> tuple[str, ...]:
    """Return the names of the class folders, sorted; raises BadData if no classifier can be trained on them."""
    classes = {folder[-1] for folder in train}
    for name in sorted(classes):
        if not printable(name):
            raise BadData(f"{where} has a class folder '{shown(name)}' with unprintable characters: rename it")
    if test is not None and classes != {folder[-1] for folder in test}:
        held_out = {folder[-1] for folder in test}
        raise BadData(
            f"{where} has different classes in its splits (train only: {listed(sorted(classes - held_out)) or 'none'}; "
            f"held out only: {listed(sorted(held_out - classes)) or 'none'}): every class needs images in both"
        )
    for folder in sorted(train | (test or set())):
        if folder not in filled:
            raise BadData(f"{where}/{shown('/'.join(folder))} is an empty class folder: add images or remove the class")
    if not classes:
        raise BadData(f"{where} has no class folders: {wanted}")
    if len(classes) == 1:
        raise BadData(f"{where} has one class only ({listed(classes)}): a classifier needs two; {wanted}")
    return tuple(sorted(classes))
