"""Subgroups of the test images, classes and values of an attribute: tables, and what an average hides in words."""

from collections.abc import Iterable, Sequence

from suite.report.comparisons import Compared, compared, considered, interval_text, is_valid
from suite.report.numbers import count, percent
from suite.report.tables import Table, ascii_rows
from suite.results.models import Cell, ResultsFile
from suite.statistics.subgroup_recipes import Subgroup
from suite.statistics.summaries import Verdict

SHOWN = 10  # gains and losses of each cell in a table
NAMED = 3  # subgroups in a sentence
NO_VALUE = "(none)"  # images without a value of the attribute
INTERVALS = "In brackets: intervals, 95 % jointly over the rows of a cell; exploratory, not part of the verdict."
ON_AVERAGE = {
    Verdict.HELPS: "helps on average",
    Verdict.NO_PRACTICAL_DIFFERENCE: "makes no practical difference on average",
    Verdict.UNDECIDED: "is undecided on average",
    Verdict.HURTS: "hurts on average",
}


def subgroup_tables(results: ResultsFile) -> tuple[Table, ...]:
    """Return the tables of classes and of the attribute's values that gain and lose, those that have rows.

    They have the cells that the answers are taken from. Of a cell with many subgroups, those with the largest gains and
    losses are shown.
    """
    shown = [cell for cell in _answering(results) if is_valid(cell)]
    columns = dict.fromkeys(cell.attribute for cell in results.cells if cell.attribute)
    tables = [_table("Classes that gain and lose", "class", [(cell, _extreme(cell.by_class)) for cell in shown])]
    for column in columns:
        of_column = [cell for cell in shown if cell.attribute == column]
        rows = [(cell, _extreme(cell.by_attribute)) for cell in of_column]
        tables.append(_table(f"Values of {column} that gain and lose", column, rows))
    return tuple(table for table in tables if table.rows)


def all_subgroups(results: ResultsFile) -> dict[str, Table]:
    """Return the tables of all subgroups of all cells, by file name without extension."""
    return {
        "classes": _table("Classes", "class", [(cell, cell.by_class) for cell in results.cells]),
        "groups": _table("Groups", "value", [(cell, cell.by_attribute) for cell in results.cells]),
    }


def hidden_by_average(comparisons: Iterable[Compared]) -> tuple[str, ...]:
    """Return a sentence for each valid cell with subgroups that do not follow its verdict, with their differences.

    Args:
        comparisons: Comparisons of one dataset.
    """
    sentences = []
    for one in comparisons:
        if one.judgement.verdict not in ON_AVERAGE:  # not valid
            continue
        sign = 1 if one.judgement.verdict is Verdict.HURTS else -1
        changed = _significant(one.cell.by_class, "the recall of {}", sign)
        changed += _significant(one.cell.by_attribute, f"the accuracy at {one.cell.attribute} {{}}", sign)
        if changed:
            verb = "raises" if sign > 0 else "lowers"
            more = f" and of {count(len(changed) - NAMED)} more" if len(changed) > NAMED else ""
            listed = ", ".join(changed[:NAMED])
            sentences.append(
                f"{one.generator} {ON_AVERAGE[one.judgement.verdict]}, but {verb} {listed}{more} against ORG"
            )
    return tuple(sentences)


def _answering(results: ResultsFile) -> list[Cell]:
    """Return the cells that the answers are taken from."""
    cells = []
    for dataset in dict.fromkeys(cell.dataset for cell in results.cells):
        of_dataset = [cell for cell in results.cells if cell.dataset == dataset]
        cells += [one.cell for one in considered(compared(of_dataset))]
    return cells


def _significant(subgroups: Iterable[Subgroup], phrase: str, sign: int) -> list[str]:
    """Return the subgroups whose difference has a sign and an interval that excludes zero, the largest first."""
    found = [(sign * (one.difference or 0), one) for one in subgroups if one.differs]
    ordered = sorted((pair for pair in found if pair[0] > 0), key=lambda pair: -pair[0])
    return [f"{phrase.format(one.name or NO_VALUE)} by {_size(one, sign)}" for _, one in ordered]


def _size(one: Subgroup, sign: int) -> str:
    """Return the size of a difference with its interval, ``6.1 points (2.0 to 10.2)``."""
    assert one.interval is not None
    low, high = sorted(sign * end for end in one.interval)
    return f"{sign * (one.difference or 0):.1f} points ({low:.1f} to {high:.1f})"


def _extreme(subgroups: Sequence[Subgroup]) -> Sequence[Subgroup]:
    ordered = sorted(subgroups, key=lambda one: -(one.difference or 0))
    return ordered if len(ordered) <= 2 * SHOWN else (*ordered[:SHOWN], *ordered[-SHOWN:])


def _table(title: str, subject: str, rows: Iterable[tuple[Cell, Sequence[Subgroup]]]) -> Table:
    """Return a table sorted by dataset and difference, the largest gain first."""
    listed = [(cell, one) for cell, subgroups in rows for one in subgroups]
    datasets = list(dict.fromkeys(cell.dataset for cell, _ in listed))
    listed.sort(key=lambda pair: (datasets.index(pair[0].dataset), -(pair[1].difference or 0)))
    head = ("case", subject, "images", "ORG", "Acc", "vs ORG", "change")
    last = None if any(one.differs for _, one in listed) else -1
    return Table(
        title,
        head[:last],
        ascii_rows(
            (
                cell.case.id,
                one.name or NO_VALUE,
                str(one.images),
                percent(one.org_accuracy) if one.org_accuracy is not None else "",
                percent(one.accuracy),
                interval_text(one.difference, one.interval) if one.difference is not None else "",
                _change(one),
            )[:last]
            for cell, one in listed
        ),
        (INTERVALS,) if any(one.interval for _, one in listed) else (),
    )


def _change(one: Subgroup) -> str:
    """Return ``gains`` or ``loses`` where the interval excludes zero."""
    return ("gains" if (one.difference or 0) > 0 else "loses") if one.differs else ""
