"""--data-root: where datasets lie."""

import os
from pathlib import Path

import pytest
from plugin_project import Project


def test_several_in_every_form(project: Project, tmp_path: Path) -> None:
    one, two = (tmp_path / name for name in ("one", "two"))
    for root in (one, two):
        (root / "set").mkdir(parents=True)
    both = f"{one}{os.pathsep}{two}"
    assert project.settings().data_paths.data_roots == ()
    assert project.settings("--data-root", str(one), "--data-root", str(two)).data_paths.data_roots == (one, two)
    assert project.settings(environment={"SUITE_DATA_ROOT": both}).data_paths.data_roots == (one, two)
    assert project.settings(ini=f"suite_data_root = {both}").data_paths.data_roots == (one, two)


def test_the_command_line_goes_before_environment_and_ini_file(project: Project, tmp_path: Path) -> None:
    roots = [tmp_path / name for name in "abc"]
    for root in roots:
        (root / "set").mkdir(parents=True)
    environment, ini = {"SUITE_DATA_ROOT": str(roots[1])}, f"suite_data_root = {roots[2]}"
    all_three = project.settings("--data-root", str(roots[0]), environment=environment, ini=ini)
    assert all_three.data_paths.data_roots == (roots[0],)
    assert project.settings(environment=environment, ini=ini).data_paths.data_roots == (roots[1],)


def test_a_relative_root_in_the_ini_file_is_relative_to_it(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    (project.path / "data" / "set").mkdir(parents=True)
    (project.path / "deep").mkdir()
    monkeypatch.chdir(project.path / "deep")
    there = ("--rootdir", str(project.path), "-c", str(project.path / "pytest.ini"))
    found = project.settings(*there, ini="suite_data_root = data")
    assert found.data_paths.data_roots == (project.path / "data",)


def test_a_missing_root_is_refused(project: Project) -> None:
    words = "--data-root nowhere is not a directory: give the folder that holds the datasets"
    assert project.refusal("--data-root", "nowhere") == words


def test_an_empty_root_is_refused(project: Project) -> None:
    (project.path / "empty").mkdir()
    words = "--data-root empty is empty: put a dataset there, as a folder or zip of split/class/file"
    assert project.refusal("--data-root", "empty") == words


def test_what_lies_there_becomes_a_dataset(project: Project, data_root: Path) -> None:
    found = project.run("-k", "photos", "--plan", "--data-root", data_root)
    assert found.ret == 0
    found.stdout.fnmatch_lines([f"data: *photos ({data_root / 'photos'})*"])
    names = [line for line in found.outlines if line.startswith("photos-")]
    assert {"photos-org", "photos-cd-syn", "photos-cd-mix", "photos-cd (discriminator)"} <= set(names)
    assert [line for line in found.outlines if line.endswith("photos train images")]
