"""The checks of a dataset as one table: on the page, and in short in the terminal."""

from collections.abc import Callable
from pathlib import Path

import pytest
from sample_results import not_valid, with_checks

from suite.datasets.checks import Check
from suite.report.check_table import check_tables, warnings
from suite.report.page import page
from suite.report.terminal import terminal_summary
from suite.report.writer import _lists
from suite.results.models import ResultsFile

LEAK = "12 of 360 test images are in the train split too, pixel for pixel"
COPIES = "50% of the synthetic images are copies of training images"


@pytest.fixture
def checked(make_results: Callable[..., ResultsFile]) -> ResultsFile:
    """Results in which every kind of outcome occurs."""
    return with_checks(
        make_results(),
        real=(Check(name="leaks", severity="warning", found=(LEAK,)), Check(name="readable", severity="not valid")),
        cd=(
            Check(name="copies", severity="warning", found=(COPIES,)),
            Check(name="readable", severity="not valid"),
            Check(name="sizes", severity="note", found=("2 sizes", "8 to 9 images")),
        ),
        sd=(
            Check(name="copies", severity="warning"),
            Check(name="readable", severity="not valid"),
            Check(name="sizes", severity="note", not_run="nobody looked"),
        ),
    )


def test_equal_outcomes_are_one_row_and_findings_come_first(checked: ResultsFile) -> None:
    table = check_tables(checked)["digits"]
    assert [(row.check.name, row.outcome, row.subjects) for row in table.rows] == [
        ("leaks", LEAK, "real images"),
        ("copies", COPIES, "cd"),
        ("sizes", "2 sizes; 8 to 9 images", "cd"),
        ("sizes", "not run: nobody looked", "sd"),
        ("readable", "passed", "real images, sd, cd"),
        ("copies", "passed", "sd"),
    ]
    assert table.summary == "Checks: 2 passed, 2 warnings, 1 note, 1 not run"
    assert table.warnings == (f"digits: {LEAK}", f"digits-cd: {COPIES}")


def test_of_sweeps_only_findings_are_listed(swept: ResultsFile, make_results: Callable[..., ResultsFile]) -> None:
    found = Check(name="copies", severity="warning", found=(COPIES,))
    passed = Check(name="readable", severity="not valid")
    cells = [
        cell.model_copy(update={"checks": (found, passed)})
        if cell.variant == "ratio-2" and cell.generator == "cd"
        else cell
        for cell in swept.cells
    ]
    (table,) = check_tables(make_results(cells=tuple(cells))).values()
    assert [(row.check.name, row.subjects) for row in table.rows] == [("copies", "cd ratio-2")]


def test_results_without_checks_have_no_table(make_results: Callable[..., ResultsFile]) -> None:
    assert check_tables(make_results()) == {}
    assert '<details class="checks">' not in page(make_results(), {})
    assert "Checks:" not in terminal_summary(make_results(), Path("reports"))


def test_the_page_shows_warnings_in_words_and_the_table_folded(checked: ResultsFile) -> None:
    shown = page(checked, {})
    digits = shown[shown.index('id="answer"') :].partition("</article>")[0]
    assert f'<p class="about caveat">warning: digits: {LEAK}</p>' in digits
    assert "<summary>Checks: 2 passed, 2 warnings, 1 note, 1 not run</summary>" in digits
    assert f"<strong>warning:</strong> {LEAK}" in digits
    assert "<strong>note:</strong> 2 sizes; 8 to 9 images" in digits
    assert shown.count("<details") == 1, "melanoma has no checks"


def test_the_terminal_has_warnings_and_the_summary_only(checked: ResultsFile) -> None:
    lines = terminal_summary(checked, Path("reports")).splitlines()
    assert f"warning: digits: {LEAK}" in lines
    assert f"warning: digits-cd: {COPIES}" in lines
    assert "digits: Checks: 2 passed, 2 warnings, 1 note, 1 not run" in lines
    assert not [line for line in lines if "2 sizes" in line]


def test_warnings_are_in_the_text_of_the_report(checked: ResultsFile, make_results: Callable[..., ResultsFile]) -> None:
    assert f"**Warnings**\n\n- digits: {LEAK}\n- digits-cd: {COPIES}\n" in _lists(checked)
    assert warnings(make_results()) == ()


def test_cells_of_different_build_environments_are_named_before_the_tables(
    make_results: Callable[..., ResultsFile],
) -> None:
    reason = "ORG and this cell were made with different library releases: torch 2.11.0 and 2.14.1"
    cells = [not_valid(cell, reason) if cell.generator == "cd" else cell for cell in make_results().cells]
    results = make_results(cells=tuple(cells))
    assert warnings(results) == ()
    assert reason in page(results, {})
    assert "not valid: digits-cd-syn, digits-cd-mix, melanoma-cd-syn" in terminal_summary(results, Path("reports"))
