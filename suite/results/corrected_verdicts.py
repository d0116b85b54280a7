"""Verdicts of a table. They depend on which cells the table has, so they are computed when it is made."""

from collections.abc import Sequence

from suite.results.models import Cell
from suite.statistics.verdict import Judgement, judge


def with_corrected_verdicts(cells: Sequence[Cell], alpha: float) -> tuple[Cell, ...]:
    """Return the cells with their verdicts; p-values are corrected by Holm's method over all cells that were run.

    The cells of Table 1 are one family and those of sweeps another, so that a sweep does not make the verdicts of
    Table 1 less certain.

    Args:
        cells: The cells of the table.
        alpha: Family-wise error rate.
    """
    judgements: dict[str, Judgement] = {}
    for swept in (False, True):
        family = (cell for cell in cells if (cell.variant is not None) is swept)
        judgements |= judge({cell.case.id: cell.comparison for cell in family if cell.comparison}, alpha)
    return tuple(cell.model_copy(update={"judgement": judgements.get(cell.case.id)}) for cell in cells)
