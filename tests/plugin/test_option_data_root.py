"""--data-root: directories of datasets."""

import os
from pathlib import Path

import pytest
from plugin_project import Project


def test_several_roots_in_every_form(project: Project, tmp_path: Path) -> None:
    first, second = (tmp_path / name for name in ("first", "second"))
    for root in (first, second):
        (root / "set").mkdir(parents=True)
    both = f"{first}{os.pathsep}{second}"
    assert project.options().data_paths.data_roots == ()
    assert project.options("--data-root", str(first), "--data-root", str(second)).data_paths.data_roots == (
        first,
        second,
    )
    assert project.options(environment={"SUITE_DATA_ROOT": both}).data_paths.data_roots == (first, second)
    assert project.options(ini=f"suite_data_root = {both}").data_paths.data_roots == (first, second)


def test_command_line_overrides_environment_and_ini_file(project: Project, tmp_path: Path) -> None:
    roots = [tmp_path / name for name in "abc"]
    for root in roots:
        (root / "set").mkdir(parents=True)
    environment, ini = {"SUITE_DATA_ROOT": str(roots[1])}, f"suite_data_root = {roots[2]}"
    all_three = project.options("--data-root", str(roots[0]), environment=environment, ini=ini)
    assert all_three.data_paths.data_roots == (roots[0],)
    assert project.options(environment=environment, ini=ini).data_paths.data_roots == (roots[1],)


def test_relative_root_in_the_ini_file_is_relative_to_that_file(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    (project.path / "data" / "set").mkdir(parents=True)
    (project.path / "deep").mkdir()
    monkeypatch.chdir(project.path / "deep")
    arguments = ("--rootdir", str(project.path), "-c", str(project.path / "pytest.ini"))
    options = project.options(*arguments, ini="suite_data_root = data")
    assert options.data_paths.data_roots == (project.path / "data",)


def test_missing_root_is_an_error(project: Project) -> None:
    message = "--data-root nowhere is not a directory: give the folder that holds the datasets"
    assert project.usage_error("--data-root", "nowhere") == message


def test_empty_root_is_an_error(project: Project) -> None:
    (project.path / "empty").mkdir()
    message = "--data-root empty is empty: put a dataset there, as a folder or zip of split/class/file"
    assert project.usage_error("--data-root", "empty") == message


def test_folder_below_a_root_is_a_dataset(project: Project, data_root: Path) -> None:
    result = project.run("-k", "photos", "--plan", "--data-root", data_root)
    assert result.ret == 0
    result.stdout.fnmatch_lines([f"data: *photos ({data_root / 'photos'})*"])
    names = [line for line in result.outlines if line.startswith("photos-")]
    assert {"photos-org", "photos-cd-syn", "photos-cd-mix", "photos-cd (discriminator)"} <= set(names)
    assert [line for line in result.outlines if line.endswith("photos train images")]
