"""--merge: add the datasets of earlier runs to the report."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from plugin_project import CASE, Project


def cells(project: Project, reports: str = "reports") -> list[dict[str, Any]]:
    """Return the cells in a report."""
    results = json.loads((project.path / reports / "smoke" / "results.json").read_text("utf-8"))
    return list(results["cells"])


def test_default_is_none(project: Project) -> None:
    assert project.options().merge == ()
    options = project.options("--merge", "a/bundle.zip", "--merge", "b/bundle.zip")
    assert options.merge == (Path("a/bundle.zip").absolute(), Path("b/bundle.zip").absolute())


def test_report_gets_the_datasets_of_an_earlier_run(
    finished: Project, photos: Path, report: Callable[..., Path]
) -> None:
    old = report("old", mean=80.0)
    result = finished.run_here(*CASE, "--data-root", photos, "--merge", old / "bundle.zip")
    assert result.ret == 0, result.stdout.str()
    assert {cell["dataset"] for cell in cells(finished) if cell["status"] == "done"} == {"birds", "photos"}
    assert any(line.startswith("birds ") and "80.0" in line for line in result.outlines)
    page = (finished.path / "reports" / "smoke" / "index.html").read_text("utf-8")
    assert "birds" in page
    assert "photos" in page


def test_report_only_merges_two_bundles(project: Project, report: Callable[..., Path]) -> None:
    old = report("old", mean=80.0)
    report("reports", mean=87.5)
    result = project.run_here("--report-only", "--merge", old / "bundle.zip")
    assert result.ret == 0
    assert [cell["mean"] for cell in cells(project)] == [87.5], "a dataset of this report is not replaced"


@pytest.mark.parametrize(
    ("profile", "message"),
    [
        ("smoke", "old/smoke/nothing.zip cannot be read as a bundle"),
        ("cpu", "--merge: the earlier run has profile cpu, this one smoke: both must be equal"),
    ],
)
def test_invalid_bundle_is_an_error(project: Project, report: Callable[..., Path], profile: str, message: str) -> None:
    report("reports", mean=87.5)
    old = report("old", mean=80.0, profile=profile) / ("nothing.zip" if profile == "smoke" else "bundle.zip")
    result = project.run_here("--report-only", "--merge", old)
    assert result.ret == 4
    assert message in result.stdout.str() + result.stderr.str()
