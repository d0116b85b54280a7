"""Tables of sweeps: every variant, sampling from real images, imbalanced real images, corruptions, and filters."""

from suite.report.comparisons import difference_text, seeds_text, verdict_text
from suite.report.corruptions import corruption_table
from suite.report.numbers import points
from suite.report.tables import Table, ascii_rows, number_text
from suite.results.copies import COPIES
from suite.results.models import Cell, ResultsFile

TAILS = ("imbalance", "reweighting")
FEWER_STEPS = (
    "A network trains for a number of epochs, so ORG takes fewer optimiser steps than MIX, and part of a gain can be "
    "due to the steps. A linear probe has no steps."
)


def sweep_tables(results: ResultsFile) -> tuple[Table, ...]:
    """Return the tables of sweeps that have rows."""
    tables = (
        sweep_table(results),
        strength_table(results),
        long_tail_table(results),
        corruption_table(results),
        filter_table(results),
    )
    return tuple(table for table in tables if table.rows)


def sweep_table(results: ResultsFile) -> Table:
    """Return accuracy, difference from ``org`` and exploratory verdict of every cell of a sweep."""
    rows = [
        (
            cell.case.id,
            f"{cell.mean:.1f}",
            difference_text(cell),
            verdict_text(cell.judgement) if cell.judgement else "",
            seeds_text(cell.judgement) if cell.judgement else str(len(cell.accuracies)),
        )
        for cell in results.cells
        if cell.variant is not None and cell.mean is not None
    ]
    head = ("case", "Acc", "vs ORG", "verdict (exploratory)", "seeds")
    return Table("Sweeps: exploratory, not part of the answer", head, ascii_rows(rows))


def strength_table(results: ResultsFile) -> Table:
    """Return the share of copies of training images at each strength of the noise, beside the accuracy."""
    rows = [
        (cell.case.id, number_text(cell.mean), difference_text(cell), _copied(cell))
        for cell in results.cells
        if _axis(cell) == "strength" and cell.mean is not None
    ]
    head = ("case", "Acc", "vs ORG", "copies of training images")
    note = "Copies: by distance in pixels to the nearest training image; a small strength makes copies."
    return Table("Sampling from noised real images", head, ascii_rows(rows), (note,))


def long_tail_table(results: ResultsFile) -> Table:
    """Return what imbalanced real images give alone, re-weighted, and filled up with synthetic ones.

    The rarest third are the classes with the fewest real images.
    """
    tails = {cell.case.id: cell for cell in results.cells if _axis(cell) in TAILS and cell.mean is not None}
    rows = []
    for name, cell in tails.items():
        factor = (cell.variant or "").partition("-")[2]
        reweighted = tails.get(f"{cell.dataset}-org-reweighting-{factor}")
        gain = "" if cell.mode == "org" or reweighted is None else points((cell.mean or 0) - (reweighted.mean or 0))
        rows.append((name, number_text(cell.balanced_accuracy), number_text(rarest_third(cell)), gain))
    head = ("case", "balanced Acc", "Acc of rarest third", "Acc vs re-weighted ORG")
    return Table("Long tail: imbalanced real images", head, ascii_rows(rows), (FEWER_STEPS,))


def rarest_third(cell: Cell) -> float | None:
    """Return the mean accuracy in percent on the third of the classes, at least one, with the fewest real images."""
    if cell.counts is None or not cell.per_class:
        return None
    fewest_first = sorted(zip(cell.counts.real, cell.per_class, strict=True), key=lambda pair: pair[0])
    values = [value for _, value in fewest_first[: max(1, len(fewest_first) // 3)] if value is not None]
    return sum(values) / len(values) if values else None


def filter_table(results: ResultsFile) -> Table:
    """Return how many images each filter kept, what the filter uses, and what the generator was trained on."""
    head = ("case", "kept", "of", "least of a class", "filter uses", "generator trained on")
    rows = [
        (
            cell.case.id,
            str(sum(filtering.after)),
            str(sum(filtering.before)),
            "{} of {}".format(
                *min(zip(filtering.after, filtering.before, strict=True), key=lambda pair: pair[0] / pair[1])
            ),
            ", ".join(filtering.uses),
            cell.trained_on or "",
        )
        for cell in results.cells
        if (filtering := cell.filtering) is not None
    ]
    return Table("Filters: synthetic images kept", head, tuple(rows))


def _copied(cell: Cell) -> str:
    shares = [share for name, share in cell.metrics.items() if name.startswith(COPIES) and "):train:" in name]
    return f"{shares[0]:.1%}" if shares and shares[0] is not None else "-"


def _axis(cell: Cell) -> str:
    return (cell.variant or "").partition("-")[0]
