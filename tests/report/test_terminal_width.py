"""The tables in the terminal fit into 100 columns, also with many generators and long names."""

from collections.abc import Callable
from pathlib import Path

import pytest

from suite.report.tables import Table, table1
from suite.report.terminal import WIDTH, plain, terminal_summary
from suite.results.models import Results


def _widest(text: str) -> int:
    return max(map(len, text.splitlines()))


def test_three_generators_fit(swept: Results):
    text = terminal_summary(swept, Path("reports"))
    assert _widest(text) <= WIDTH
    assert "*99.2*" in text
    assert "60.8/4.4/1800" in text
    assert text.rstrip().endswith("report: reports/smoke/index.html")


def test_filters_and_leaks_are_shown(swept: Results, results: Results):
    leaking = swept.datasets[0].model_copy(update={"leaks": 12})
    text = terminal_summary(swept.model_copy(update={"datasets": (leaking,)}), Path("reports"))
    assert _widest(text) <= WIDTH
    assert "digits-cd-syn-filter-agreement  750     1000" in text
    assert "leak: digits: 12 of 360 test images" in text
    assert "Filters" not in terminal_summary(results, Path("reports"))


@pytest.mark.parametrize("generators", [1, 4, 7])
def test_any_number_of_generators_fits_without_losing_cells(
    make_results: Callable[..., Results], results: Results, generators: int
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
    assert text.count("97.6") == 1


def test_narrow_tables_are_not_changed():
    table = Table("t", ("", "ORG (Acc)"), (("digits", "98.1"),), ("note",))
    assert plain(table).splitlines()[1].split() == ["ORG", "(Acc)"]


def test_headings_are_broken_to_the_width_of_their_columns():
    table = Table("t", ("case", "95 % interval", "vs ORG"), (("x" * 80, "-53.3 to -31.5", "+0.4"),))
    lines = plain(table).splitlines()
    assert lines[1].split("  ")[0] == "case"
    assert lines[1].endswith("95 % interval    vs")
    assert lines[2].strip() == "ORG"


def test_long_reasons_are_wrapped(make_results: Callable[..., Results]):
    cell = make_results().cells[-1].model_copy(update={"reason": "needs a pipeline: " + "give its directory, " * 20})
    assert _widest(terminal_summary(make_results(cells=(cell,)), Path("reports"))) <= WIDTH
