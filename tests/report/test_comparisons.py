"""Words for comparisons with ``org``: verdicts with their reasons, seeds, and what is left at equal steps."""

from collections.abc import Callable

import pytest
from sample_results import not_valid

from suite.report.comparisons import Compared, compared, seeds_text, verdict_text
from suite.report.numbers import ascii_minus, duration_in_words
from suite.results.models import Cell, ResultsFile
from suite.statistics.summaries import Judgement, Verdict

OLD = {"old_procedure": True}


@pytest.mark.parametrize(
    ("verdict", "fields", "text"),
    [
        (Verdict.HELPS, {}, "helps"),
        (Verdict.HURTS, OLD, "hurts (old procedure)"),
        (Verdict.NO_PRACTICAL_DIFFERENCE, {"smallest_effect": 1.0}, "no practical difference (within 1)"),
        (Verdict.NO_PRACTICAL_DIFFERENCE, OLD, "no practical difference (old procedure)"),
        (Verdict.UNDECIDED, {"reason": "a verdict needs 5 seeds"}, "undecided: a verdict needs 5 seeds"),
        (Verdict.UNDECIDED, OLD, "undecided (old procedure)"),
        (Verdict.NOT_VALID, {"reason": "other devices"}, "not valid: other devices"),
    ],
)
def test_verdict_with_its_reason(verdict: Verdict, fields: dict[str, object], text: str):
    judgement = Judgement(verdict=verdict, interval=None)
    assert verdict_text(judgement.model_copy(update=fields)) == text


def test_stopped_is_only_an_undecided_cell_that_more_seeds_cannot_decide():
    undecided = Judgement(verdict=Verdict.UNDECIDED, interval=None, seeds=8)
    assert seeds_text(undecided) == "8"
    stopped = undecided.model_copy(update={"cannot_show_less_than": 2.5})
    assert seeds_text(stopped) == "8, stopped"
    assert seeds_text(stopped.model_copy(update={"verdict": Verdict.NOT_VALID})) == "8"
    assert seeds_text(undecided.model_copy(update={"seeds": None})) == "\N{EN DASH}"


def _compared(results: ResultsFile, *, change: Callable[[Cell], Cell] = lambda cell: cell) -> Compared:
    """Return digits-cd-mix after a change of the cells."""
    comparisons = compared([change(cell) for cell in results.cells])
    return next(one for one in comparisons if one.cell.case.id == "digits-cd-mix")


def test_equal_steps_are_those_of_the_budget_variant(swept: ResultsFile):
    assert ascii_minus(_compared(swept).at_equal_steps) == "-1.5 [-3.4, +0.4]"
    text = _compared(swept, change=lambda cell: not_valid(cell) if cell.variant == "budget" else cell).at_equal_steps
    assert ascii_minus(text) == "not valid: -1.5 [-3.4, +0.4]"


def test_without_it_the_ratio_of_steps_is_given_unless_it_is_about_one(results: ResultsFile):
    def with_steps(steps: int | None) -> str:
        def change(cell: Cell) -> Cell:
            cost = cell.training_cost
            if cell.case.id != "digits-cd-mix" or cost is None:
                return cell
            changed = None if steps is None else cost.model_copy(update={"steps": steps})
            return cell.model_copy(update={"training_cost": changed})

        return _compared(results, change=change).at_equal_steps

    assert with_steps(440) == "with 2.0 times the optimiser steps"
    assert with_steps(220) == with_steps(225) == with_steps(None) == ""


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0.2, "1 second"),
        (40, "40 seconds"),
        (89, "89 seconds"),
        (90, "2 minutes"),
        (1200, "20 minutes"),
        (3 * 3600, "3 hours"),
    ],
)
def test_durations_in_words(seconds: float, text: str):
    assert duration_in_words(seconds) == text
