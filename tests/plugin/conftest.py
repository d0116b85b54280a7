"""Projects in which pytest is run as a user would."""

from pathlib import Path

import pytest
from plugin_project import Project, import_what_a_run_imports, paint

from suite.artifacts import Places
from suite.datasets.locate import locate
from suite.plugin.options import OPTIONS


@pytest.fixture(scope="session")
def memo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the content of digits is remembered."""
    folder = tmp_path_factory.mktemp("memo")
    locate("digits", Places(), folder)
    return folder


@pytest.fixture(scope="session")
def imported() -> None:
    """Come before pytester, which every session's fixture does."""
    import_what_a_run_imports()


@pytest.fixture
def project(
    imported: None,  # noqa: ARG001
    pytester: pytest.Pytester,
    memo: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> Project:
    """An empty project, with nothing said in the environment."""
    for option in OPTIONS:
        if option.environment:
            monkeypatch.delenv(option.environment, raising=False)
    monkeypatch.setenv("OMP_NUM_THREADS", "1")
    for name in ("PYTEST_ADDOPTS", "PYTEST_XDIST_WORKER", "PYTEST_XDIST_WORKER_COUNT"):  # of the run around this one
        monkeypatch.delenv(name, raising=False)
    return Project(pytester, memo)


@pytest.fixture
def data_root(tmp_path: Path) -> Path:
    """A data root that holds the dataset photos."""
    return paint(tmp_path / "data")
