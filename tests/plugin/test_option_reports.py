"""--reports: directory of reports. A directory that cannot be written is tested in test_run.py."""

from pathlib import Path

from plugin_project import Project


def test_order_of_command_line_environment_and_ini_file(project: Project, tmp_path: Path) -> None:
    first, second, third = (tmp_path / name for name in ("first", "second", "third"))
    environment = {"SUITE_REPORTS": str(second)}
    assert project.options().reports == project.path / "reports"
    assert project.options(ini=f"suite_reports = {third}").reports == third
    assert project.options(environment=environment, ini=f"suite_reports = {third}").reports == second
    assert project.options("--reports", str(first), environment=environment).reports == first
