"""Names that come from outside: of datasets, classes and files."""

import unicodedata
from collections.abc import Iterable, Mapping

SHOWN = 6
UNPRINTABLE = ("Cc", "Cs", "Zl", "Zp")


def printable(name: str) -> bool:
    """Return whether a name is one line of text: no control characters, line breaks or undecodable bytes."""
    return all(unicodedata.category(letter) not in UNPRINTABLE for letter in name)


def shown(text: object) -> str:
    """Return ``text`` as one printable line, unprintable characters as escapes."""
    if str(text).isprintable():  # the quick answer for nearly all names
        return str(text)
    return "".join(
        letter.encode("unicode_escape", "backslashreplace").decode()
        if unicodedata.category(letter) in UNPRINTABLE
        else letter
        for letter in str(text)
    )


def listed(names: Iterable[str]) -> str:
    """Return names as a short enumeration for a message: quoted, and cut after the first few."""
    every = list(names)
    first = ", ".join(f"'{shown(name)}'" for name in every[:SHOWN])
    return first + (f" and {len(every) - SHOWN} more" if len(every) > SHOWN else "")


def match_classes(
    folders: Iterable[str], classes: tuple[str, ...], aliases: Mapping[str, str] | None = None
) -> dict[str, int] | None:
    """Match the names of class folders to a dataset's classes.

    A folder is matched by the class name or one of its aliases (a WordNet id, say); case, and whether words are
    parted by blanks, ``_``, ``-`` or ``/``, do not matter as long as the classes stay distinct without them.

    Args:
        folders: Names of the folders.
        classes: Class names in the order of the labels.
        aliases: Other folder names of classes.

    Returns:
        The label of each folder, or None if they are not exactly one folder a class.
    """
    matched = _matched(folders, classes, aliases or {})
    return matched if sorted(matched.values()) == list(range(len(classes))) else None


def mismatch(
    folders: Iterable[str], classes: tuple[str, ...], aliases: Mapping[str, str] | None = None, *, whose: str
) -> str:
    """Return where folders and classes differ, and what to do, for a message; takes what ``match_classes`` takes.

    Args:
        folders: Names of the folders.
        classes: Class names in the order of the labels.
        aliases: Other folder names of classes.
        whose: What the classes are those of.
    """
    matched = _matched(folders, classes, aliases or {})
    first = {label: folder for folder, label in reversed(matched.items())}
    strange = [folder for folder, label in matched.items() if label < 0]
    twice = [folder for folder, label in matched.items() if label >= 0 and first[label] != folder]
    without = [name for label, name in enumerate(classes) if label not in first]
    if twice:
        return f"({listed([first[matched[twice[0]]], twice[0]])} are one class): put their images into one folder"
    if not strange:
        return f"(only in {whose}: {listed(without)}): add images of that"
    if not without:
        return f"(only there: {listed(strange)}): remove that"
    return f"(only there: {listed(strange)}; only in {whose}: {listed(without)}): rename the folders"


def _matched(folders: Iterable[str], classes: tuple[str, ...], aliases: Mapping[str, str]) -> dict[str, int]:
    """Return the label of each folder, -1 for those that are no class."""
    plain = _plain if len({_plain(name) for name in classes}) == len(classes) else str
    labels = {plain(name): label for label, name in enumerate(classes)}
    for folder, name in aliases.items():
        labels.setdefault(plain(folder), classes.index(name))
    return {folder: labels.get(plain(folder), -1) for folder in folders}


def _plain(name: str) -> str:
    return " ".join(name.casefold().translate(str.maketrans("_-/", "   ")).split())
