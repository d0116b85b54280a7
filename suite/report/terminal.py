"""What the terminal shows at the end of a run, in 100 columns."""

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
PAIR = 2  # SYN and MIX of a generator stay together


def terminal_summary(results: Results, reports: Path, earlier: Results | None = None) -> str:
    """Return the tables as plain text, the best of each row marked, and where the report is.

    Args:
        results: What was found.
        reports: Directory of reports.
        earlier: An earlier run, to say what changed since.
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
    lines += [f"{doubt.kind}: {doubt.text}" for doubt in caveats(results)]
    lines += [f"deviation: {line}" for line in deviations(results)]
    lines += [f"not here: {line}" for line in reasons(results)]
    lines += [f"images: {line}" for told in remarks(results).values() for line in told]
    if lines:
        parts.append("\n".join(map(_wrapped, lines)))
    parts.append(f"report: {reports / results.profile / 'index.html'}")
    return "\n" + "\n\n".join(parts)


def plain(table: Table) -> str:
    """Return a table as text of at most ``WIDTH`` columns, as far as its cells allow.

    A table that is too wide gets its headings in several lines; if that is not enough, it is shown in several parts,
    each with the first column.
    """
    head = table.head
    if _width(body := _body(head, table.rows)) > WIDTH:
        head = tuple(_folded(name, cells) for name, cells in zip(head, zip(*table.rows, strict=True), strict=True))
        body = _body(head, table.rows)
    bodies = [body] if _width(body) <= WIDTH else _parts(head, table.rows)
    return "\n".join((table.title, "\n\n".join(bodies), *(_wrapped(note) for note in table.notes)))


def _folded(name: str, cells: tuple[str, ...]) -> str:
    """Return a heading no wider than its column's cells, as far as its words allow."""
    lines = name.replace(" (", "\n").replace(")", "").replace("_", "_\n").splitlines()
    width = max(1, *map(len, cells))
    return "\n".join(textwrap.fill(line, width, break_long_words=False, break_on_hyphens=False) for line in lines)


def _parts(head: tuple[str, ...], rows: tuple[tuple[str, ...], ...]) -> list[str]:
    """Return a table in parts of as many columns as fit, in pairs from the last; the first part takes what is odd."""
    columns = list(range(1, len(head)))
    groups = [columns[: len(columns) % PAIR]] if len(columns) % PAIR else []
    groups += [columns[start : start + PAIR] for start in range(len(columns) % PAIR, len(columns), PAIR)]
    parts: list[list[int]] = [[]]
    for group in groups:
        if parts[-1] and _width(_some(head, rows, [*parts[-1], *group])) > WIDTH:
            parts.append([])
        parts[-1] += group
    return [_some(head, rows, part) for part in parts]


def _some(head: tuple[str, ...], rows: tuple[tuple[str, ...], ...], columns: list[int]) -> str:
    chosen = [0, *columns]
    return _body(tuple(head[one] for one in chosen), tuple(tuple(row[one] for one in chosen) for row in rows))


def _body(head: tuple[str, ...], rows: tuple[tuple[str, ...], ...]) -> str:
    return str(tabulate(rows, headers=head, tablefmt="simple", disable_numparse=True))


def _width(text: str) -> int:
    return max(map(len, text.splitlines()), default=0)


def _wrapped(text: str) -> str:
    return textwrap.fill(text, WIDTH, subsequent_indent="  ", break_long_words=False, break_on_hyphens=False)
