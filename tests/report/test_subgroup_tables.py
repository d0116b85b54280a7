"""Classes and groups that gain or lose: the tables, and the sentences in the answer."""

from collections.abc import Callable
from pathlib import Path

import pytest
from sample_results import judged, not_valid

from suite.api import Results
from suite.report.answers import answers
from suite.report.page import page
from suite.report.subgroup_tables import NO_VALUE, all_subgroups, subgroup_tables
from suite.report.terminal import terminal_summary
from suite.report.writer import write_report
from suite.results.models import Cell, ResultsFile
from suite.statistics.subgroup_recipes import Subgroup
from suite.statistics.summaries import Verdict

MakeResults = Callable[..., ResultsFile]


def subgroup(name: str, difference: float, half: float = 4.1) -> Subgroup:
    return Subgroup(
        name=name,
        images=180,
        accuracy=80 + difference,
        org_accuracy=80.0,
        difference=difference,
        interval=(difference - half, difference + half),
    )


BENIGN, MELANOMA = subgroup("benign", 9.0), subgroup("melanoma", -6.1)
LOWERS = "lowers the recall of melanoma by 6.1 points (2.0 to 10.2) against ORG"


def with_classes(
    make_results: MakeResults, verdict: Verdict, subgroups: tuple[Subgroup, ...] = (BENIGN, MELANOMA), **fields: object
) -> ResultsFile:
    """Return the results of melanoma in which MIX of cd has this verdict and these subgroups."""
    ends = {Verdict.HELPS: (0.2, 2.0), Verdict.HURTS: (-2.0, -0.2)}.get(verdict, (-0.8, 0.8))

    def changed(cell: Cell) -> Cell:
        if cell.mode != "mix" or cell.comparison is None:
            return cell
        difference = cell.comparison.model_copy(update={"difference": sum(ends) / 2})
        update = {"by_class": subgroups, "comparison": difference, **fields}
        return judged(cell.model_copy(update=update), verdict, interval=ends)

    cells = [cell for cell in make_results().cells if cell.dataset == "melanoma" and cell.generator != "sd"]
    return make_results(cells=tuple(map(changed, cells)), datasets=())


@pytest.mark.parametrize(
    ("verdict", "start"),
    [
        (Verdict.HELPS, "CD helps on average, but "),
        (Verdict.NO_PRACTICAL_DIFFERENCE, "CD makes no practical difference on average, but "),
        (Verdict.UNDECIDED, "CD is undecided on average, but "),
    ],
)
def test_a_class_that_loses_is_in_the_answer_wherever_it_is_shown(
    make_results: MakeResults, verdict: Verdict, start: str, tmp_path: Path
) -> None:
    results = with_classes(make_results, verdict)
    (answer,) = answers(results)
    assert answer.hidden == (start + LOWERS,)
    terminal = " ".join(terminal_summary(results, tmp_path).split())
    assert start + LOWERS in terminal
    assert start + LOWERS in page(results, {})
    assert f"- melanoma: {start}{LOWERS}" in (write_report(results, tmp_path, {}) / "table1.md").read_text()
    assert Results(results, None).answer.endswith(f"{start}{LOWERS}.")


def test_a_class_that_gains_although_the_average_loses(make_results: MakeResults) -> None:
    (answer,) = answers(with_classes(make_results, Verdict.HURTS))
    expected = "CD hurts on average, but raises the recall of benign by 9.0 points (4.9 to 13.1) against ORG"
    assert answer.hidden == (expected,)


def test_nothing_is_said_without_a_significant_class_or_of_a_cell_that_is_not_valid(make_results: MakeResults) -> None:
    close = (subgroup("benign", 1.0), subgroup("melanoma", -3.0))
    assert answers(with_classes(make_results, Verdict.HELPS, close))[0].hidden == ()
    assert answers(with_classes(make_results, Verdict.HELPS, ()))[0].hidden == ()
    results = with_classes(make_results, Verdict.HELPS)
    invalid = [not_valid(cell) if cell.mode == "mix" else cell for cell in results.cells]
    results = results.model_copy(update={"cells": tuple(invalid)})
    assert answers(results)[0].hidden == ()
    assert subgroup_tables(results) == ()


def test_the_worst_of_many_classes_are_named(make_results: MakeResults) -> None:
    many = tuple(subgroup(f"c{number}", -5.0 - number) for number in range(7))
    (line,) = answers(with_classes(make_results, Verdict.HELPS, many))[0].hidden
    assert line.startswith("CD helps on average, but lowers the recall of c6 by 11.0 points (6.9 to 15.1), ")
    assert line.endswith("the recall of c4 by 9.0 points (4.9 to 13.1) and of 4 more against ORG")


def test_groups_are_named_with_their_column(make_results: MakeResults, tmp_path: Path) -> None:
    sites = (subgroup("north", -8.0), subgroup("", 0.3))
    results = with_classes(make_results, Verdict.HELPS, (BENIGN,), by_attribute=sites, attribute="site")
    (line,) = answers(results)[0].hidden
    assert line == (
        "CD helps on average, but lowers the accuracy at site north by 8.0 points (3.9 to 12.1) against ORG"
    )
    classes, groups = subgroup_tables(results)
    assert groups.title == "Values of site that gain and lose"
    assert [row[1] for row in groups.rows] == [NO_VALUE, "north"]
    assert "site" in groups.head
    assert [row[1] for row in classes.rows] == ["benign"]
    folder = write_report(results, tmp_path, {})
    assert 'melanoma-cd-mix,north,180,80.0,72.0,"-8.0 [-12.1, -3.9]",loses' in (folder / "groups.csv").read_text()


def test_the_table_is_sorted_by_difference_and_says_what_is_significant(make_results: MakeResults) -> None:
    results = with_classes(make_results, Verdict.HELPS, (MELANOMA, subgroup("mole", 0.5), BENIGN))
    (table,) = subgroup_tables(results)
    assert [(row[1], row[-2], row[-1]) for row in table.rows] == [
        ("benign", "+9.0 [+4.9, +13.1]", "gains"),
        ("mole", "+0.5 [-3.6, +4.6]", ""),
        ("melanoma", "-6.1 [-10.2, -2.0]", "loses"),
    ]
    assert "95 % jointly" in table.notes[0]


def test_of_many_classes_the_table_has_the_largest_gains_and_losses_and_the_file_has_all(
    make_results: MakeResults,
) -> None:
    many = tuple(subgroup(f"c{number}", number - 50.0) for number in range(100))
    results = with_classes(make_results, Verdict.HELPS, many)
    (table,) = subgroup_tables(results)
    names = [row[1] for row in table.rows]
    assert names == [f"c{number}" for number in (*range(99, 89, -1), *range(9, -1, -1))]
    assert len(all_subgroups(results)["classes"].rows) == 100


def test_old_results_have_no_tables(results: ResultsFile, tmp_path: Path) -> None:
    assert subgroup_tables(results) == ()
    assert all(answer.hidden == () for answer in answers(results))
    folder = write_report(results, tmp_path, {})
    assert not {"classes.csv", "groups.csv", "calibration.csv"} & {path.name for path in folder.iterdir()}
