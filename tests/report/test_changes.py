"""Which cells changed beyond noise between two runs."""

from collections.abc import Callable

from suite.report.changes import compare
from suite.results.models import Results
from suite.statistics.verdict import Verdict


def _moved(results: Results, by: float, **update: object) -> Results:
    """Return the results with ``digits-cd-mix`` moved by so many points."""
    cells = tuple(
        cell.model_copy(update={"mean": (cell.mean or 0) + by, **update}) if cell.case.id == "digits-cd-mix" else cell
        for cell in results.cells
    )
    return results.model_copy(update={"cells": cells})


def test_nothing_changed(results: Results):
    table = compare(results, results)
    assert table.rows == ()
    assert table.notes == ("10 cells changed within noise or not at all.",)


def test_noise_is_that_of_both_runs(results: Results):
    old, new = (_moved(results, by, interval=(95.0, 101.0)) for by in (0, 4.2))
    assert compare(old, new).rows == (), "4.2 points lie within the noise of 3 and 3, which is 4.24"
    new = _moved(results, 4.3, interval=(95.0, 101.0))
    (row,) = compare(old, new).rows
    assert row[0] == "digits-cd-mix"
    assert row[3:5] == ("+4.3", "±4.2")


def test_with_one_seed_any_change_is_shown_as_such(results: Results):
    (row,) = compare(results, _moved(results, -0.1, interval=None)).rows
    assert row[4] == "one seed"


def test_cells_that_came_or_went(results: Results):
    fewer = results.model_copy(update={"cells": results.cells[1:]})
    assert [row[0:4] for row in compare(results, fewer).rows] == [("digits-org", "97.6", "", "gone")]
    assert [row[0:4] for row in compare(fewer, results).rows] == [("digits-org", "", "97.6", "new")]


def test_another_verdict_is_shown_though_the_number_stayed(results: Results):
    with_corrected_verdicts = next(cell.judgement for cell in results.cells if cell.case.id == "digits-cd-mix")
    assert with_corrected_verdicts is not None
    helps = with_corrected_verdicts.model_copy(update={"verdict": Verdict.HELPS})
    (row,) = compare(results, _moved(results, 0, judgement=helps)).rows
    assert row[-1] == "too few seeds -> helps"


def test_two_experiments_are_said_to_be_two(make_results: Callable[..., Results]):
    notes = compare(make_results(), make_results(profile="paper", evaluate="validation")).notes
    assert "profile: smoke before, paper now: not one experiment." in notes
    assert "evaluate: test before, validation now: not one experiment." in notes
