"""--synthetic NAME=PATH: images that exist, as one more generator."""

import re
from pathlib import Path

import pytest
from plugin_project import Project

from suite.errors import UsageError


def test_names_and_places(project: Project, data_root: Path) -> None:
    assert project.settings().data_paths.folders == {}
    made = data_root / "photos" / "train"
    assert project.settings("--synthetic", f"mine={made}").data_paths.folders == {"mine": made}


@pytest.mark.parametrize(
    ("given", "words"),
    [
        (["mine"], "--synthetic mine: give NAME=PATH"),
        (["=data"], "--synthetic =data: give NAME=PATH"),
        (["mine=nowhere"], "--synthetic mine=nowhere does not exist: give a directory or zip"),
        (["mine=.", "mine=.."], "--synthetic mine is given twice"),
    ],
)
def test_what_cannot_be_meant_is_refused(project: Project, given: list[str], words: str) -> None:
    with pytest.raises(UsageError, match=words):
        project.settings(*(part for one in given for part in ("--synthetic", one)))


def test_a_name_that_is_taken_is_refused(project: Project, data_root: Path) -> None:
    words = project.refusal("--synthetic", f"cd={data_root / 'photos' / 'train'}")
    assert words == "there is a generator called 'cd' already: choose another name"


def test_it_becomes_a_generator_of_every_row(project: Project, data_root: Path) -> None:
    made = data_root / "photos" / "train"
    found = project.run("--collect-only", "-q", "--synthetic", f"mine={made}", "-k", "digits and mine")
    ids = [line.partition("[")[2] for line in found.outlines if "::" in line]
    assert ids == ["digits-mine]", "digits-mine-syn]", "digits-mine-mix]"]


def test_images_that_are_the_test_images_are_no_better_way(project: Project, photos: Path) -> None:
    real = photos / "photos"
    given = ("--real", real, "--synthetic", f"peeked={real / 'test'}", "--synthetic", f"fair={real / 'train'}")
    found = project.run(*given, "-k", "org or syn", "--seeds", "1", "--limit-steps", "2", "--image-size", "8")
    assert found.ret == 0, found.stdout.str()
    said = " ".join(found.stdout.str().split())
    leak = "100% of the synthetic images are copies of test images: classifiers trained on them have seen these"
    assert f"leak: photos-peeked: {leak}" in said
    assert said.count("leak:") == 1
    assert re.search("copies: photos-fair: [0-9]+% of the synthetic images are copies of training images", said)
    assert "replaced:" not in said

    again = project.run("--real", real, "-k", "org", "--seeds", "1", "--limit-steps", "2", "--image-size", "8")
    lost = "'photos-peeked-syn', 'photos-fair-syn'"
    assert f"replaced: the report that was here also had {lost}: keep both with --reports DIR" in again.outlines


def test_a_point_of_a_sweep_that_asks_for_more_images_than_there_are_fails_alone(
    project: Project, photos: Path
) -> None:
    real = photos / "photos"
    given = ("--real", real, "--synthetic", f"mine={real / 'train'}", "--sweep", "ratio", "-k", "mix-ratio")
    found = project.run(*given, "--seeds", "1", "--limit-steps", "2", "--image-size", "8")
    found.assert_outcomes(passed=2, errors=2)
    assert "are needed: add images or request fewer" in found.stdout.str()
