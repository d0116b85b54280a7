"""Reading reports of version 2 of ``results.json``, whose verdicts were made by another procedure."""

import json
import zipfile
from pathlib import Path

import pytest

from suite.errors import UsageError
from suite.results.bundle import read_bundle, read_results, results_json
from suite.results.consistency import contradiction
from suite.results.models import ResultsFile
from suite.results.old_versions import upgraded
from suite.statistics.summaries import Verdict

OLD = Path(__file__).with_name("results-version-2.json")


@pytest.fixture
def old() -> dict[str, object]:
    """The content of a published file: org, and one cell of each old verdict."""
    content: dict[str, object] = json.loads(OLD.read_text(encoding="utf-8"))
    return content


def test_numbers_stay_and_verdicts_are_labelled(old: dict[str, object]) -> None:
    results = read_results(OLD)
    assert results.schema_version == 4
    cells = {(cell.generator, cell.mode): cell for cell in results.cells}
    for before in old["cells"]:  # type: ignore[attr-defined]
        cell = cells[before["generator"], before["mode"]]
        assert (cell.mean, list(cell.accuracies)) == (before["mean"], before["accuracies"])
        if before["comparison"]:
            assert cell.comparison is not None
            assert cell.judgement is not None
            assert cell.comparison.difference == before["comparison"]["difference"]
            assert list(cell.judgement.interval or ()) == before["comparison"]["interval"]
            assert cell.judgement.old_procedure
            word = before["judgement"]["verdict"]
            expected = word if word in ("helps", "hurts") else "undecided"
            assert cell.judgement.verdict == expected
            assert cell.judgement.reason == ("" if expected == word else word)
    assert {cell.judgement.verdict for cell in results.cells if cell.judgement} == {
        Verdict.HURTS,
        Verdict.UNDECIDED,
    }


def test_upgraded_results_are_read_again_unchanged(tmp_path: Path) -> None:
    results = read_results(OLD)
    (tmp_path / "results.json").write_text(results_json(results), encoding="utf-8")
    assert read_results(tmp_path / "results.json") == results
    data = json.loads(results_json(results))
    assert upgraded(data) is data


def test_old_bundle_is_read(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "bundle.zip", "w") as archive:
        archive.write(OLD, "results.json")
    assert read_bundle(tmp_path / "bundle.zip")[0] == read_results(OLD)


def test_findings_of_version_3_become_checks(old: dict[str, object]) -> None:
    three = json.loads(results_json(ResultsFile.model_validate(upgraded(old)))) | {"schema_version": 3}
    *_, cell = three["cells"]
    copies = {"id": "copies(pixels@8:bilinear:none):train:n=9", "value": 0.4, "generator_seed": 0}
    for one in three["cells"]:
        del one["checks"]
    cell["measurements"] = [copies]
    cell["judgement"] = {**cell["judgement"], "verdict": "not valid", "reason": "9 test images"}
    facts = dict.fromkeys(("name", "title", "version", "licence", "citation", "url", "content"), "")
    three["datasets"] = [
        {**facts, "classes": [], "train": [9], "test": [9, 3], "leaks": 2, "remarks": ["2 sizes", "palette: 3 images"]},
        {**facts, "classes": [], "train": [9], "test": [9]},
    ]
    results = ResultsFile.model_validate(upgraded(three))
    assert results.schema_version == 4
    assert {check.severity: check.found for check in results.datasets[0].checks} == {
        "warning": ("2 of 12 test images are in the train split too, pixel for pixel",),
        "note": ("2 sizes", "palette: 3 images"),
    }
    assert results.datasets[1].checks == results.cells[0].checks == ()
    assert {check.severity: check.found for check in results.cells[-1].checks} == {
        "not valid": ("9 test images",),
        "warning": ("40% of the synthetic images are copies of training images",),
    }
    assert contradiction(results) == ""


@pytest.mark.parametrize("damage", ["cells", "comparison"])
def test_damaged_old_file_is_refused_in_one_line(tmp_path: Path, old: dict[str, object], damage: str) -> None:
    if damage == "cells":
        old["cells"] = 3
    else:
        old["cells"][-1]["comparison"] = {"difference": "much"}  # type: ignore[index]
    path = tmp_path / "results.json"
    path.write_text(json.dumps(old), encoding="utf-8")
    with pytest.raises(UsageError, match="holds no results: cells") as error:
        read_results(path)
    assert "\n" not in str(error.value)


def test_old_correlations_are_refused(old: dict[str, object]) -> None:
    old["correlations"] = [
        {"metric": "FD", "n": 20, "spearman": 0.5, "interval": [0, 1], "p": 0.1, "kendall": 0.3, "reason": None}
    ]
    (row,) = ResultsFile.model_validate(upgraded(old)).correlations
    assert row.spearman is None
    assert row.reason is not None
    assert row.reason.startswith("old procedure")
