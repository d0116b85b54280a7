"""The verdicts of a table: they depend on which cells stand in it, so they are reached when it is made."""

from collections.abc import Sequence

from suite.results.models import Cell
from suite.statistics.verdict import Judgement, judge


def with_corrected_verdicts(cells: Sequence[Cell], alpha: float) -> tuple[Cell, ...]:
    """Return the cells with their verdicts, p-values corrected by Holm's method over all that were run.

    The cells of Table 1 are one family, those of sweeps another: exploring does not make the table less sure.

    Args:
        cells: The table.
        alpha: Family-wise rate of wrong verdicts.
    """
    judgements: dict[str, Judgement] = {}
    for swept in (False, True):
        family = (cell for cell in cells if (cell.variant is not None) is swept)
        judgements |= judge({cell.case.id: cell.comparison for cell in family if cell.comparison}, alpha)
    return tuple(cell.model_copy(update={"judgement": judgements.get(cell.case.id)}) for cell in cells)
