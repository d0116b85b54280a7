"""The summary shown in the terminal at the end of a run, in 100 columns."""

import textwrap
from pathlib import Path

from tabulate import tabulate

from suite.report.caveats import caveats
from suite.report.changes import compare
from suite.report.tables import (
    Table,
    deviations,
    differences,
    discriminator_table,
    filter_table,
    reasons,
    remarks,
    table1,
)
from suite.results.models import Results

WIDTH = 100
PAIR = 2  # SYN and MIX of a generator stay in one part of a table


def terminal_summary(results: Results, reports: Path, earlier: Results | None = None) -> str:
    """Return the tables as plain text with the best of each row marked, caveats and notes, and the path of the report.

    Args:
        results: The results of a run.
        reports: Directory of reports.
        earlier: The results of an earlier run, to show what changed.
    """
    parts = [plain(table1(results, best="*{}*"))]
    compared = differences(results)
    if compared.rows:
        parts.append(plain(compared))
    filtered = filter_table(results)
    if filtered.rows:
        parts.append(plain(filtered))
    if results.discriminators:
        parts.append(plain(discriminator_table(results)))
    if earlier is not None:
        parts.append(plain(compare(earlier, results)))
    lines = [f"note: {line}" for line in results.notes]
    lines += [f"{caveat.kind}: {caveat.text}" for caveat in caveats(results)]
    lines += [f"deviation: {line}" for line in deviations(results)]
    lines += [f"missing: {line}" for line in reasons(results)]
    lines += [f"images: {line}" for dataset_lines in remarks(results).values() for line in dataset_lines]
    if lines:
        parts.append("\n".join(map(_wrapped, lines)))
    parts.append(f"report: {reports / results.profile / 'index.html'}")
    return "\n" + "\n\n".join(parts)


def plain(table: Table) -> str:
    """Return a table as text of at most ``WIDTH`` columns, unless a single cell is too wide.

    The headings of a table that is too wide are broken into lines; if it is still too wide, it is split into parts,
    each with the first column.
    """
    head = table.head
    if _width(body := _grid(head, table.rows)) > WIDTH:
        head = tuple(_folded(name, cells) for name, cells in zip(head, zip(*table.rows, strict=True), strict=True))
        body = _grid(head, table.rows)
    bodies = [body] if _width(body) <= WIDTH else _parts(head, table.rows)
    return "\n".join((table.title, "\n\n".join(bodies), *(_wrapped(note) for note in table.notes)))


def _folded(name: str, cells: tuple[str, ...]) -> str:
    """Return a heading broken between words into lines that are no wider than the column's cells, where possible."""
    lines = name.replace(" (", "\n").replace(")", "").replace("_", "_\n").splitlines()
    width = max(1, *map(len, cells))
    return "\n".join(textwrap.fill(line, width, break_long_words=False, break_on_hyphens=False) for line in lines)


def _parts(head: tuple[str, ...], rows: tuple[tuple[str, ...], ...]) -> list[str]:
    """Return a table in parts of as many columns as fit. Pairs of columns, counted from the last, are not split."""
    columns = list(range(1, len(head)))
    groups = [columns[: len(columns) % PAIR]] if len(columns) % PAIR else []
    groups += [columns[start : start + PAIR] for start in range(len(columns) % PAIR, len(columns), PAIR)]
    parts: list[list[int]] = [[]]
    for group in groups:
        if parts[-1] and _width(_columns(head, rows, [*parts[-1], *group])) > WIDTH:
            parts.append([])
        parts[-1] += group
    return [_columns(head, rows, part) for part in parts]


def _columns(head: tuple[str, ...], rows: tuple[tuple[str, ...], ...], columns: list[int]) -> str:
    indices = [0, *columns]
    return _grid(tuple(head[index] for index in indices), tuple(tuple(row[index] for index in indices) for row in rows))


def _grid(head: tuple[str, ...], rows: tuple[tuple[str, ...], ...]) -> str:
    return str(tabulate(rows, headers=head, tablefmt="simple", disable_numparse=True))


def _width(text: str) -> int:
    return max(map(len, text.splitlines()), default=0)


def _wrapped(text: str) -> str:
    return textwrap.fill(text, WIDTH, subsequent_indent="  ", break_long_words=False, break_on_hyphens=False)
