"""Verdicts on the cells of a table.

Verdicts are computed by the report, not by a recipe, because they depend on which cells are in the table. The code is
pure Python, so that a finished table can be shown without numpy or scipy.
"""

from collections.abc import Mapping
from enum import StrEnum

from pydantic import BaseModel, ConfigDict

from suite.statistics.holm import holm
from suite.statistics.summaries import Difference


class Verdict(StrEnum):
    """Conclusion about the effect of synthetic data in one case."""

    HELPS = "helps"
    HURTS = "hurts"
    NO_EVIDENCE = "no evidence"
    TOO_FEW_SEEDS = "too few seeds"


class Judgement(BaseModel):
    """A verdict with its evidence.

    Attributes:
        verdict: The verdict.
        adjusted_p: Holm-adjusted p-value; None with one classifier seed.
        powered: Whether the test has a power of 0.8 for the smallest effect of interest at the level that Holm's
            correction requires of this cell.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    verdict: Verdict
    adjusted_p: float | None
    powered: bool


def verdict(difference: float, adjusted_p: float | None, powered: bool, alpha: float) -> Verdict:
    """Return the verdict on one difference.

    A significant difference is ``helps`` or ``hurts`` for any number of seeds. A difference that is not significant is
    ``no evidence`` only if the test had enough power for the smallest effect of interest, otherwise ``too few seeds``.

    Args:
        difference: Difference in percentage points; positive if synthetic data improve the accuracy.
        adjusted_p: Holm-adjusted p-value; None if there was no test.
        powered: Whether the test has enough power for the smallest effect of interest.
        alpha: Family-wise error rate.
    """
    if adjusted_p is not None and adjusted_p <= alpha and difference != 0:
        return Verdict.HELPS if difference > 0 else Verdict.HURTS
    return Verdict.NO_EVIDENCE if powered and adjusted_p is not None else Verdict.TOO_FEW_SEEDS


def judge(table: Mapping[str, Difference], alpha: float) -> dict[str, Judgement]:
    """Return the verdicts on all cells of a table.

    Holm's correction tests the cells it does not reject at level ``alpha / number of cells not rejected``. A cell is
    ``no evidence`` only if its test has enough power at that level.

    Args:
        table: Difference from ``org`` of each cell.
        alpha: Family-wise error rate.
    """
    adjusted = holm({cell: difference.p for cell, difference in table.items()})
    not_rejected = sum(p is not None and p > alpha for p in adjusted.values())
    level = alpha / max(not_rejected, 1)
    judgements = {}
    for cell, difference in table.items():
        powered = difference.powered_level is not None and difference.powered_level <= level
        judgements[cell] = Judgement(
            verdict=verdict(difference.difference, adjusted[cell], powered, alpha),
            adjusted_p=adjusted[cell],
            powered=powered,
        )
    return judgements
