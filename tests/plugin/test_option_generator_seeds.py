"""--generator-seeds: number of generator seeds, each paired with a classifier seed."""

from pathlib import Path

import pytest
from plugin_project import Project

from suite.errors import UsageError


def test_default_is_the_number_of_the_profile(project: Project) -> None:
    assert project.options().overrides.generator_seeds is None
    assert project.options(ini="suite_generator_seeds = 4").overrides.generator_seeds == 4
    assert project.options("--generator-seeds", "2", ini="suite_generator_seeds = 4").overrides.generator_seeds == 2


@pytest.mark.parametrize("number", ["0", "-2", "many"])
def test_invalid_number_is_an_error(project: Project, number: str) -> None:
    with pytest.raises(UsageError, match=f"--generator-seeds {number}: give a whole number from 1"):
        project.options(f"--generator-seeds={number}")


def test_zero_ends_the_run(project: Project) -> None:
    assert project.usage_error("--generator-seeds", "0") == "--generator-seeds 0: give a whole number from 1"


def test_synthetic_folder_has_one_generator_seed(project: Project, data_root: Path) -> None:
    synthetic = f"mine={data_root / 'photos' / 'train'}"
    arguments = ("--real", data_root / "photos", "--synthetic", synthetic, "--generator-seeds", "3", "--plan")
    result = project.run("-k", "photos-mine-syn", "--seeds", "1", *arguments)
    assert result.ret == 0
    labels = [line.split(maxsplit=3)[-1] for line in result.outlines if line.startswith("  to build")]
    assert labels.count("mine images") == 1


def test_one_training_is_planned_for_each_seed(project: Project) -> None:
    result = project.run("-k", "digits-cd-syn", "--plan", "--generator-seeds", "2", "--seeds", "2")
    assert len([line for line in result.outlines if "cd, training" in line]) == 2
