"""Writing a report: the same results as page, LaTeX, Markdown, CSV and JSON; the pictures beside them; the bundle."""

import csv
import io
from collections.abc import Mapping
from pathlib import Path

from tabulate import tabulate

from suite.errors import UsageError
from suite.pictures.picture import PUBLISHED
from suite.report.caveats import caveats
from suite.report.changes import compare
from suite.report.latex import table1_tex
from suite.report.page import page
from suite.report.tables import (
    Table,
    deviations,
    differences,
    discriminator_table,
    filter_table,
    reasons,
    table1,
)
from suite.results.bundle import BUNDLE, bundle, results_json
from suite.results.models import Results

PAGE = "index.html"


def write_report(
    results: Results, reports: Path, pictures: Mapping[str, Path | bytes], earlier: Results | None = None
) -> Path:
    """Write a profile's report and return its folder.

    Args:
        results: What was found.
        reports: Directory of reports; the profile gets a folder in it.
        pictures: File name to picture, as a file or as its content. PNG and SVG are put beside the tables; the page and
            the bundle are made of SVG, thumbnails and their captions.
        earlier: An earlier run, to say what changed since; the bundle does not keep it.

    Raises:
        UsageError: If the folder cannot be written.
    """
    folder = reports / results.profile
    contents = {
        name: picture if isinstance(picture, bytes) else picture.read_bytes() for name, picture in pictures.items()
    }
    tables = [table1(results, best="**{}**"), differences(results)]
    if earlier is not None:
        tables.insert(0, compare(earlier, results))
    texts = {
        "results.json": results_json(results),
        "table1.md": "\n".join((*_made_by(results), *map(markdown, tables), *_lists(results))),
        "table1.csv": comma_separated(table1(results)),
        "table1.tex": table1_tex(results),
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
    """Write a file so that a reader sees the old one or the new one, never half of either."""
    beside = path.with_name(f".{path.name}.part")
    beside.write_bytes(content)
    beside.replace(path)


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


def _made_by(results: Results) -> list[str]:
    return [f"Made by `{results.command}`.\n"] if results.command else []


def _lists(results: Results) -> list[str]:
    parts = []
    if (filtered := filter_table(results)).rows:
        parts.append(markdown(filtered))
    if found := caveats(results):
        parts.append("**What to doubt**\n\n" + "".join(f"- {doubt.text}\n" for doubt in found))
    if lines := deviations(results):
        parts.append("**Deviations**\n\n" + "".join(f"- {line}\n" for line in lines))
    if lines := reasons(results):
        parts.append("**Not here**\n\n" + "".join(f"- {line}\n" for line in lines))
    return parts
