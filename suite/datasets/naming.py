"""Show, list and match the names of datasets, classes and files, which may hold any characters."""

import unicodedata
from collections.abc import Iterable, Mapping

MAX_QUOTED = 6
UNPRINTABLE = ("Cc", "Cs", "Zl", "Zp")


def is_printable(name: str) -> bool:
    """Return whether a name is one line of text: no control characters, line breaks or undecodable bytes."""
    return all(unicodedata.category(character) not in UNPRINTABLE for character in name)


def escaped(text: object) -> str:
    """Return ``text`` as one printable line, with unprintable characters as escapes."""
    if str(text).isprintable():  # fast path: true for nearly all names
        return str(text)
    return "".join(
        character.encode("unicode_escape", "backslashreplace").decode()
        if unicodedata.category(character) in UNPRINTABLE
        else character
        for character in str(text)
    )


def quoted(names: Iterable[str]) -> str:
    """Return names as a list for a message: each in quotes, and at most the first ``MAX_QUOTED``."""
    every = list(names)
    first = ", ".join(f"'{escaped(name)}'" for name in every[:MAX_QUOTED])
    return first + (f" and {len(every) - MAX_QUOTED} more" if len(every) > MAX_QUOTED else "")


def match_classes(
    folders: Iterable[str], classes: tuple[str, ...], aliases: Mapping[str, str] | None = None
) -> dict[str, int] | None:
    """Match the names of class folders to a dataset's classes.

    A folder matches a class by the class name or an alias (such as a WordNet id), both as ``normalised``, unless two
    classes would then have the same name.

    Args:
        folders: Names of the folders.
        classes: Class names in the order of the labels.
        aliases: Other folder names, and the class that each stands for.

    Returns:
        The label of each folder, or None if the folders and classes do not match one to one.
    """
    matched = _labels(folders, classes, aliases or {})
    return matched if sorted(matched.values()) == list(range(len(classes))) else None


def describe_mismatch(
    folders: Iterable[str], classes: tuple[str, ...], aliases: Mapping[str, str] | None = None, *, whose: str
) -> str:
    """Return how folders and classes differ and what to do, as the end of a message; see ``match_classes``.

    Args:
        folders: Names of the folders.
        classes: Class names in the order of the labels.
        aliases: Other folder names, and the class that each stands for.
        whose: Owner of the classes, for the message.
    """
    matched = _labels(folders, classes, aliases or {})
    first = {label: folder for folder, label in reversed(matched.items())}
    unknown = [folder for folder, label in matched.items() if label < 0]
    duplicates = [folder for folder, label in matched.items() if label >= 0 and first[label] != folder]
    unmatched = [name for label, name in enumerate(classes) if label not in first]
    if duplicates:
        folder = duplicates[0]
        return f"({quoted([first[matched[folder]], folder])} are the same class): put their images into one folder"
    if not unknown:
        return f"(only in {whose}: {quoted(unmatched)}): add images of these classes"
    if not unmatched:
        return f"(only in the folders: {quoted(unknown)}): remove these folders"
    return f"(only in the folders: {quoted(unknown)}; only in {whose}: {quoted(unmatched)}): rename the folders"


def _labels(folders: Iterable[str], classes: tuple[str, ...], aliases: Mapping[str, str]) -> dict[str, int]:
    """Return the label of each folder, -1 for folders that match no class."""
    normalise = normalised if len({normalised(name) for name in classes}) == len(classes) else str
    labels = {normalise(name): label for label, name in enumerate(classes)}
    for folder, name in aliases.items():
        labels.setdefault(normalise(folder), classes.index(name))
    return {folder: labels.get(normalise(folder), -1) for folder in folders}


def normalised(name: str) -> str:
    """Return a name without what spellings of one name differ in.

    These are case, the Unicode form (NFKC), and whether words are separated by blanks, ``_``, ``-`` or ``/``.
    """
    name = unicodedata.normalize("NFKC", name).casefold()
    return " ".join(name.translate(str.maketrans("_-/", "   ")).split())
