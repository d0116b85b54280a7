"""--store: where artifacts are kept."""

from pathlib import Path

import pytest
from plugin_project import Project


def test_every_form(project: Project, tmp_path: Path) -> None:
    one, two, three = (tmp_path / name for name in ("one", "two", "three"))
    environment = {"SUITE_STORE": str(two)}
    assert project.settings().store == project.path / ".store"
    assert project.settings(ini=f"suite_store = {three}").store == three
    assert project.settings(ini="suite_store = kept").store == project.path / "kept"
    assert project.settings(environment=environment, ini=f"suite_store = {three}").store == two
    assert project.settings("--store", str(one), environment=environment).store == one
    assert project.settings("--store", str(one)).data_paths.cache == one / "downloads"


def test_a_relative_store_is_relative_to_where_one_stands(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    (project.path / "deep").mkdir()
    monkeypatch.chdir(project.path / "deep")
    assert project.settings("--store", "here", "--rootdir", str(project.path)).store == project.path / "deep" / "here"


def test_a_store_that_cannot_be_written_is_refused(project: Project) -> None:
    (project.path / "file").touch()
    for arguments in ((), ("--plan",)):
        store = project.path / "file" / "store"
        words = project.refusal("--store", store, *arguments)
        assert words == f"store {store} cannot be written (Not a directory): choose another --store"
    assert not (project.path / "reports").exists(), "a run that did not start reports nothing"
