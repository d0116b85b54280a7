"""--sweep: variants beside the cells of Table 1."""

import pytest
from plugin_project import Project

from suite.errors import UsageError


def test_none_unless_they_are_asked_for(project: Project) -> None:
    assert project.settings().axes == ()
    assert project.settings("--sweep", "ratio", "--sweep", "budget").axes == ("ratio", "replace", "budget")
    assert project.settings(ini="suite_sweep = guidance").axes == ("guidance",)
    assert set(project.settings("--sweep", "all").axes) >= {"ratio", "scarcity", "budget", "guidance", "augmentation"}


def test_an_unknown_sweep_names_the_choices(project: Project) -> None:
    with pytest.raises(UsageError, match=r"--sweep depth: choose from ratio, scarcity, .*all"):
        project.settings("--sweep", "ratio", "--sweep", "depth")


def test_variants_are_collected_only_then(project: Project) -> None:
    assert "test_variant" not in project.run("--collect-only", "-q").stdout.str()
    found = project.run("--collect-only", "-q", "--sweep", "ratio", "-k", "digits-cd-mix-ratio")
    assert [line.partition("[")[2] for line in found.outlines if "test_variant" in line] == [
        f"digits-cd-mix-ratio-{value:g}]" for value in (0.25, 0.5, 2, 4)
    ]
