"""--real: judge one dataset alone."""

from pathlib import Path

import pytest
from plugin_project import Project

from suite.errors import UsageError


def test_it_names_the_dataset_and_is_its_root(project: Project, data_root: Path) -> None:
    found = project.settings("--real", str(data_root / "photos"))
    assert found.real == data_root / "photos"
    assert found.alone == "photos"
    assert found.places.data_roots == (data_root,)
    assert found.profile == "cpu" if found.device == "cpu" else "paper"


def test_what_is_not_there_is_refused(project: Project) -> None:
    with pytest.raises(UsageError, match=r"--real .*nowhere is not there: give a directory or a zip"):
        project.settings("--real", "nowhere")


def test_only_its_cases_are_collected(project: Project, data_root: Path) -> None:
    found = project.run("--collect-only", "-q", "--real", data_root / "photos")
    ids = [line for line in found.outlines if "::test_case[" in line]
    assert ids == ["cases/test_table1.py::test_case[photos-org]"]
