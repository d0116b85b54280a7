"""--download: whether missing files may be downloaded."""

import pytest
from plugin_project import Project

from suite.errors import UsageError


def test_default_is_no_download(project: Project) -> None:
    assert project.options().data_paths.download is False
    assert project.options("--download").data_paths.download is True
    assert project.options(ini="suite_download = true").data_paths.download is True
    assert project.options(ini="suite_download = no").data_paths.download is False


def test_ini_value_must_be_a_boolean(project: Project) -> None:
    with pytest.raises(UsageError, match="--download maybe: choose true or false"):
        project.options(ini="suite_download = maybe")


def test_option_takes_no_value(project: Project) -> None:
    result = project.run("--download=yes")
    assert result.ret == 4
    assert "Traceback" not in result.stderr.str()
