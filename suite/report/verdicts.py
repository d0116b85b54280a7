"""The verdicts of a table: they depend on which cells stand in it, so they are reached when it is made."""

from collections.abc import Sequence

from suite.results import Cell
from suite.statistics.verdict import judge


def judged(cells: Sequence[Cell], alpha: float) -> tuple[Cell, ...]:
    """Return the cells with their verdicts, p-values corrected by Holm's method over all that were run.

    Args:
        cells: The table.
        alpha: Family-wise rate of wrong verdicts.
    """
    compared = {cell.case.id: cell.comparison for cell in cells if cell.comparison is not None}
    judgements = judge(compared, alpha)
    return tuple(cell.model_copy(update={"judgement": judgements.get(cell.case.id)}) for cell in cells)
