"""The summary shown in the terminal at the end of a run, in 100 columns."""

import textwrap
from pathlib import Path

from tabulate import tabulate

from suite.report.answers import answers
from suite.report.changes import compare
from suite.report.check_table import check_tables
from suite.report.comparisons import not_valid
from suite.report.numbers import ascii_minus
from suite.report.sweep_tables import sweep_tables
from suite.report.tables import (
    Table,
    deviations,
    differences,
    discriminator_table,
    reasons,
    remarks,
    table1,
)
from suite.results.models import ResultsFile

WIDTH = 100
CELL_WIDTHS = (40, 28, 22, 18)  # in characters, tried in turn for the cells of a table that is too wide
PAIR = 2  # SYN and MIX of a generator stay in one part of a table


def terminal_summary(results: ResultsFile, reports: Path, earlier: ResultsFile | None = None) -> str:
    """Return the summary: what is not valid, answers, tables with the best of each row marked, warnings and notes.

    Args:
        results: The results of a run.
        reports: Directory of reports.
        earlier: The results of an earlier run, to show what changed.
    """
    first = [f"not valid: {line}" for line in not_valid(results.cells)]
    for answer in answers(results):
        first += [f"{answer.dataset}: {ascii_minus(answer.headline)}"] if answer.verdict else []
        first += [f"  {ascii_minus(line)}" for line in answer.hidden]
        first += [f"  worth in real images: {answer.worth}"] if answer.worth else []
        first += [f"  images: {ascii_minus(line)}" for line in answer.wrong_images]
        first += [f"  ceiling: {ascii_minus(answer.ceiling)}"] if answer.ceiling else []
    parts = ["\n".join(map(_wrapped, first))] if first else []
    parts.append(plain(table1(results, best="*{}*")))
    tables = (differences(results), *sweep_tables(results), discriminator_table(results))
    parts += [plain(table) for table in tables if table.rows]
    if earlier is not None:
        parts.append(plain(compare(earlier, results)))
    lines = [f"note: {line}" for line in results.notes]
    for dataset, table in check_tables(results).items():
        lines += [*(f"warning: {line}" for line in table.warnings), f"{dataset}: {table.summary}"]
    lines += [f"deviation: {line}" for line in deviations(results)]
    lines += [f"missing: {line}" for line in reasons(results)]
    lines += [f"note: {line}" for dataset_lines in remarks(results).values() for line in dataset_lines]
    if lines:
        parts.append("\n".join(map(_wrapped, lines)))
    parts.append(f"report: {reports / results.profile / 'index.html'}")
    return "\n" + "\n\n".join(parts)


def plain(table: Table) -> str:
    """Return a table as text of at most ``WIDTH`` columns, unless a single cell is too wide.

    Cells and headings of a table that is too wide are broken into lines; if it is still too wide, it is split into
    parts, each with the first column.
    """
    head, rows = table.head, table.rows
    for width in CELL_WIDTHS:
        if _width(body := _grid(head, rows)) <= WIDTH:
            break
        rows = tuple((first, *(_filled(cell, width) for cell in others)) for first, *others in table.rows)
        head = tuple(_folded(name, cells) for name, cells in zip(table.head, zip(*rows, strict=True), strict=True))
        body = _grid(head, rows)
    bodies = [body] if _width(body) <= WIDTH else _parts(head, rows)
    return "\n".join((table.title, "\n\n".join(bodies), *(_wrapped(note) for note in table.notes)))


def _folded(name: str, cells: tuple[str, ...]) -> str:
    """Return a heading broken between words into lines that are no wider than the column's cells, where possible."""
    lines = name.replace(" (", "\n").replace(")", "").replace("_", "_\n").splitlines()
    width = max([1, *(len(line) for cell in cells for line in cell.splitlines())])
    return "\n".join(_filled(line, width) for line in lines)


def _filled(text: str, width: int) -> str:
    return textwrap.fill(text, width, break_long_words=False, break_on_hyphens=False)


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
