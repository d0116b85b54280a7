"""--generator-seeds: how many generators are trained."""

from pathlib import Path

import pytest
from plugin_project import Project

from suite.errors import UsageError


def test_the_profiles_number_unless_something_else_is_said(project: Project) -> None:
    assert project.settings().overrides.generator_seeds is None
    assert project.settings(ini="suite_generator_seeds = 4").overrides.generator_seeds == 4
    assert project.settings("--generator-seeds", "2", ini="suite_generator_seeds = 4").overrides.generator_seeds == 2


@pytest.mark.parametrize("number", ["0", "-2", "many"])
def test_what_is_no_number_of_seeds_is_refused(project: Project, number: str) -> None:
    with pytest.raises(UsageError, match=f"--generator-seeds {number}: give a whole number from 1"):
        project.settings(f"--generator-seeds={number}")


def test_none_end_the_run(project: Project) -> None:
    assert project.refusal("--generator-seeds", "0") == "--generator-seeds 0: give a whole number from 1"


def test_a_folder_is_one_generator_whatever_the_number_of_seeds(project: Project, data_root: Path) -> None:
    synthetic = f"mine={data_root / 'photos' / 'train'}"
    arguments = ("--real", data_root / "photos", "--synthetic", synthetic, "--generator-seeds", "3", "--plan")
    found = project.run("-k", "photos-mine-syn", "--seeds", "1", *arguments)
    assert found.ret == 0
    assert len([line for line in found.outlines if line.endswith("mine images")]) == 1


def test_so_many_image_sets_are_planned(project: Project) -> None:
    found = project.run("-k", "digits-cd-syn", "--plan", "--generator-seeds", "2", "--seeds", "1")
    assert len([line for line in found.outlines if "cd, training" in line]) == 2
