"""--note: notes for the readers of the report."""

import json
from collections.abc import Callable
from pathlib import Path

from plugin_project import Project


def test_default_is_none(project: Project) -> None:
    assert project.options().notes == ()
    assert project.options("--note", "one", "--note", "two: three").notes == ("one", "two: three")


def test_notes_are_kept_when_the_report_is_written_again(project: Project, report: Callable[..., Path]) -> None:
    folder = report("reports", mean=80.0)
    for options in (("--note", "trained <twice>"), ("--note", "trained <twice>", "--note", "and again"), ()):
        result = project.run_here("--report-only", *options)
        assert result.ret == 0
        result.stdout.fnmatch_lines(["note: trained <twice>"])
    assert json.loads((folder / "results.json").read_text("utf-8"))["notes"] == ["trained <twice>", "and again"]
    assert '<p class="note">trained &lt;twice&gt;</p>' in (folder / "index.html").read_text("utf-8")
