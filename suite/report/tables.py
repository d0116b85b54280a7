"""Tables as text: Table 1 in the paper's layout, differences with their verdicts, the discriminator."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from suite.report.comparisons import (
    JOINT_LEVEL,
    compared,
    interval_text,
    is_ceiling,
    is_valid,
    seeds_range,
    seeds_text,
    verdict_text,
)
from suite.report.numbers import DASH, ascii_minus, count, short
from suite.results.measurements import values_by_seed
from suite.results.models import Cell, DiscriminatorResult, ResultsFile

MISSING = {"failed": "failed", "unavailable": "n/a", "not run": "-"}
DISTANCES = ("fid", "fd")
NOT_VALID_MARK = "!"


@dataclass(frozen=True)
class Table:
    """A table of text.

    Attributes:
        title: A short title.
        head: Names of the columns.
        rows: The cells, as text.
        notes: Sentences shown below the table.
    """

    title: str
    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    notes: tuple[str, ...] = ()


def table1(results: ResultsFile, *, best: str = "{}") -> Table:
    """Return the paper's Table 1: one row per dataset with ``ORG``, then ``SYN`` and ``MIX`` of each generator.

    Args:
        results: The results of a run.
        best: Format of the best accuracy of a row; ``{}`` is the number.
    """
    cells = [cell for cell in results.cells if cell.variant is None]
    generators = _in_order(cell.generator for cell in cells if cell.generator)
    synthetic = [(name, mode) for name in generators for mode in ("syn", "mix")]
    columns = [(None, "org"), *synthetic]
    head = ["", "ORG (Acc)"]
    head += [f"{mode.upper()}_{name.upper()} ({'Acc/IS/FD' if mode == 'syn' else 'Acc'})" for name, mode in synthetic]
    rows = []
    for dataset in _in_order(cell.dataset for cell in cells):
        row_cells = {(cell.generator, cell.mode): cell for cell in cells if cell.dataset == dataset}
        highest = highest_mean(row_cells.values())
        rows.append((dataset, *(_cell(row_cells.get(column), highest, best) for column in columns)))
    return Table(f"Table 1, profile {results.profile}", tuple(head), tuple(rows), tuple(_notes(results, cells)))


def differences(results: ResultsFile) -> Table:
    """Return the difference of each synthetic cell of Table 1 from ``org``, with its verdict.

    The numbers of a cell that is not valid stand behind the words.
    """
    comparisons = compared(results.cells)
    rows: list[tuple[str, ...]] = []
    for one in comparisons:
        numbers = interval_text(one.difference.difference, one.judgement.interval)
        shown, verdict = ("", f"{verdict_text(one.judgement)} ({numbers})")
        if is_valid(one.cell):
            shown, verdict = numbers, verdict_text(one.judgement)
        rows.append((one.cell.case.id, shown, verdict, seeds_text(one.judgement), one.at_equal_steps))
    head: tuple[str, ...] = ("case", "vs ORG", "verdict", "seeds", "at equal steps")
    head, rows = _without_empty(head, rows)
    procedures = {one.judgement.old_procedure for one in comparisons}
    notes = [f"In brackets: intervals, {JOINT_LEVEL}."] if False in procedures else []
    if True in procedures:
        notes.append("Old procedure: intervals are 95 % for each cell, verdicts corrected for all of them.")
    return Table("Does it help? Points of accuracy against ORG", head, ascii_rows(rows), tuple(notes))


def _without_empty(head: tuple[str, ...], rows: list[tuple[str, ...]]) -> tuple[tuple[str, ...], list[tuple[str, ...]]]:
    """Return a table without the columns after the third that say nothing in any row."""
    kept = [column for column in range(len(head)) if column < 3 or {row[column] for row in rows} - {"", DASH}]
    return tuple(head[column] for column in kept), [tuple(row[column] for column in kept) for row in rows]


def discriminator_table(results: ResultsFile) -> Table:
    """Return the discriminator test: accuracy of classifiers trained on real data, on real and synthetic images."""
    rows = [
        (row.dataset, row.generator, _percent(row, row.accuracy_real), _percent(row, row.accuracy_synthetic))
        for row in results.discriminators
    ]
    return Table(
        "Discriminator: trained on real images only, tested on",
        ("dataset", "generator", f"real {results.evaluate}", "synthetic"),
        tuple(rows),
    )


def reasons(results: ResultsFile) -> tuple[str, ...]:
    """Return why cells are missing: each reason once, with its cells, or with the dataset if it concerns all of it."""
    names_of_dataset: dict[str, list[str]] = {}
    missing: dict[tuple[str, str], list[str]] = {}
    cells = [(cell.dataset, cell.case.id, cell.reason) for cell in results.cells]
    rows = [
        (row.dataset, f"{row.dataset}-{row.generator} (discriminator)", row.reason) for row in results.discriminators
    ]
    for dataset, name, reason in (*cells, *rows):
        names_of_dataset.setdefault(dataset, []).append(name)
        if reason:
            missing.setdefault((reason, dataset), []).append(name)
    return tuple(
        f"{dataset if names == names_of_dataset[dataset] else ', '.join(names)}: {reason}"
        for (reason, dataset), names in missing.items()
    )


def remarks(results: ResultsFile) -> dict[str, tuple[str, ...]]:
    """Return remarks on each dataset: what was left out of the plan or could not be measured.

    Each line begins with the dataset, or with the dataset and the generator whose images it is about. Notes on build
    environments are not among them where they are the reason why a cell is not valid.
    """
    lines_of_dataset: dict[str, tuple[str, ...]] = {}
    for dataset in _in_order(cell.dataset for cell in results.cells):
        of_table1 = [cell for cell in results.cells if cell.dataset == dataset and not cell.variant]
        pairs = [(dataset, text) for cell in of_table1 if cell.mode == "org" and (text := _left_out(cell))]
        cells = [cell for cell in of_table1 if cell.generator]
        generators = {cell.generator for cell in cells}
        noted_by: dict[str, dict[str, None]] = {}
        for cell in cells:
            for note in cell.notes:
                noted_by.setdefault(note, {})[cell.generator or ""] = None
        for note, names in noted_by.items():
            if len(names) == len(generators) > 1:
                pairs.append((dataset, note))
            else:
                pairs += [(f"{dataset}-{name}", note) for name in names]
        subjects = _in_order(subject for subject, _ in pairs)
        lines = [f"{name}: {'; '.join(note for subject, note in pairs if subject == name)}" for name in subjects]
        if lines:
            lines_of_dataset[dataset] = tuple(lines)
    return lines_of_dataset


def _left_out(org: Cell) -> str:
    """Return how many test images were left out because they are training images, and ORG's accuracy with them."""
    if org.mean is None or org.mean_with_duplicates is None:
        return ""
    return (
        f"{count(org.duplicates)} test images are in the train split too, pixel for pixel, and were left out: ORG has "
        f"{org.mean:.1f} % without and {org.mean_with_duplicates:.1f} % with them (--keep-test-duplicates)"
    )


