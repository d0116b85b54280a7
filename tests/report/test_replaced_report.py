"""What is said before a report is written over."""

from collections.abc import Callable

from suite.report.replaced_report import replaced
from suite.results.models import Results


def test_the_same_cells_or_more_replace_nothing(make_results: Callable[..., Results]) -> None:
    whole = make_results()
    assert replaced(whole, whole) == ""
    assert replaced(make_results(cells=whole.cells[:1]), whole) == ""


def test_results_that_are_gone_are_named(make_results: Callable[..., Results]) -> None:
    whole = make_results()
    gone = [cell.case.id for cell in whole.cells[1:] if cell.mean is not None]
    line = replaced(whole, make_results(cells=whole.cells[:1]))
    assert line.startswith(f"the report that was here had '{gone[0]}'")
    assert line.endswith(" too: --reports DIR keeps both")


def test_other_images_of_the_same_name_are_said(make_results: Callable[..., Results]) -> None:
    whole = make_results()
    (facts,) = whole.datasets
    other = make_results(datasets=(facts.model_copy(update={"content": "0" * 32}),))
    said = "the report that was here is of other images called 'digits': --reports DIR keeps both"
    assert replaced(whole, other) == said
