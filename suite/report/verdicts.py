"""The verdicts of a table: they depend on which cells stand in it, so they are reached when it is made."""

from collections.abc import Sequence

from suite.results import Cell
from suite.statistics.holm import holm, verdict


def judged(cells: Sequence[Cell], alpha: float) -> tuple[Cell, ...]:
    """Return the cells with their verdicts, p-values corrected by Holm's method over all that were run.

    Args:
        cells: The table.
        alpha: Family-wise rate of wrong verdicts.
    """
    compared = {cell.case.id: cell.comparison for cell in cells if cell.comparison}
    adjusted = holm({name: comparison["p"] for name, comparison in compared.items()})
    return tuple(
        cell.model_copy(
            update={
                "comparison": {**cell.comparison, "p_adjusted": adjusted[cell.case.id]},
                "verdict": verdict(
                    cell.comparison["difference"], adjusted[cell.case.id], cell.comparison["powered"], alpha
                ),
            }
        )
        if cell.comparison
        else cell
        for cell in cells
    )
