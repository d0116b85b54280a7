"""The warning before a report with other results is written over."""

from collections.abc import Callable

from suite.report.replaced_report import replaced
from suite.results.models import ResultsFile


def test_the_same_cells_or_more_give_no_warning(make_results: Callable[..., ResultsFile]) -> None:
    every = make_results()
    assert replaced(every, every) == ""
    assert replaced(make_results(cells=every.cells[:1]), every) == ""


def test_results_that_are_lost_are_named(make_results: Callable[..., ResultsFile]) -> None:
    every = make_results()
    lost = [cell.case.id for cell in every.cells[1:] if cell.mean is not None]
    line = replaced(every, make_results(cells=every.cells[:1]))
    assert line.startswith(f"the report that was here also had '{lost[0]}'")
    assert line.endswith(": keep both with --reports DIR")


def test_other_images_of_the_same_name_are_named(make_results: Callable[..., ResultsFile]) -> None:
    every = make_results()
    (facts,) = every.datasets
    other = make_results(datasets=(facts.model_copy(update={"content": "0" * 32}),))
    warning = "the report that was here was made from other images of 'digits': keep both with --reports DIR"
    assert replaced(every, other) == warning
