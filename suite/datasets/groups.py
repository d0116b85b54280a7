"""Read ``metadata.csv``: groups of images that belong together (one lesion, patient or scene), and attributes."""

import csv
from collections.abc import Callable, Iterable
from io import StringIO
from pathlib import PurePosixPath

from suite.datasets.archive import Files, Parts
from suite.datasets.naming import quoted
from suite.errors import BadData, UsageError

GROUPS = ("group", "lesion", "patient", "subject", "case", "scene")
GROUP_COLUMNS = tuple(name + suffix for name in GROUPS for suffix in ("", "_id"))
FILE_COLUMNS = ("file", "file_name", "filename", "path", "image", "image_id", "isic_id")
DELIMITERS = ",;\t"  # spreadsheet programs use one of these, depending on their language


def read_groups(files: Files, tables: tuple[Parts, ...], images: Iterable[Parts]) -> dict[Parts, str]:
    """Return the group of every image that has one.

    The first column in ``GROUP_COLUMNS`` names the group. The first column in ``FILE_COLUMNS`` names the image: by its
    path from the table's folder or from the top folder, by its file name, or by its file name without extension.

    Args:
        files: The directory or zip that contains the tables and the images.
        tables: The ``metadata.csv`` files, with values separated by commas, semicolons or tabs. Tables without a group
            column are skipped.
        images: The images.

    Raises:
        BadData: If a table cannot be read, gives one image two groups, or names none of the images.
    """
    return _read_column(files, tables, images, GROUP_COLUMNS, lambda name: f"puts {name} into two groups")


def read_attribute_column(
    files: Files, tables: tuple[Parts, ...], images: Iterable[Parts], column: str
) -> dict[Parts, str]:
    """Return the value in a column for every image that has one; rows name images as in ``read_groups``.

    Args:
        files: The directory or zip that contains the tables and the images.
        tables: The ``metadata.csv`` files.
        images: The images.
        column: Name of the column; capitals and blanks do not matter.

    Raises:
        UsageError: If no table has the column.
        BadData: If a table cannot be read, gives one image two values, or names none of the images.
    """
    columns = dict.fromkeys(name for table in tables for name in _columns(_open(files, table)))
    if _normalised(column) not in columns:
        choices = f"its columns are {quoted(columns)}" if columns else "there is none"
        raise UsageError(f"--groups {column}: no such column in metadata.csv: {choices}")
    names = (_normalised(column),)
    return _read_column(files, tables, images, names, lambda name: f"gives {name} two values of {column}")


def _read_column(
    files: Files,
    tables: tuple[Parts, ...],
    images: Iterable[Parts],
    columns: tuple[str, ...],
    describe_conflict: Callable[[str], str],
) -> dict[Parts, str]:
    value_of: dict[Parts, str] = {}
    for table in tables:
        for name, value in _rows(files, table, columns):
            for key in _row_keys(table, name):
                if value_of.setdefault(key, value) != value:
                    conflict = describe_conflict(quoted([name]))
                    raise BadData(f"{files.display_name(table)} {conflict}: give the full paths")
    if not value_of:
        return {}
    values = {parts: _find_value(value_of, parts) for parts in images}
    if not any(value is not None for value in values.values()):
        name, first = files.display_name(tables[0]), "/".join(next(iter(value_of)))
        raise BadData(f"{name} names none of the images (first row: {quoted([first])}): correct the file names")
    return {parts: value for parts, value in values.items() if value}


def rows_without_image(files: Files, tables: Iterable[Parts], images: Iterable[Parts]) -> tuple[str, ...]:
    """Return a remark for every table with rows that name none of the images; see ``read_groups``."""
    known = {key for parts in images for key in _image_keys(parts)}
    counts = {
        table: sum(known.isdisjoint(_row_keys(table, name)) for name, _ in _rows(files, table, GROUP_COLUMNS))
        for table in tables
    }
    return tuple(f"rows of {'/'.join(table)} that name no image: {count}" for table, count in counts.items() if count)


def _row_keys(table: Parts, name: str) -> set[Parts]:
    parts = PurePosixPath(name.replace("\\", "/")).parts
    return {(*table[:-1], *parts), parts}


def _image_keys(parts: Parts) -> tuple[Parts, ...]:
    stem = PurePosixPath(parts[-1]).stem
    return parts, (*parts[:-1], stem), parts[-1:], (stem,)


def _find_value(value_of: dict[Parts, str], parts: Parts) -> str | None:
    return next((value_of[key] for key in _image_keys(parts) if key in value_of), None)


def without_groups(files: Files, tables: Iterable[Parts]) -> tuple[str, ...]:
    """Return a remark for every table without a group column, in case the column has an unexpected name."""
    columns = {"/".join(table): _columns(_open(files, table)) for table in tables}
    return tuple(
        f"no groups in {table}: its columns are {quoted(names)}, none of which is {', '.join(GROUPS[:3])} or similar"
        for table, names in columns.items()
        if not any(name in GROUP_COLUMNS for name in names)
    )


def _open(files: Files, table: Parts) -> "csv.DictReader[str]":
    text = files.read(table).decode("utf-8-sig")
    header = text.partition("\n")[0]
    return csv.DictReader(StringIO(text), strict=True, delimiter=max(DELIMITERS, key=header.count))


def _columns(rows: "csv.DictReader[str]") -> dict[str, str]:
    """Return the column names by their normalised form: lower case, words joined by underscores."""
    return {_normalised(name): name for name in rows.fieldnames or () if name}


def _normalised(column: str) -> str:
    return "_".join(column.casefold().split())


def _rows(files: Files, table: Parts, names: tuple[str, ...]) -> list[tuple[str, str]]:
    """Return the image of each row, and its value in the first of the named columns that the table has."""
    try:
        rows = _open(files, table)
        columns = _columns(rows)
        column = next((columns[name] for name in names if name in columns), None)
        if column is None:
            return []
        image = next((columns[name] for name in FILE_COLUMNS if name in columns), None)
        if image is None:
            raise BadData(f"{files.display_name(table)} has a column {column} but none with file names: call it 'file'")
        return [(row[image].strip(), (row[column] or "").strip()) for row in rows if row[image] and row[image].strip()]
    except (UnicodeDecodeError, csv.Error) as error:
        raise BadData(
            f"{files.display_name(table)} is not a CSV table in UTF-8 ({error}): save it as CSV again"
        ) from error
