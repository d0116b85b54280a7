"""Verdicts over a table.

Pure Python, and no step of the graph: a verdict depends on which cells stand in the table, so the report reaches it
when it is made, and a finished table is shown again without numpy or scipy.
"""

from collections.abc import Mapping
from enum import StrEnum

from pydantic import BaseModel, ConfigDict

from suite.statistics.holm import holm
from suite.statistics.summaries import Difference


class Verdict(StrEnum):
    """What may be said of a case."""

    HELPS = "helps"
    HURTS = "hurts"
    NO_EVIDENCE = "no evidence"
    TOO_FEW_SEEDS = "too few seeds"


class Judgement(BaseModel):
    """A verdict with what it rests on.

    Attributes:
        verdict: The verdict.
        adjusted_p: Holm-adjusted p-value; None where nothing could be tested.
        powered: Whether the smallest effect of interest would have been found at the level this cell had to meet.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    verdict: Verdict
    adjusted_p: float | None
    powered: bool


def verdict(difference: float, adjusted_p: float | None, powered: bool, alpha: float) -> Verdict:
    """Return the verdict on one difference.

    What is significant has been shown, however few the seeds. What is not has been ruled out only if the
    smallest effect of interest would have shown; otherwise the experiment could not have told.

    Args:
        difference: In points; positive favours synthetic data.
        adjusted_p: Holm-adjusted p-value, or None if nothing could be tested.
        powered: Whether the smallest effect of interest would have been found.
        alpha: Family-wise level.
    """
    if adjusted_p is not None and adjusted_p <= alpha and difference != 0:
        return Verdict.HELPS if difference > 0 else Verdict.HURTS
    return Verdict.NO_EVIDENCE if powered and adjusted_p is not None else Verdict.TOO_FEW_SEEDS


def judge(table: Mapping[str, Difference], alpha: float) -> dict[str, Judgement]:
    """Judge all cells of a table together.

    Holm leaves the cells it does not reject at level ``alpha / cells not rejected``; that is the level at which
    they would have had to show the smallest effect of interest to be called ``no evidence``.

    Args:
        table: Cell to its difference from ``org``.
        alpha: Family-wise level.
    """
    adjusted = holm({cell: found.p for cell, found in table.items()})
    standing = sum(p is not None and p > alpha for p in adjusted.values())
    level = alpha / max(standing, 1)
    judgements = {}
    for cell, found in table.items():
        powered = found.powered_level is not None and found.powered_level <= level
        judgements[cell] = Judgement(
            verdict=verdict(found.difference, adjusted[cell], powered, alpha),
            adjusted_p=adjusted[cell],
            powered=powered,
        )
    return judgements
