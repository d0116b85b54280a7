"""Write a report: the results as page, LaTeX, Markdown, CSV and JSON, the pictures, and the bundle."""

import csv
import io
from collections.abc import Mapping
from pathlib import Path

from tabulate import tabulate

from suite.errors import UsageError
from suite.pictures.picture import PUBLISHED
from suite.report.answers import answers
from suite.report.calibration_table import calibration_table
from suite.report.changes import compare
from suite.report.check_table import warnings
from suite.report.comparisons import not_valid
from suite.report.corruptions import corruption_table
from suite.report.latex import table1_tex
from suite.report.numbers import ascii_minus
from suite.report.page import page
from suite.report.subgroup_tables import all_subgroups, subgroup_tables
from suite.report.sweep_tables import sweep_tables
from suite.report.tables import (
    Table,
    deviations,
    differences,
    discriminator_table,
    reasons,
    table1,
)
from suite.results.bundle import BUNDLE, bundle, results_json
from suite.results.models import ResultsFile

PAGE = "index.html"


def write_report(
    results: ResultsFile, reports: Path, pictures: Mapping[str, Path | bytes], earlier: ResultsFile | None = None
) -> Path:
    """Write a profile's report and return its folder.

    Args:
        results: The results of a run.
        reports: Directory of reports; each profile has a folder in it.
        pictures: File name to picture, as a path or as its content. PNG and SVG files are copied into the folder; the
            page and the bundle use SVG, thumbnails and their captions.
        earlier: The results of an earlier run, to show what changed; not stored in the bundle.

    Raises:
        UsageError: If the folder cannot be written to.
    """
    folder = reports / results.profile
    contents = {
        name: picture if isinstance(picture, bytes) else picture.read_bytes() for name, picture in pictures.items()
    }
    tables = [table1(results, best="**{}**"), differences(results)]
    corruptions = corruption_table(results)
    if earlier is not None:
        tables.insert(0, compare(earlier, results))
    texts = {
        "results.json": results_json(results),
        "table1.md": "\n".join((*_first(results), *map(markdown, tables), *_lists(results))),
        "table1.csv": comma_separated(table1(results)),
        **({"corruptions.csv": comma_separated(corruptions)} if corruptions.rows else {}),
        "table1.tex": table1_tex(results),
        **{name: comma_separated(table) for name, table in _details(results).items()},
        "discriminator.md": markdown(discriminator_table(results)),
        PAGE: page(results, contents, earlier),
    }
    files = {
        **{name: text.encode() for name, text in texts.items()},
        **{name: content for name, content in contents.items() if Path(name).suffix in PUBLISHED},
        BUNDLE: bundle(results, contents),
    }
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name, content in files.items():
            _replace(folder / name, content)
    except OSError as error:
        raise UsageError(f"reports {folder} cannot be written ({error.strerror}): choose another --reports") from error
    return folder


def _replace(path: Path, content: bytes) -> None:
    """Replace a file atomically: a reader finds the old content or the new one, never a part of either."""
    partial = path.with_name(f".{path.name}.part")
    partial.write_bytes(content)
    partial.replace(path)


def markdown(table: Table) -> str:
    """Return a table as GitHub's Markdown, with its title and notes."""
    escaped = [tuple(cell.replace("|", "\\|").replace("\n", " ") for cell in row) for row in table.rows]
    body = tabulate(escaped, headers=table.head, tablefmt="github", disable_numparse=True)
    notes = "".join(f"\n{note}  " for note in table.notes)
    return f"**{table.title}**\n\n{body}\n{notes}\n"


def comma_separated(table: Table) -> str:
    """Return a table as CSV."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(table.head)
    writer.writerows(table.rows)
    return text.getvalue()


def _first(results: ResultsFile) -> list[str]:
    """Return what stands before the tables: the command, what is not valid, and the answers."""
    parts = [f"Made by `{results.command}`.\n"] if results.command else []
    if lines := not_valid(results.cells):
        parts.append("**Not valid**\n\n" + "".join(f"- {line}\n" for line in lines))
    given = [
        f"{answer.dataset}: {line}"
        for answer in answers(results)
        if answer.verdict
        for line in (answer.headline, *answer.hidden)
    ]
    if given:
        parts.append("**Answers**\n\n" + "".join(f"- {ascii_minus(line)}\n" for line in given))
    return parts


def _details(results: ResultsFile) -> dict[str, Table]:
    """Return the tables with a row for every class or cell, by file name; those that have rows."""
    tables = {"calibration": calibration_table(results), **all_subgroups(results)}
    return {f"{name}.csv": table for name, table in tables.items() if table.rows}


def _lists(results: ResultsFile) -> list[str]:
    calibration = calibration_table(results)
    tables = (*subgroup_tables(results), *([calibration] if calibration.rows else ()), *sweep_tables(results))
    parts = [markdown(table) for table in tables]
    if lines := warnings(results):
        parts.append("**Warnings**\n\n" + "".join(f"- {line}\n" for line in lines))
    if lines := deviations(results):
        parts.append("**Deviations**\n\n" + "".join(f"- {line}\n" for line in lines))
    if lines := reasons(results):
        parts.append("**Missing**\n\n" + "".join(f"- {line}\n" for line in lines))
    return parts
