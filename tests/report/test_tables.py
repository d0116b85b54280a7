"""Tables as text: their cells, notes, reasons and deviations."""

import csv
import io
from collections.abc import Callable
from pathlib import Path

import pytest
from sample_results import SPACE, not_valid, with_generator_seeds

from suite.report.page import page
from suite.report.sweep_tables import filter_table, sweep_table, sweep_tables
from suite.report.tables import (
    deviations,
    differences,
    discriminator_table,
    metric_of,
    reasons,
    remarks,
    table1,
)
from suite.report.terminal import terminal_summary
from suite.report.view import fidelity_view
from suite.report.writer import comma_separated, markdown
from suite.results.models import Cell, ResultsFile

HEAD = (
    "",
    "ORG (Acc)",
    "SYN_SD (Acc/IS/FD)",
    "MIX_SD (Acc)",
    "SYN_CD (Acc/IS/FD)",
    "MIX_CD (Acc)",
    "SYN_BIGGAN (Acc/IS/FD)",
    "MIX_BIGGAN (Acc)",
)


def cell_of(results: ResultsFile, name: str) -> Cell:
    return next(cell for cell in results.cells if cell.case.id == name)


def test_table_1_has_the_papers_layout(results: ResultsFile) -> None:
    table = table1(results, best="*{}*")
    assert table.head == HEAD
    assert [row[0] for row in table.rows] == ["digits", "melanoma"]
    digits = dict(zip(table.head, table.rows[0], strict=True))
    syn = cell_of(results, "digits-cd-syn")
    score, distance = metric_of(syn, "is"), metric_of(syn, "fd")
    assert digits["SYN_CD (Acc/IS/FD)"] == f"{syn.mean:.1f}/{score:.1f}/{distance:.1f}"
    assert digits["MIX_CD (Acc)"] == f"*{cell_of(results, 'digits-cd-mix').mean:.1f}*"


def test_the_best_of_each_row_is_marked(results: ResultsFile) -> None:
    for row in table1(results, best="*{}*").rows:
        assert sum("*" in text for text in row) == 1


def test_cells_without_a_result_give_the_status(results: ResultsFile) -> None:
    melanoma = dict(zip(HEAD, table1(results).rows[1], strict=True))
    assert melanoma["SYN_SD (Acc/IS/FD)"] == "n/a"
    assert melanoma["MIX_BIGGAN (Acc)"] == "", "no such cell"


def test_different_metric_ids_are_given_with_their_generators(make_results: Callable[..., ResultsFile]) -> None:
    cells = list(make_results().cells)
    index = next(number for number, cell in enumerate(cells) if cell.case.id == "digits-sd-syn")
    few = {name.replace("n=1347", "n=9"): value for name, value in cells[index].metrics.items()}
    cells[index] = cells[index].model_copy(update={"metrics": few})
    notes = table1(make_results(cells=tuple(cells))).notes[1:]
    assert [note.partition(": ")[0] for note in notes] == [
        "IS of digits-sd",
        "IS of digits-cd, digits-biggan, melanoma-cd",
        "FD of digits-sd",
        "FD of digits-cd, digits-biggan, melanoma-cd",
    ]


def test_means_over_generator_seeds_are_noted_with_their_values(make_results: Callable[..., ResultsFile]) -> None:
    cells = tuple(
        with_generator_seeds(cell, 0, 8) if cell.case.id == "digits-cd-syn" else cell for cell in make_results().cells
    )
    table = table1(make_results(cells=cells))
    mean = cell_of(make_results(), "digits-cd-syn").metrics[f"fd({SPACE}):n=1347"]
    assert mean is not None
    assert f"/{mean + 4:.1f}" in table.rows[0][4], "the table shows the mean"
    assert table.notes[-2:] == (
        table1(make_results()).notes[-1],
        "FD of digits-cd: mean over 2 generator seeds of 412, 420",
    )
    assert "IS of digits-cd: mean over 2 generator seeds of 7.17, 15.2" in table.notes
    text = page(make_results(cells=cells), {})
    assert "cd: mean over 2 generator seeds of 412, 420" in text
    assert f'data-value="{mean + 4}"' in text
    assert "generator seeds of" not in page(make_results(), {})


