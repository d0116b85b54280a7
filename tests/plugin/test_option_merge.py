"""--merge: datasets of earlier runs beside those of this one."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from plugin_project import CASE, Project


def cells(project: Project, reports: str = "reports") -> list[dict[str, Any]]:
    """Return the cells in a report."""
    found: list[dict[str, Any]] = json.loads((project.path / reports / "smoke" / "results.json").read_text("utf-8"))[
        "cells"
    ]
    return found


def test_nothing_unless_it_is_said(project: Project) -> None:
    assert project.settings().merge == ()
    settings = project.settings("--merge", "a/bundle.zip", "--merge", "b/bundle.zip")
    assert settings.merge == (Path("a/bundle.zip").absolute(), Path("b/bundle.zip").absolute())


def test_a_run_gets_the_datasets_of_an_earlier_one(
    finished: Project, photos: Path, report: Callable[..., Path]
) -> None:
    old = report("old", mean=80.0)
    found = finished.run_here(*CASE, "--data-root", photos, "--merge", old / "bundle.zip")
    assert found.ret == 0, found.stdout.str()
    assert {cell["dataset"] for cell in cells(finished) if cell["status"] == "done"} == {"birds", "photos"}
    assert any(line.startswith("birds ") and "80.0" in line for line in found.outlines)
    page = (finished.path / "reports" / "smoke" / "index.html").read_text("utf-8")
    assert "birds" in page
    assert "photos" in page


def test_two_bundles_become_one_report_without_a_run(project: Project, report: Callable[..., Path]) -> None:
    old = report("old", mean=80.0)
    report("reports", mean=87.5)
    found = project.run_here("--report-only", "--merge", old / "bundle.zip")
    assert found.ret == 0
    assert [cell["mean"] for cell in cells(project)] == [87.5], "a dataset is taken whole or not at all"


@pytest.mark.parametrize(
    ("profile", "words"),
    [
        ("smoke", "old/smoke/nothing.zip cannot be read as a bundle"),
        ("cpu", "--merge: the earlier run has profile cpu, this one smoke: both must be equal"),
    ],
)
def test_what_cannot_be_merged_is_refused(
    project: Project, report: Callable[..., Path], profile: str, words: str
) -> None:
    report("reports", mean=87.5)
    old = report("old", mean=80.0, profile=profile) / ("nothing.zip" if profile == "smoke" else "bundle.zip")
    found = project.run_here("--report-only", "--merge", old)
    assert found.ret == 4
    assert words in found.stdout.str() + found.stderr.str()