def deviations(results: ResultsFile) -> tuple[str, ...]:
    """Return the cells whose mean is outside the expected range, with both; in profile paper the paper's number too."""
    return tuple(
        f"{cell.case.id}: {cell.mean:.1f} lies outside the expected {cell.expected[0]:g} to {cell.expected[1]:g}"
        + (f", the paper has {cell.paper:g}" if results.profile == "paper" and cell.paper is not None else "")
        for cell in results.cells
        if cell.mean is not None and cell.expected and not cell.expected[0] <= cell.mean <= cell.expected[1]
    )


def highest_mean(cells: Iterable[Cell | None]) -> float | None:
    """Return the highest mean accuracy of the valid cells of a row, without the ceiling; None if no cell has one."""
    candidates = (cell for cell in cells if cell and is_valid(cell) and not is_ceiling(cell))
    return max((cell.mean for cell in candidates if cell.mean is not None), default=None)


def metric_of(cell: Cell, *words: str) -> float | None:
    """Return the value of the first metric whose id begins with one of ``words``, averaged over generator seeds."""
    for name, value in cell.metrics.items():
        if name.partition("(")[0] in words:
            return value
    return None


def seed_values(cell: Cell, name: str) -> str:
    """Return the single values of a metric that is a mean over generator seeds; empty with one generator seed.

    Args:
        cell: The cell.
        name: Id of the metric.
    """
    values = values_by_seed(cell.measurements, name)
    if len(values) < 2:
        return ""
    return f"mean over {len(values)} generator seeds of {', '.join(map(short, values))}"


def _cell(cell: Cell | None, highest: float | None, best: str) -> str:
    if cell is None:
        return ""
    if cell.mean is None:
        return MISSING.get(cell.status, "-")
    text = f"{cell.mean:.1f}"
    if not is_valid(cell):
        text += NOT_VALID_MARK
    elif cell.mean == highest:
        text = best.format(text)
    if cell.mode != "syn":
        return text
    score, distance = metric_of(cell, "is"), metric_of(cell, *DISTANCES)
    return "/".join((text, number_text(score), number_text(distance)))


def _notes(results: ResultsFile, cells: list[Cell]) -> Iterator[str]:
    yield f"Acc: mean percent on real {results.evaluate} images over {seeds_range(cells)}."
    if not all(map(is_valid, cells)):
        yield f"{NOT_VALID_MARK}: the cell is not valid."
    measured = [cell for cell in cells if cell.mode == "syn" and cell.metrics]
    for title, words in (("IS", ("is",)), ("FD", DISTANCES)):
        cells_by_id: dict[str, list[Cell]] = {}
        for cell in measured:
            if name := next((metric for metric in cell.metrics if metric.partition("(")[0] in words), None):
                cells_by_id.setdefault(name, []).append(cell)
        for name, measured_cells in cells_by_id.items():
            names = ", ".join(f"{cell.dataset}-{cell.generator}" for cell in measured_cells)
            yield f"{title}{f' of {names}' if len(cells_by_id) > 1 else ''}: {name}"
        for name, measured_cells in cells_by_id.items():
            for cell in measured_cells:
                if values := seed_values(cell, name):
                    yield f"{title} of {cell.dataset}-{cell.generator}: {values}"


def ascii_rows(rows: Iterable[tuple[str, ...]]) -> tuple[tuple[str, ...], ...]:
    """Return the rows with a hyphen for every minus sign."""
    return tuple(tuple(map(ascii_minus, row)) for row in rows)


def _percent(row: DiscriminatorResult, value: float | None) -> str:
    return MISSING.get(row.status, "-") if value is None else f"{value:.1f}"


def number_text(value: float | None) -> str:
    """Return a number with one decimal, or none from 1,000; a hyphen for None."""
    return "-" if value is None else f"{value:.1f}" if abs(value) < 1000 else f"{value:.0f}"


def _in_order(names: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(names))
