"""--download: whether missing files may be fetched."""

import pytest
from plugin_project import Project

from suite.errors import UsageError


def test_never_unless_it_is_said(project: Project) -> None:
    assert project.settings().data_paths.download is False
    assert project.settings("--download").data_paths.download is True
    assert project.settings(ini="suite_download = true").data_paths.download is True
    assert project.settings(ini="suite_download = no").data_paths.download is False


def test_what_is_neither_yes_nor_no_is_refused(project: Project) -> None:
    with pytest.raises(UsageError, match="--download maybe: choose true or false"):
        project.settings(ini="suite_download = maybe")


def test_it_takes_no_value(project: Project) -> None:
    found = project.run("--download=yes")
    assert found.ret == 4
    assert "Traceback" not in found.stderr.str()