def test_metrics_against_test_images_have_a_row_beside_those_against_training_images(
    make_results: Callable[..., ResultsFile],
) -> None:
    def copies(split: str, value: float) -> dict[str, object]:
        name = f"copies(pixels@8:bilinear:none):{split}:within=0.5:n=9"
        return {**make_results().cells[1].measurements[0], "id": name, "name": "Copies (pixels)", "value": value}

    cell = (
        make_results().cells[1].model_copy(update={"measurements": (copies("train", 0.0123), copies("test", 0.0456))})
    )
    (table,) = fidelity_view(make_results(cells=(cell,)))
    values = {row["name"]: row["measured"][0]["value"] for row in table["rows"]}
    assert values == {"Copies (pixels)": 0.0123, "Copies (pixels), test split": 0.0456}


def test_remarks_are_given_once_for_dataset_or_generator(make_results: Callable[..., ResultsFile]) -> None:
    original = make_results()
    of_all, of_sd = "no Inception weights", "palette: 3 images"
    cells = tuple(
        cell.model_copy(update={"notes": (of_sd, of_all) if cell.generator == "sd" else (of_all,)})
        if cell.generator and cell.dataset == "digits"
        else cell
        for cell in original.cells
    )
    results = make_results(cells=cells)
    lines = ("digits-sd: palette: 3 images", "digits: no Inception weights")
    assert remarks(results) == {"digits": lines}
    printed = terminal_summary(results, Path("reports")).splitlines()
    assert [line for line in printed if line.startswith("note: ")] == [f"note: {line}" for line in lines]
    assert all(f'<p class="about">{line}</p>' in page(results, {}) for line in lines)
    assert remarks(original) == {}


@pytest.mark.parametrize(("status", "shown"), [("failed", "failed"), ("unavailable", "n/a"), ("not run", "-")])
def test_reasons_of_missing_cells_are_shown(make_results: Callable[..., ResultsFile], status: str, shown: str) -> None:
    cell = Cell.model_validate(
        {
            "dataset": "x",
            "generator": None,
            "mode": "org",
            "variant": None,
            "status": status,
            "reason": "why",
            "command": "p",
        }
    )
    results = make_results(cells=(cell,), discriminators=())
    assert table1(results).rows == (("x", shown),)
    assert reasons(results) == ("x: why",), "it concerns all cells of the dataset"


def test_variants_are_not_in_table_1(make_results: Callable[..., ResultsFile]) -> None:
    cells = make_results().cells
    varied = cells[2].model_copy(update={"variant": "ratio-0.5", "mean": 100.0})
    assert table1(make_results(cells=(*cells, varied))).rows == table1(make_results()).rows


def test_notes_name_the_feature_space_and_the_split(make_results: Callable[..., ResultsFile]) -> None:
    notes = table1(make_results(evaluate="validation")).notes
    assert notes[0] == "Acc: mean percent on real validation images over 5 seeds."
    assert {note.partition("(")[0] for note in notes[1:]} == {"IS: is", "FD: fd"}


def test_each_difference_has_interval_verdict_and_seeds(swept: ResultsFile) -> None:
    table = differences(swept)
    assert table.head == ("case", "vs ORG", "verdict", "seeds", "at equal steps")
    assert [row[0] for row in table.rows] == [
        cell.case.id for cell in swept.cells if cell.comparison and not cell.variant
    ]
    assert table.notes == ("In brackets: intervals, 95 % jointly per dataset.",)
    rows = {name: texts for name, *texts in table.rows}
    assert rows["digits-sd-syn"] == ["-37.2 [-44.8, -29.6]", "hurts", "5", ""]
    steps = "with 2.0 times the optimiser steps"
    assert rows["digits-sd-mix"] == ["-0.5 [-1.4, +0.4]", "no practical difference (within 2)", "5", steps]
    assert rows["digits-cd-mix"] == [
        "+1.3 [-0.3, +2.2]",
        "undecided: 360 test images cannot show less than about 1.5 points",
        "5, stopped",
        "-1.5 [-3.4, +0.4]",
    ]


def test_long_tail_compares_with_reweighted_real_images(
    swept: ResultsFile, make_results: Callable[..., ResultsFile]
) -> None:
    def cell(mode: str, generator: str | None, variant: str, mean: float) -> Cell:
        (template,) = (one for one in swept.cells if one.case.id == "digits-cd-mix")
        counts = template.counts.model_copy(update={"real": tuple(range(100, 0, -10))})
        update = {"mode": mode, "generator": generator, "variant": variant, "mean": mean, "counts": counts}
        per_class = tuple(map(float, range(90, -10, -10)))
        return template.model_copy(update={**update, "per_class": per_class, "balanced_accuracy": mean})

    cells = (
        cell("org", None, "imbalance-10", 50.0),
        cell("org", None, "reweighting-10", 53.0),
        cell("mix", "cd", "imbalance-10", 55.5),
    )
    (table,) = (one for one in sweep_tables(make_results(cells=cells)) if "tail" in one.title)
    assert table.rows == (
        ("digits-org-imbalance-10", "50.0", "10.0", ""),
        ("digits-org-reweighting-10", "53.0", "10.0", ""),
        ("digits-cd-mix-imbalance-10", "55.5", "10.0", "+2.5"),
    )
    assert "Long tail" in page(make_results(cells=cells), {})


