"""Comparison of two runs: cells that changed beyond noise."""

from collections.abc import Callable

from suite.report.changes import compare
from suite.results.models import ResultsFile
from suite.statistics.summaries import Verdict


def _changed(results: ResultsFile, by: float, **update: object) -> ResultsFile:
    """Return the results with the mean of ``digits-cd-mix`` changed by so many points."""
    cells = tuple(
        cell.model_copy(update={"mean": (cell.mean or 0) + by, **update}) if cell.case.id == "digits-cd-mix" else cell
        for cell in results.cells
    )
    return results.model_copy(update={"cells": cells})


def test_equal_runs_have_no_changes(results: ResultsFile):
    table = compare(results, results)
    assert table.rows == ()
    assert table.notes == ("10 cells changed within noise or not at all.",)


def test_noise_of_both_runs_is_added(results: ResultsFile):
    old, new = (_changed(results, by, interval=(95.0, 101.0)) for by in (0, 4.2))
    assert compare(old, new).rows == (), "4.2 points are within the noise of 3 and 3 points, which is 4.24"
    new = _changed(results, 4.3, interval=(95.0, 101.0))
    (row,) = compare(old, new).rows
    assert row[0] == "digits-cd-mix"
    assert row[3:5] == ("+4.3", "±4.2")


def test_with_one_seed_any_change_is_shown(results: ResultsFile):
    (row,) = compare(results, _changed(results, -0.1, interval=None)).rows
    assert row[4] == "one seed"


def test_cells_that_were_added_or_removed(results: ResultsFile):
    fewer = results.model_copy(update={"cells": results.cells[1:]})
    assert [row[0:4] for row in compare(results, fewer).rows] == [("digits-org", "97.7", "", "removed")]
    assert [row[0:4] for row in compare(fewer, results).rows] == [("digits-org", "", "97.7", "added")]


def test_a_changed_verdict_is_shown_even_if_the_accuracy_is_equal(results: ResultsFile):
    judgement = next(cell.judgement for cell in results.cells if cell.case.id == "digits-cd-mix")
    assert judgement is not None
    helps = judgement.model_copy(update={"verdict": Verdict.HELPS})
    (row,) = compare(results, _changed(results, 0, judgement=helps)).rows
    assert row[-1] == "undecided -> helps"


def test_verdicts_of_the_old_procedure_are_named(results: ResultsFile):
    judgement = next(cell.judgement for cell in results.cells if cell.case.id == "digits-cd-mix")
    assert judgement is not None
    old = _changed(results, 0, judgement=judgement.model_copy(update={"old_procedure": True}))
    assert compare(old, results).notes[1:] == ("Verdicts of one of the runs are those of the old procedure.",)
    assert len(compare(old, old).notes) == 1


def test_different_experiments_are_named(make_results: Callable[..., ResultsFile]):
    notes = compare(make_results(), make_results(profile="paper", evaluate="validation")).notes
    assert "profile: smoke before, paper now: not the same experiment." in notes
    assert "evaluate: test before, validation now: not the same experiment." in notes


def test_changed_images_are_named(make_results: Callable[..., ResultsFile]):
    (facts,) = make_results().datasets
    other = make_results(datasets=(facts.model_copy(update={"content": "0" * 32}),))
    assert compare(make_results(), other).notes[-1] == "digits: the images have changed: not the same experiment."
