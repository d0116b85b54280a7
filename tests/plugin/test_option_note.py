"""--note: what a reader of the report must know."""

import json
from collections.abc import Callable
from pathlib import Path

from plugin_project import Project


def test_nothing_unless_it_is_said(project: Project) -> None:
    assert project.settings().notes == ()
    assert project.settings("--note", "one", "--note", "two: three").notes == ("one", "two: three")


def test_it_stands_in_the_report_and_stays_there(project: Project, report: Callable[..., Path]) -> None:
    folder = report("reports", mean=80.0)
    for words in (("--note", "trained <twice>"), ("--note", "trained <twice>", "--note", "and again"), ()):
        found = project.run_here("--report-only", *words)
        assert found.ret == 0
        found.stdout.fnmatch_lines(["note: trained <twice>"])
    assert json.loads((folder / "results.json").read_text("utf-8"))["notes"] == ["trained <twice>", "and again"]
    assert '<p class="note">trained &lt;twice&gt;</p>' in (folder / "index.html").read_text("utf-8")
