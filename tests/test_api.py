"""The Python API: ``suite.evaluate``, ``suite.load`` and ``suite.compare``."""

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from plugin_project import write_dataset
from sample_results import make_results, not_valid

import suite
from suite.api import _given
from suite.errors import SuiteError, UsageError
from suite.report.writer import write_report
from suite.results.bundle import results_json
from suite.results.models import ResultsFile

__all__ = ["make_results"]

# A user's script: without a guard, although building starts processes.
SCRIPT = """
import json, sys
import suite

print("start of the script")
results = suite.evaluate(
    "photos", {"new": "made", "old": "photos/test"}, profile="smoke", device="cpu", jobs=2, note=["by a script"]
)
print(json.dumps([results.answer, results.table, str(results.page)]))
assert "pytest" not in sys.modules
"""


@pytest.fixture
def photos(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The current directory, with the real images ``photos`` and the synthetic ones ``made``."""
    monkeypatch.chdir(tmp_path)
    for name in ("SUITE_STORE", "SUITE_REPORTS", "SUITE_DATA_ROOT"):
        monkeypatch.delenv(name, raising=False)
    write_dataset(tmp_path, "photos")
    write_dataset(tmp_path / "other", "made", train=8)
    (tmp_path / "other" / "made" / "train").rename(tmp_path / "made")
    return tmp_path


@pytest.mark.slow
def test_evaluate_in_a_script_without_guard_then_from_standard_input(photos: Path) -> None:
    (photos / "script.py").write_text(SCRIPT, encoding="utf-8")
    done = subprocess.run([sys.executable, "script.py"], cwd=photos, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    first, line = done.stdout.splitlines()
    assert first == "start of the script", "the script runs once, not in every process"
    answer, table, page = json.loads(line)
    assert [(row["generator"], row["mode"]) for row in table] == [
        (None, "org"),
        ("new", "syn"),
        ("new", "mix"),
        ("old", "syn"),
        ("old", "mix"),
    ]
    assert all(0 <= row["accuracy"] <= 100 for row in table)
    assert "by a script" in Path(page).read_text("utf-8")
    loaded = suite.load(Path(page).parent)
    assert (loaded.answer, json.loads(json.dumps(loaded.table)), str(loaded.page)) == (answer, table, page)
    again = subprocess.run([sys.executable, "-"], input=SCRIPT, cwd=photos, capture_output=True, text=True)
    assert again.stdout == done.stdout, again.stderr


@pytest.mark.parametrize(
    ("synthetic", "options", "message"),
    [
        ("made", {"sead": 3}, "evaluate() has no option sead: do you mean seeds?"),
        ("made", {"plan": True}, "evaluate() has no option plan"),
        ("made", {"download": "yes"}, "download='yes': choose True or False"),
        ("made", {"seeds": True}, "seeds=True: give a value"),
        ("made", {"seeds": -1}, "--seeds -1: give a whole number from 1"),
        ("made", {"classifier": "magic"}, "--classifier magic: "),
        ([], {}, "no synthetic images are given"),
        (["made", "made"], {}, "made and made would both be called made"),
        ({"a b": "made"}, {}, "'a b' cannot name a synthetic set"),
        ("nowhere", {}, "--synthetic nowhere=nowhere does not exist"),
    ],
)
def test_mistakes_are_one_line(
    photos: Path, synthetic: object, options: dict[str, object], message: str | None
) -> None:
    if message is None:
        with pytest.raises(TypeError, match="multiple values"):
            suite.evaluate("photos", synthetic, **options)
        return
    with pytest.raises(SuiteError) as error:
        suite.evaluate("photos", synthetic, **options)
    assert str(error.value).startswith(message)
    assert "\n" not in str(error.value)
    assert not (photos / ".store").exists()


def test_nothing_evaluated_is_an_error_and_no_empty_report(photos: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(*_: object) -> None:
        raise UsageError("no more images")

    monkeypatch.setattr("suite.benchmark.Benchmark.start", lambda _: None)
    monkeypatch.setattr("suite.benchmark.Benchmark.cell", fails)
    monkeypatch.setattr("suite.benchmark.Benchmark.discriminator", fails)
    with pytest.raises(SuiteError, match=r"^no more images$"):
        suite.evaluate("photos", "made", profile="smoke", device="cpu")
    assert not (photos / "reports").exists()


def test_options_are_those_of_the_command_line() -> None:
    given = _given({"seeds": 5, "per_class": 100, "ceiling": True, "sweep": "ratio", "note": ["a", "b"], "amount": 0.5})
    assert given == {
        "seeds": "5",
        "per-class": "100",
        "ceiling": True,
        "sweep": ["ratio"],
        "note": ["a", "b"],
        "amount": "0.5",
    }
    assert _given({"profile": None}) == {}


def test_load_reads_results_bundles_and_folders(tmp_path: Path, make_results: Callable[..., ResultsFile]) -> None:
    results = make_results()
    folder = write_report(results, tmp_path, {})
    for path in (folder, folder / "results.json", folder / "bundle.zip", str(folder)):
        loaded = suite.load(path)
        assert results_json(loaded.file) == results_json(results)
        assert loaded.page == folder / "index.html"
    alone = (folder / "bundle.zip").rename(tmp_path / "bundle.zip")
    assert suite.load(alone).page is None
    with pytest.raises(UsageError, match="cannot be read"):
        suite.load(tmp_path / "nothing")


def test_the_table_has_a_row_for_every_cell(tmp_path: Path, make_results: Callable[..., ResultsFile]) -> None:
    results = make_results()
    loaded = suite.load(write_report(results, tmp_path, {}))
    assert len(loaded.table) == len(results.cells)
    for row, cell in zip(loaded.table, results.cells, strict=True):
        assert (row["dataset"], row["generator"], row["mode"]) == (cell.dataset, cell.generator, cell.mode)
        assert row["accuracy"] == cell.mean
        if cell.comparison and cell.judgement and cell.judgement.interval:
            assert row["difference"] == cell.comparison.difference
            assert (row["low"], row["high"]) == cell.judgement.interval
            assert row["verdict"] == cell.judgement.verdict
        else:
            assert row["difference"] is row["verdict"] is None
    assert loaded.answer.splitlines()[0].startswith("digits: ")
    frame = pytest.importorskip("pandas") and loaded.to_frame()
    assert list(frame["mode"]) == [row["mode"] for row in loaded.table]
    assert list(frame["accuracy"].dropna()) == [cell.mean for cell in results.cells if cell.mean is not None]


def test_to_frame_says_that_pandas_is_missing(
    tmp_path: Path, make_results: Callable[..., ResultsFile], monkeypatch: pytest.MonkeyPatch
) -> None:
    loaded = suite.load(write_report(make_results(), tmp_path, {}))
    monkeypatch.setitem(sys.modules, "pandas", None)
    with pytest.raises(UsageError, match="pandas is not installed"):
        loaded.to_frame()


def test_html_escapes_what_comes_from_files(tmp_path: Path, make_results: Callable[..., ResultsFile]) -> None:
    results = make_results()
    cells = tuple(
        cell.model_copy(update={"dataset": "<script>&"}) for cell in results.cells if cell.dataset == "digits"
    )
    loaded = suite.Results(results.model_copy(update={"cells": cells}), tmp_path / "a'\"<b>" / "index.html")
    html = loaded._repr_html_()
    assert "<script>" not in html
    assert "<b>/index" not in html
    assert "&lt;script&gt;&amp;" in html
    assert html.count("<tr>") == len(cells) + 1
    assert "report</a>" in html


def test_the_answer_says_what_is_not_valid(make_results: Callable[..., ResultsFile]) -> None:
    results = make_results()
    cells = tuple(not_valid(cell) if cell.mode == "mix" and cell.judgement else cell for cell in results.cells)
    answer = suite.Results(results.model_copy(update={"cells": cells}), None).answer
    assert "Not valid" in answer


def test_compare_gives_the_changes_of_the_page(tmp_path: Path, make_results: Callable[..., ResultsFile]) -> None:
    results = make_results()
    folder = write_report(results, tmp_path, {})
    unchanged = suite.compare(folder, suite.load(folder))
    assert unchanged.table == []
    assert "changed within noise or not at all" in str(unchanged)
    first = results.cells[0]
    without = results.model_copy(update={"cells": results.cells[1:]})
    changes = suite.compare(suite.load(folder), suite.Results(without, None))
    assert [(row["case"], row["change"]) for row in changes.table] == [(first.case.id, "removed")]
    assert f"<td>{first.case.id}</td>" in changes._repr_html_()


def test_the_package_has_its_public_names_only() -> None:
    assert {"evaluate", "load", "compare"} <= set(dir(suite))
    with pytest.raises(AttributeError, match="module 'suite' has no attribute 'evalate'"):
        suite.evalate  # noqa: B018
