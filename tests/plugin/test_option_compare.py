"""--compare: cells that changed beyond noise since an earlier run."""

from collections.abc import Callable
from pathlib import Path

import pytest
from plugin_project import Project


def test_default_is_none(project: Project) -> None:
    assert project.options().compare is None
    assert project.options("--compare", "old/results.json").compare == Path("old/results.json").absolute()


@pytest.mark.parametrize("file", ["results.json", "bundle.zip"])
def test_changes_are_printed_and_part_of_the_report(project: Project, report: Callable[..., Path], file: str) -> None:
    old, new = report("old", mean=80.0), report("reports", mean=87.5)
    result = project.run_here("--report-only", "--compare", old / file)
    assert result.ret == 0
    rows = [line.split() for line in result.outlines[result.outlines.index("Changes beyond noise") :]]
    assert ["birds-org", "80.0", "87.5", "+7.5", "±1.4"] in rows
    page, table = ((new / name).read_text("utf-8") for name in ("index.html", "table1.md"))
    assert "| birds-org | 80.0 | 87.5 | +7.5 | ±1.4 |" in " ".join(table.split())
    assert 'id="changes"' in page
    assert '<th scope="row">birds-org</th><td>80.0</td><td>87.5</td>' in page


def test_run_can_be_compared_with_the_report_that_it_replaces(project: Project, report: Callable[..., Path]) -> None:
    folder = report("reports", mean=87.5)
    result = project.run_here("--report-only", "--compare", folder / "results.json")
    assert result.ret == 0
    result.stdout.fnmatch_lines(["Changes beyond noise", "1 cell changed within noise or not at all."])


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (None, "cannot be read (No such file or directory): give the results.json of a report"),
        ("{}", "holds no results: suite_version: Field required"),
    ],
)
def test_file_without_results_is_an_error_before_the_run(project: Project, content: str | None, message: str) -> None:
    old = project.path / "old.json"
    if content is not None:
        old.write_text(content, "utf-8")
    assert project.usage_error("--compare", old) == f"{old} {message}"