def test_copies_stand_beside_every_strength(swept: ResultsFile, make_results: Callable[..., ResultsFile]) -> None:
    (template,) = (one for one in swept.cells if one.case.id == "digits-cd-mix")
    metrics = {"copies(pixels@8):train:n=10": 0.25, "copies(pixels@8):test:n=10": 0.9}
    cell = template.model_copy(update={"variant": "strength-0.25", "metrics": metrics})
    (table,) = (one for one in sweep_tables(make_results(cells=(cell,))) if "noised" in one.title)
    assert [(row[0], row[-1]) for row in table.rows] == [("digits-cd-mix-strength-0.25", "25.0%")]


def test_columns_that_say_nothing_are_left_out(swept: ResultsFile, make_results: Callable[..., ResultsFile]) -> None:
    def without_seeds(cell: Cell) -> Cell:
        judgement = cell.judgement and cell.judgement.model_copy(update={"seeds": None})
        comparison = cell.comparison and cell.comparison.model_copy(update={"n_resamples": 20})
        return cell.model_copy(update={"judgement": judgement, "comparison": comparison})

    cells = (without_seeds(cell) for cell in swept.cells if cell.variant is None)
    results = make_results(cells=tuple(cells))
    assert differences(results).head == ("case", "vs ORG", "verdict")
    section = page(results, {}).partition('id="differences"')[2].partition("</section>")[0]
    assert ("seeds</th>" in section, "equal steps" in section, "unique images</th>" in section) == (False, False, True)


def test_cells_without_a_comparison_have_no_difference(make_results: Callable[..., ResultsFile]) -> None:
    org = tuple(cell for cell in make_results().cells if cell.mode == "org")
    assert (differences(make_results(cells=org)).rows, differences(make_results(cells=org)).notes) == ((), ())


def test_intervals_of_each_procedure_have_a_note(make_results: Callable[..., ResultsFile]) -> None:
    cells = [
        cell.model_copy(update={"judgement": cell.judgement.model_copy(update={"old_procedure": True})})
        if cell.judgement and cell.dataset == "melanoma"
        else cell
        for cell in make_results().cells
    ]
    both = differences(make_results(cells=tuple(cells))).notes
    assert [note.partition(":")[0] for note in both] == ["In brackets", "Old procedure"]
    old = differences(make_results(cells=tuple(cell for cell in cells if cell.dataset == "melanoma")))
    assert old.notes == both[1:]
    assert old.rows[0][2] == "hurts (old procedure)"


def test_numbers_of_a_cell_that_is_not_valid_stand_behind_the_words(make_results: Callable[..., ResultsFile]) -> None:
    invalid = ("digits-cd-syn", "digits-cd-mix")
    cells = tuple(not_valid(cell) if cell.case.id in invalid else cell for cell in make_results().cells)
    variant = not_valid(cell_of(make_results(), "digits-cd-mix").model_copy(update={"variant": "ratio-2"}))
    results = make_results(cells=(*cells, variant))
    rows = {name: texts for name, *texts in differences(results).rows}
    words = "not valid: 4 of 360 test images are among the synthetic ones"
    assert rows["digits-cd-syn"][:2] == ["", f"{words} (-5.1 [-8.9, -1.4])"]
    ((_, _, difference, verdict, _),) = sweep_table(results).rows
    assert (difference, verdict) == ("not valid: +1.3 [-0.3, +2.2]", words)
    table = table1(results, best="*{}*")
    digits = dict(zip(table.head, table.rows[0], strict=True))
    assert digits["SYN_CD (Acc/IS/FD)"].startswith("92.7!/")
    assert digits["MIX_CD (Acc)"] == "99.2!"
    assert digits["MIX_BIGGAN (Acc)"] == "*97.8*", "a cell that is not valid is not the best"
    assert "!: the cell is not valid." in table.notes
    text = terminal_summary(results, Path("reports"))
    listed = "not valid: digits-cd-syn, digits-cd-mix, digits-cd-mix-ratio-2: 4 of 360 test images"
    assert text.index(listed) < text.index("digits: Not valid for CD: 4 of 360") < text.index("Table 1")


