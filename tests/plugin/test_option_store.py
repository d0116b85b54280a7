"""--store: directory of artifacts."""

from pathlib import Path

import pytest
from plugin_project import Project


def test_order_of_command_line_environment_and_ini_file(project: Project, tmp_path: Path) -> None:
    first, second, third = (tmp_path / name for name in ("first", "second", "third"))
    environment = {"SUITE_STORE": str(second)}
    assert project.options().store == project.path / ".store"
    assert project.options(ini=f"suite_store = {third}").store == third
    assert project.options(ini="suite_store = kept").store == project.path / "kept"
    assert project.options(environment=environment, ini=f"suite_store = {third}").store == second
    assert project.options("--store", str(first), environment=environment).store == first
    assert project.options("--store", str(first)).data_paths.cache == first / "downloads"


def test_relative_store_is_relative_to_the_working_directory(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    (project.path / "deep").mkdir()
    monkeypatch.chdir(project.path / "deep")
    assert project.options("--store", "here", "--rootdir", str(project.path)).store == project.path / "deep" / "here"


def test_store_that_cannot_be_written_is_an_error(project: Project) -> None:
    (project.path / "file").touch()
    for arguments in ((), ("--plan",)):
        store = project.path / "file" / "store"
        message = project.usage_error("--store", store, *arguments)
        assert message == f"store {store} cannot be written (Not a directory): choose another --store"
    assert not (project.path / "reports").exists(), "a run that did not start reports nothing"
