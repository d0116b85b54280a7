"""Writing a report: the same results as JSON, Markdown and CSV, and the pictures beside them."""

import csv
import io
import shutil
from collections.abc import Mapping
from pathlib import Path

from tabulate import tabulate

from suite.errors import UsageError
from suite.report.tables import Table, deviations, differences, discriminator_table, reasons, table1
from suite.results import Results

SCHEMA = Path(__file__).with_name("results.schema.json")


def write_report(results: Results, reports: Path, pictures: Mapping[str, Path]) -> Path:
    """Write a profile's report and return its folder.

    Args:
        results: What was found.
        reports: Directory of reports; the profile gets a folder in it.
        pictures: File name to picture, copied beside the tables.

    Raises:
        UsageError: If the folder cannot be written.
    """
    folder = reports / results.profile
    first, second = table1(results, best="**{}**"), differences(results)
    texts = {
        "results.json": results.model_dump_json(indent=1) + "\n",
        "table1.md": "\n".join((markdown(first), markdown(second), *_lists(results))),
        "table1.csv": comma_separated(table1(results)),
        "discriminator.md": markdown(discriminator_table(results)),
    }
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name, text in texts.items():
            (folder / name).write_text(text, encoding="utf-8")
        for name, picture in pictures.items():
            shutil.copyfile(picture, folder / name)
    except OSError as error:
        raise UsageError(f"reports {folder} cannot be written ({error.strerror}): choose another --reports") from error
    return folder


def markdown(table: Table) -> str:
    """Return a table as GitHub's Markdown, with its title and notes."""
    escaped = [tuple(cell.replace("|", "\\|") for cell in row) for row in table.rows]
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


def _lists(results: Results) -> list[str]:
    parts = []
    if lines := deviations(results):
        parts.append("**Deviations**\n\n" + "".join(f"- {line}\n" for line in lines))
    if lines := reasons(results):
        parts.append("**Not here**\n\n" + "".join(f"- {line}\n" for line in lines))
    return parts
