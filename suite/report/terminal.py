"""What the terminal shows at the end of a run."""

from pathlib import Path

from tabulate import tabulate

from suite.report.tables import Table, deviations, differences, discriminator_table, reasons, table1
from suite.results import Results


def terminal_summary(results: Results, reports: Path) -> str:
    """Return the tables as plain text, the best of each row marked, and where the report is.

    Args:
        results: What was found.
        reports: Directory of reports.
    """
    parts = [_plain(table1(results, best="*{}*"))]
    compared = differences(results)
    if compared.rows:
        parts.append(_plain(compared))
    if results.discriminators:
        parts.append(_plain(discriminator_table(results)))
    parts += (f"deviation: {line}" for line in deviations(results))
    parts += (f"not here: {line}" for line in reasons(results))
    parts.append(f"report: {reports / results.profile}")
    return "\n" + "\n\n".join(parts)


def _plain(table: Table) -> str:
    body = tabulate(table.rows, headers=table.head, tablefmt="simple", disable_numparse=True)
    return "\n".join((table.title, body, *table.notes))
