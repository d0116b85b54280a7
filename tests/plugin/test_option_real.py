"""--real: judge one dataset alone."""

from pathlib import Path

import pytest
from plugin_project import USAGE_ERROR, Project, paint

from suite.errors import UsageError


def test_it_names_the_dataset_and_is_all_that_is_looked_at(project: Project, data_root: Path) -> None:
    found = project.settings("--real", str(data_root / "photos"))
    assert found.real == data_root / "photos"
    assert found.only_dataset == "photos"
    assert (found.data_paths.alone, found.data_paths.data_roots) == (data_root / "photos", ())
    assert found.reports == project.path / "reports" / "photos", "no reference of all datasets is written over"


def test_the_profile_is_chosen_from_data_and_machine_unless_it_is_said(project: Project, data_root: Path) -> None:
    given = ("--real", str(data_root / "photos"), "--synthetic", f"mine={data_root / 'photos' / 'train'}")
    found = project.settings(*given, "--device", "cpu", "--jobs", "1")
    assert found.profile == "cpu"
    assert found.profile_reason.startswith(
        "54 real and 36 synthetic images on 1 cpu worker: classifiers see 10,800 with "
    )
    said = project.settings(*given, "--profile", "smoke")
    assert (said.profile, said.profile_reason) == ("smoke", "")


def test_the_header_says_why(project: Project, data_root: Path) -> None:
    found = project.run_here("--real", data_root / "photos", "--plan", "--jobs", "1", "--device", "cpu")
    assert found.ret == 0
    found.stdout.fnmatch_lines(
        ["profile: cpu (*), device: cpu", "profile chosen for 54 real images on 1 cpu worker: *; --profile overrides"]
    )
    assert "photos-org" in found.outlines


def test_a_link_keeps_its_name(project: Project, data_root: Path) -> None:
    (project.path / "album").symlink_to(data_root / "photos")
    found = project.settings("--real", "album")
    assert (found.only_dataset, found.data_paths.alone) == ("album", project.path / "album")


def test_what_is_not_there_is_refused(project: Project) -> None:
    with pytest.raises(UsageError, match=r"--real .*nowhere does not exist: give a directory or zip"):
        project.settings("--real", "nowhere")


def test_only_its_cases_are_collected(project: Project, data_root: Path) -> None:
    found = project.run_here("--collect-only", "-q", "--real", data_root / "photos")
    ids = [line for line in found.outlines if "::test_case[" in line]
    assert ids == ["cases/test_table1.py::test_case[photos-org]"]


def test_classes_that_differ_are_shown_side_by_side_and_refused(project: Project, data_root: Path) -> None:
    made = data_root / "photos" / "train"
    other = paint(project.path / "other", "made") / "made" / "train"
    (other / "red").rename(other / "crimson")
    given = ("--real", data_root / "photos", "--synthetic", f"good={made}", "--synthetic", f"bad={other}")
    assert project.refusal(*given) == (
        f"{other} has class folders 'blue', 'crimson', 'green', photos has the classes 'blue', 'green', 'red' "
        "(only there: 'crimson'; only in photos: 'red'): rename the folders"
    )


def test_an_image_that_cannot_be_read_is_one_line_for_the_whole_run(project: Project, data_root: Path) -> None:
    spoilt = data_root / "photos" / "train" / "red" / "3.png"
    spoilt.write_bytes(b"no image")
    found = project.run_here("--real", data_root / "photos", "--synthetic", f"mine={data_root / 'photos' / 'test'}")
    assert found.ret == USAGE_ERROR
    errors = [line for line in found.errlines + found.outlines if "is no image that can be read" in line]
    assert len(errors) == 1
    assert errors[0].startswith(f"ERROR: {spoilt} ")


def test_what_is_no_dataset_is_refused_before_anything_is_read(project: Project) -> None:
    (project.path / "photos.zip").write_bytes(b"no zip")
    assert project.refusal("--real", "photos.zip").startswith(f"{project.path / 'photos.zip'} is no whole zip")
