"""The tables in the terminal fit into 100 columns, also with many generators and long names."""

from collections.abc import Callable
from pathlib import Path

import pytest
from sample_results import not_valid, with_checks

from suite.datasets.checks import Check
from suite.report.tables import Table, table1
from suite.report.terminal import WIDTH, plain, terminal_summary
from suite.results.models import ResultsFile


def _widest(text: str) -> int:
    return max(map(len, text.splitlines()))


def test_three_generators_fit(swept: ResultsFile):
    text = terminal_summary(swept, Path("reports"))
    assert _widest(text) <= WIDTH
    assert "*99.2*" in text
    assert "60.7/4.4/1800" in text
    assert text.rstrip().endswith("report: reports/smoke/index.html")


def test_filters_and_leaks_are_shown(swept: ResultsFile, results: ResultsFile):
    leak = Check(name="leaks", severity="warning", found=("12 of 360 test images are in the train split too",))
    text = terminal_summary(with_checks(swept, real=(leak,)), Path("reports"))
    assert _widest(text) <= WIDTH
    assert "digits-cd-syn-filter-agreement  750     1000" in text
    assert "warning: digits: 12 of 360 test images" in text
    assert "Filters" not in terminal_summary(results, Path("reports"))


@pytest.mark.parametrize("generators", [1, 4, 7])
def test_any_number_of_generators_fits_without_losing_cells(
    make_results: Callable[..., ResultsFile], results: ResultsFile, generators: int
):
    org, syn, mix = results.cells[0], results.cells[3], results.cells[4]
    cells = [org]
    for number in range(generators):
        name = {"generator": f"folder{number}"}
        cells += [syn.model_copy(update=name), mix.model_copy(update=name)]
    table = table1(make_results(cells=tuple(cells)))
    text = plain(table)
    assert _widest(text) <= WIDTH
    assert text.count(f"{syn.mean:.1f}/") == text.count(f"{mix.mean:.1f}") == generators
    assert text.count("97.7") == 1


def test_long_verdicts_are_broken_into_lines(make_results: Callable[..., ResultsFile], swept: ResultsFile):
    cells = tuple(
        not_valid(cell, "made with other releases of torch than ORG, 2.11.0 and 2.14.1") if cell.judgement else cell
        for cell in swept.cells
    )
    text = terminal_summary(make_results(cells=cells), Path("reports"))
    assert _widest(text) <= WIDTH
    lines = text[text.index("Does it help?") :].splitlines()
    head, first = " ".join(lines[1:3]), lines[4]
    assert all(word in head for word in ("verdict", "seeds", "steps")), "the table is not split"
    assert first.startswith("digits-sd-syn")
    assert "not valid: made with" in first


def test_the_answers_come_first(results: ResultsFile):
    lines = terminal_summary(results, Path("reports")).splitlines()
    assert lines[1].startswith("digits: Undecided for CD: 360 test images")
    assert lines[3].startswith("melanoma: Undecided: ")
    assert lines[5] == "Table 1, profile smoke"


def test_narrow_tables_are_not_changed():
    table = Table("t", ("", "ORG (Acc)"), (("digits", "98.1"),), ("note",))
    assert plain(table).splitlines()[1].split() == ["ORG", "(Acc)"]


def test_headings_are_broken_to_the_width_of_their_columns():
    table = Table("t", ("case", "95 % interval", "vs ORG"), (("x" * 80, "-53.3 to -31.5", "+0.4"),))
    lines = plain(table).splitlines()
    assert lines[1].split("  ")[0] == "case"
    assert lines[1].endswith("95 % interval    vs")
    assert lines[2].strip() == "ORG"


def test_long_reasons_are_wrapped(make_results: Callable[..., ResultsFile]):
    cell = make_results().cells[-1].model_copy(update={"reason": "needs a pipeline: " + "give its directory, " * 20})
    assert _widest(terminal_summary(make_results(cells=(cell,)), Path("reports"))) <= WIDTH
