"""Numbers of ``results.json`` that contradict each other: a file that was changed by hand is refused."""

import math
from collections.abc import Iterator

from suite.datasets.checks import Check, reasons_not_valid
from suite.results.models import Cell, ResultsFile
from suite.statistics.summaries import Verdict

TOLERANCE = 1e-6  # percentage points; numbers are stored without rounding


def contradiction(results: ResultsFile) -> str:
    """Return the first contradiction with the name of its field; empty if there is none."""
    of_datasets = {facts.name: facts.checks for facts in results.datasets}
    contradictions = (
        f"cells.{cell.case.id}.{text}"
        for cell in results.cells
        for text in _contradictions(cell, of_datasets.get(cell.dataset, ()))
    )
    return next(contradictions, "")


def _contradictions(cell: Cell, of_dataset: tuple[Check, ...]) -> Iterator[str]:
    mean = sum(accuracy / len(cell.accuracies) for accuracy in cell.accuracies)  # no overflow, whatever the file says
    if cell.mean is not None and not (cell.accuracies and math.isclose(cell.mean, mean, abs_tol=TOLERANCE)):
        yield "mean: it is not the mean of the accuracies"
    if (cell.comparison is None) != (cell.judgement is None):
        yield "judgement: there is a verdict without a comparison, or a comparison without a verdict"
    if cell.judgement is not None:
        is_valid = not reasons_not_valid((*of_dataset, *cell.checks))
        if is_valid == (cell.judgement.verdict is Verdict.NOT_VALID):
            yield "judgement.verdict: it does not follow from the checks"
    if cell.comparison is None or cell.judgement is None or cell.judgement.interval is None:
        return
    difference, judgement, (low, high) = cell.comparison.difference, cell.judgement, cell.judgement.interval
    if not low - TOLERANCE <= difference <= high + TOLERANCE:
        yield "judgement.interval: it does not contain the difference"
    if judgement.old_procedure:  # its intervals and verdicts had different levels
        return
    follows = {
        Verdict.HELPS: low > 0,
        Verdict.HURTS: high < 0,
        Verdict.NO_PRACTICAL_DIFFERENCE: max(-low, high) < (judgement.smallest_effect or math.inf),
        Verdict.UNDECIDED: low <= 0 <= high,
        Verdict.NOT_VALID: True,
    }
    if not follows[judgement.verdict]:
        yield "judgement.verdict: it does not follow from the interval"