def test_seeds_are_a_range_where_cells_have_different_numbers(make_results: Callable[..., ResultsFile]) -> None:
    cells = [cell.model_copy(update={"accuracies": cell.accuracies[:1]}) for cell in make_results().cells[:1]]
    assert table1(make_results(cells=tuple(cells))).notes[0].endswith("over 1 seed.")
    cells = [*cells, *make_results().cells[1:]]
    assert table1(make_results(cells=tuple(cells))).notes[0].endswith("over 1 to 5 seeds.")


def test_verdicts_of_sweeps_are_exploratory(swept: ResultsFile, results: ResultsFile) -> None:
    assert sweep_table(results).rows == ()
    table = sweep_table(swept)
    assert "exploratory" in table.title
    assert table.head[3] == "verdict (exploratory)"
    assert [row[0] for row in table.rows] == [
        cell.case.id for cell in swept.cells if cell.variant and cell.mean is not None
    ]
    rows = {name: texts for name, *texts in table.rows}
    assert rows["digits-org-scarcity-10"] == ["80.1", "", "", "5"]
    assert rows["digits-cd-mix-scarcity-10"] == ["84.9", "+4.9 [+2.0, +7.8]", "helps", "5"]


def test_the_discriminator_is_tested_on_real_and_on_synthetic_images(results: ResultsFile) -> None:
    table = discriminator_table(results)
    assert table.rows == (("digits", "cd", "97.8", "75.2"), ("melanoma", "sd", "n/a", "n/a"))
    assert table.head[2] == "real test"


def test_filters_give_what_they_kept_and_used(swept: ResultsFile, results: ResultsFile) -> None:
    assert filter_table(results).rows == ()
    table = filter_table(swept)
    assert table.head == ("case", "kept", "of", "least of a class", "filter uses", "generator trained on")
    assert table.rows == (
        ("digits-cd-syn-filter-agreement", "750", "1000", "50 of 100", "real images, real labels", "this train split"),
    )


def test_a_reason_is_given_once_with_all_its_cells(results: ResultsFile) -> None:
    assert reasons(results) == (
        "melanoma-sd-syn, melanoma-sd-mix: sd needs a pipeline: give its directory",
        "melanoma-sd (discriminator): no pipeline",
    )


def test_a_deviation_has_both_numbers(results: ResultsFile) -> None:
    outside = {
        cell.case.id
        for cell in results.cells
        if cell.mean is not None and cell.expected and not cell.expected[0] <= cell.mean <= cell.expected[1]
    }
    lines = deviations(results)
    assert {line.partition(":")[0] for line in lines} == outside != set()
    first = cell_of(results, lines[0].partition(":")[0])
    assert lines[0].endswith(
        f"{first.mean:.1f} lies outside the expected {first.expected[0]:g} to {first.expected[1]:g}"
    )


def test_a_deviation_in_profile_paper_has_the_papers_number(make_results: Callable[..., ResultsFile]) -> None:
    cell = make_results().cells[0].model_copy(update={"mean": 50.04, "expected": (76.3, 86.3), "paper": 81.3})
    without_paper = cell.model_copy(update={"paper": None})
    (line,) = deviations(make_results(cells=(cell,), profile="paper"))
    assert line == f"{cell.case.id}: 50.0 lies outside the expected 76.3 to 86.3, the paper has 81.3"
    for results in (
        make_results(cells=(cell,), profile="smoke"),
        make_results(cells=(without_paper,), profile="paper"),
    ):
        assert deviations(results)[0].endswith("expected 76.3 to 86.3")


def test_csv_and_markdown_show_the_same_cells(results: ResultsFile) -> None:
    table = table1(results)
    assert [tuple(row) for row in csv.reader(io.StringIO(comma_separated(table)))] == [table.head, *table.rows]
    lines = [line for line in markdown(table).splitlines() if line.startswith("|")]
    assert [tuple(text.strip() for text in line.strip("|").split("|")) for line in lines[2:]] == list(table.rows)


def test_vertical_bars_in_names_are_escaped_in_markdown(make_results: Callable[..., ResultsFile]) -> None:
    cell = make_results().cells[0].model_copy(update={"dataset": "a|b"})
    assert "a\\|b" in markdown(table1(make_results(cells=(cell,))))
