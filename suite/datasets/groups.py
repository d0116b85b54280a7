"""Groups of images that belong together, as ``metadata.csv`` tells: of one lesion, one patient, one scene."""

import csv
from collections.abc import Iterable
from io import StringIO
from pathlib import PurePosixPath

from suite.datasets.archive import Files, Parts
from suite.datasets.naming import listed
from suite.errors import BadData

GROUPS = ("group", "lesion", "patient", "subject", "case", "scene")
GROUP_COLUMNS = tuple(name + end for name in GROUPS for end in ("", "_id"))
FILE_COLUMNS = ("file", "file_name", "filename", "path", "image", "image_id", "isic_id")
DELIMITERS = ",;\t"  # a spreadsheet's, depending on its language


def read_groups(files: Files, tables: tuple[Parts, ...], images: Iterable[Parts]) -> dict[Parts, str]:
    """Return the group of every image that has one.

    The first column of ``GROUP_COLUMNS`` that a table has names the group, the first of ``FILE_COLUMNS`` the image: by
    its path from the table's folder or from the top, by its file name, or by that without the extension.

    Args:
        files: The tree the tables and images are in.
        tables: The ``metadata.csv`` files, values parted by commas, semicolons or tabs; those without a group column
            are passed over.
        images: The images.

    Raises:
        BadData: If a table cannot be read, gives one image two groups, or names none of the images.
    """
    known: dict[Parts, str] = {}
    for table in tables:
        for name, group in _rows(files, table):
            parts = PurePosixPath(name.replace("\\", "/")).parts
            for key in {(*table[:-1], *parts), parts}:
                if known.setdefault(key, group) != group:
                    raise BadData(f"{files.name_of(table)} puts {listed([name])} into two groups: give whole paths")
    if not known:
        return {}
    groups = {parts: _group(known, parts) for parts in images}
    if not any(group is not None for group in groups.values()):
        place = files.name_of(tables[0])
        raise BadData(f"{place} names none of the images (first row: {listed(['/'.join(next(iter(known)))])}): fix it")
    return {parts: group for parts, group in groups.items() if group}


def _group(known: dict[Parts, str], parts: Parts) -> str | None:
    stem = PurePosixPath(parts[-1]).stem
    return next((known[key] for key in (parts, (*parts[:-1], stem), parts[-1:], (stem,)) if key in known), None)


def without_groups(files: Files, tables: Iterable[Parts]) -> tuple[str, ...]:
    """Return a remark for every table that has no column of groups, for it may be meant to have one."""
    columns = {"/".join(table): _columns(_open(files, table)) for table in tables}
    return tuple(
        f"no groups in {table}: its columns are {listed(names)}, and none is {', '.join(GROUPS[:3])} or the like"
        for table, names in columns.items()
        if not any(name in GROUP_COLUMNS for name in names)
    )


def _open(files: Files, table: Parts) -> "csv.DictReader[str]":
    text = files.read(table).decode("utf-8-sig")
    heading = text.partition("\n")[0]
    return csv.DictReader(StringIO(text), strict=True, delimiter=max(DELIMITERS, key=heading.count))


def _columns(rows: "csv.DictReader[str]") -> dict[str, str]:
    return {"_".join(name.casefold().split()): name for name in rows.fieldnames or () if name}


def _rows(files: Files, table: Parts) -> list[tuple[str, str]]:
    try:
        rows = _open(files, table)
        columns = _columns(rows)
        group = next((columns[name] for name in GROUP_COLUMNS if name in columns), None)
        if group is None:
            return []
        image = next((columns[name] for name in FILE_COLUMNS if name in columns), None)
        if image is None:
            raise BadData(f"{files.name_of(table)} has a column {group} but none that names files: call it 'file'")
        return [(row[image].strip(), (row[group] or "").strip()) for row in rows if row[image] and row[image].strip()]
    except (UnicodeDecodeError, csv.Error) as error:
        raise BadData(f"{files.name_of(table)} is no table in UTF-8 ({error}): save it as CSV again") from error
