"""--real: evaluate one dataset and no other."""

from pathlib import Path

import pytest
from plugin_project import USAGE_ERROR, Project, write_dataset

from suite.errors import UsageError


def test_real_is_the_only_dataset_of_the_run(project: Project, data_root: Path) -> None:
    options = project.options("--real", str(data_root / "photos"))
    assert options.real == data_root / "photos"
    assert options.only_dataset == "photos"
    assert (options.data_paths.alone, options.data_paths.data_roots) == (data_root / "photos", ())
    assert options.reports == project.path / "reports" / "photos", "the report of all datasets is not replaced"


def test_profile_is_chosen_by_data_and_machine_unless_given(project: Project, data_root: Path) -> None:
    arguments = ("--real", str(data_root / "photos"), "--synthetic", f"mine={data_root / 'photos' / 'train'}")
    arguments = (*arguments, "--classifier", "resnet18")
    options = project.options(*arguments, "--device", "cpu", "--jobs", "1")
    assert options.profile == "cpu"
    assert options.profile_reason.startswith(
        "54 real and 36 synthetic images on 1 cpu worker: classifiers see 18,000 with "
    )
    chosen_by_user = project.options(*arguments, "--profile", "smoke")
    assert (chosen_by_user.profile, chosen_by_user.profile_reason) == ("smoke", "")


def test_header_has_the_reason_for_the_profile(project: Project, data_root: Path) -> None:
    result = project.run_here(
        "--real", data_root / "photos", "--classifier", "resnet18", "--plan", "--jobs", "1", "--device", "cpu"
    )
    assert result.ret == 0
    result.stdout.fnmatch_lines(
        ["profile: cpu (*), device: cpu", "profile chosen for 54 real images on 1 cpu worker: *; --profile overrides"]
    )
    assert "photos-org" in result.outlines


def test_the_first_answer_comes_from_the_linear_probe(project: Project, data_root: Path) -> None:
    options = project.options("--real", str(data_root / "photos"), "--device", "cpu")
    assert (options.overrides.classifier, options.profile, options.profile_reason) == ("linear-probe", "cpu", "")
    assert project.options().overrides.classifier == "resnet18"


def test_symbolic_link_keeps_its_name(project: Project, data_root: Path) -> None:
    (project.path / "album").symlink_to(data_root / "photos")
    options = project.options("--real", "album")
    assert (options.only_dataset, options.data_paths.alone) == ("album", project.path / "album")


def test_missing_path_is_an_error(project: Project) -> None:
    with pytest.raises(UsageError, match=r"--real .*nowhere does not exist: give a directory or zip"):
        project.options("--real", "nowhere")


def test_only_cases_of_the_dataset_are_collected(project: Project, data_root: Path) -> None:
    result = project.run_here("--collect-only", "-q", "--real", data_root / "photos")
    ids = [line for line in result.outlines if "::test_case[" in line]
    assert ids == ["cases/test_table1.py::test_case[photos-org]"]


def test_synthetic_set_with_other_classes_is_an_error(project: Project, data_root: Path) -> None:
    good = data_root / "photos" / "train"
    bad = write_dataset(project.path / "other", "synthetic") / "synthetic" / "train"
    (bad / "red").rename(bad / "crimson")
    arguments = ("--real", data_root / "photos", "--synthetic", f"good={good}", "--synthetic", f"bad={bad}")
    assert project.usage_error(*arguments) == (
        f"{bad} has class folders 'blue', 'crimson', 'green', photos has the classes 'blue', 'green', 'red' "
        "(only in the folders: 'crimson'; only in photos: 'red'): rename the folders"
    )


def test_damaged_image_is_one_error_line_of_the_run(project: Project, data_root: Path) -> None:
    damaged = data_root / "photos" / "train" / "red" / "3.png"
    damaged.write_bytes(b"text")
    result = project.run_here("--real", data_root / "photos", "--synthetic", f"mine={data_root / 'photos' / 'test'}")
    assert result.ret == USAGE_ERROR
    errors = [line for line in result.errlines + result.outlines if "is not a readable image" in line]
    assert len(errors) == 1
    assert errors[0].startswith(f"ERROR: {damaged} ")


def test_invalid_zip_is_an_error(project: Project) -> None:
    (project.path / "photos.zip").write_bytes(b"text")
    assert project.usage_error("--real", "photos.zip").startswith(
        f"{project.path / 'photos.zip'} is not a complete zip"
    )
