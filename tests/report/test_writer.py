"""Writing a report: the same results in every format."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from sample_results import not_valid, with_checks

from suite.datasets.checks import Check
from suite.errors import UsageError
from suite.report.writer import write_report
from suite.results.models import ResultsFile

FILES = {"results.json", "table1.md", "table1.csv", "discriminator.md"}


def test_each_profile_has_a_folder(make_results: Callable[..., ResultsFile], tmp_path: Path) -> None:
    folders = [write_report(make_results(profile=name), tmp_path, {}) for name in ("smoke", "cpu")]
    assert folders == [tmp_path / "smoke", tmp_path / "cpu"]
    for folder in folders:
        assert {path.name for path in folder.iterdir()} >= FILES
        assert json.loads((folder / "results.json").read_text("utf-8"))["profile"] == folder.name


def test_results_are_read_back_unchanged(results: ResultsFile, tmp_path: Path) -> None:
    folder = write_report(results, tmp_path, {})
    again = ResultsFile.model_validate_json((folder / "results.json").read_text("utf-8"))
    assert again.model_dump(mode="json") == results.model_dump(mode="json")


def test_writing_again_gives_the_same_files_with_the_same_bytes(results: ResultsFile, tmp_path: Path) -> None:
    before = {path.name: path.read_bytes() for path in write_report(results, tmp_path, {}).iterdir()}
    after = {path.name: path.read_bytes() for path in write_report(results, tmp_path, {}).iterdir()}
    assert before == after


def test_filters_and_leaks_are_in_the_markdown(swept: ResultsFile, tmp_path: Path) -> None:
    leak = Check(name="leaks", severity="warning", found=("12 of 360 test images are in the train split too",))
    text = (write_report(with_checks(swept, real=(leak,)), tmp_path, {}) / "table1.md").read_text()
    assert "| digits-cd-syn-filter-agreement | 750    | 1000 |" in text
    assert "**Warnings**\n\n- digits: 12 of 360 test images" in text


def test_markdown_begins_with_what_is_not_valid_and_the_answers(
    make_results: Callable[..., ResultsFile], tmp_path: Path
) -> None:
    cells = (not_valid(cell) if cell.case.id == "melanoma-cd-syn" else cell for cell in make_results().cells)
    text = (write_report(make_results(cells=tuple(cells)), tmp_path, {}) / "table1.md").read_text()
    assert text.startswith(
        "**Not valid**\n\n- melanoma-cd-syn: 4 of 360 test images are among the synthetic ones\n\n**Answers**\n\n"
        "- digits: Undecided for CD: 360 test images cannot show less than about 1.5 points; BIGGAN and SD make no"
        " practical difference.\n"
    )


def test_sweeps_are_in_the_markdown(swept: ResultsFile, tmp_path: Path) -> None:
    text = (write_report(swept, tmp_path, {}) / "table1.md").read_text()
    assert "| verdict (exploratory)" in text
    assert "| digits-cd-mix-budget " in text


def test_a_folder_that_cannot_be_written_gives_one_line(results: ResultsFile, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(UsageError, match=r"reports .* cannot be written \(Not a directory\): choose another --reports"):
        write_report(results, tmp_path / "file", {})
