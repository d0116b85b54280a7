"""--synthetic NAME=PATH: existing images, shown as a generator."""

import re
from pathlib import Path

import pytest
from plugin_project import Project

from suite.errors import UsageError


def test_names_and_paths(project: Project, data_root: Path) -> None:
    assert project.options().data_paths.folders == {}
    synthetic = data_root / "photos" / "train"
    assert project.options("--synthetic", f"mine={synthetic}").data_paths.folders == {"mine": synthetic}


@pytest.mark.parametrize(
    ("values", "message"),
    [
        (["mine"], "--synthetic mine: give NAME=PATH"),
        (["=data"], "--synthetic =data: give NAME=PATH"),
        (["mine=nowhere"], "--synthetic mine=nowhere does not exist: give a directory or a zip of class/file"),
        (["mine=.", "mine=.."], "--synthetic mine is given twice"),
    ],
)
def test_invalid_value_is_an_error(project: Project, values: list[str], message: str) -> None:
    with pytest.raises(UsageError, match=message):
        project.options(*(argument for value in values for argument in ("--synthetic", value)))


def test_name_of_a_generator_is_an_error(project: Project, data_root: Path) -> None:
    message = project.usage_error("--synthetic", f"cd={data_root / 'photos' / 'train'}")
    assert message == "--synthetic cd: a generator has this name already: choose another name"


def test_synthetic_set_is_a_generator_of_every_row(project: Project, data_root: Path) -> None:
    synthetic = data_root / "photos" / "train"
    result = project.run("--collect-only", "-q", "--synthetic", f"mine={synthetic}", "-k", "digits and mine")
    ids = [line.partition("[")[2] for line in result.outlines if "::" in line]
    assert ids == ["digits-mine]", "digits-mine-syn]", "digits-mine-mix]"]


@pytest.mark.slow
def test_copies_of_test_images_are_not_valid(project: Project, photos: Path) -> None:
    real = photos / "photos"
    arguments = ("--real", real, "--synthetic", f"peeked={real / 'test'}", "--synthetic", f"fair={real / 'train'}")
    result = project.run(*arguments, "-k", "org or syn", "--seeds", "1", "--limit-steps", "2", "--image-size", "8")
    assert result.ret == 0, result.stdout.str()
    output = " ".join(result.stdout.str().split())
    assert "photos-peeked-syn: 18 of 18 test images are among the synthetic ones" in output
    assert output.count("of 18 test images") == output.count("18 of 18 test images") > 0
    assert re.search("warning: photos-fair: [0-9]+% of the synthetic images are copies of training images", output)
    assert "replaced:" not in output

    again = project.run("--real", real, "-k", "org", "--seeds", "1", "--limit-steps", "2", "--image-size", "8")
    lost = "'photos-peeked-syn', 'photos-fair-syn'"
    assert f"replaced: the report that was here also had {lost}: keep both with --reports DIR" in again.outlines


@pytest.mark.slow
def test_variant_with_too_few_images_fails_and_the_others_pass(project: Project, photos: Path) -> None:
    real = photos / "photos"
    arguments = ("--real", real, "--synthetic", f"mine={real / 'train'}", "--sweep", "ratio", "-k", "mix-ratio")
    result = project.run(*arguments, "--seeds", "1", "--limit-steps", "2", "--image-size", "8")
    result.assert_outcomes(passed=2, errors=3)
    assert "are needed: add images or request fewer" in result.stdout.str()
