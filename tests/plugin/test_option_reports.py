"""--reports: where reports go. That a report which cannot be written loses nothing is tested with a finished run."""

from pathlib import Path

from plugin_project import Project


def test_every_form(project: Project, tmp_path: Path) -> None:
    one, two, three = (tmp_path / name for name in ("one", "two", "three"))
    environment = {"SUITE_REPORTS": str(two)}
    assert project.settings().reports == project.path / "reports"
    assert project.settings(ini=f"suite_reports = {three}").reports == three
    assert project.settings(environment=environment, ini=f"suite_reports = {three}").reports == two
    assert project.settings("--reports", str(one), environment=environment).reports == one
