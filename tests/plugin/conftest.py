"""Projects in which pytest is run as a user would."""

from collections.abc import Callable
from pathlib import Path

import pytest
from plugin_project import Project, paint

from suite.artifacts import Places
from suite.datasets.locate import locate
from suite.plugin.options import OPTIONS
from suite.report.writer import write_report
from suite.results import Cell, Results


@pytest.fixture(scope="session")
def memo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the content of digits is remembered."""
    folder = tmp_path_factory.mktemp("memo")
    locate("digits", Places(), folder)
    return folder


@pytest.fixture
def project(pytester: pytest.Pytester, memo: Path, monkeypatch: pytest.MonkeyPatch) -> Project:
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


@pytest.fixture
def report(project: Project) -> Callable[..., Path]:
    """A function that writes the report of a run that never was: one cell of a dataset that is not here."""

    def write(reports: str, *, mean: float, profile: str = "smoke") -> Path:
        cell = Cell(
            dataset="birds",
            generator=None,
            mode="org",
            variant=None,
            status="done",
            accuracies=(mean - 0.5, mean + 0.5),
            mean=mean,
            interval=(mean - 1, mean + 1),
            command="pytest",
        )
        results = Results(
            suite_version="0", profile=profile, title="made up", evaluate="test", cells=(cell,), discriminators=()
        )
        return write_report(results, project.path / reports, {})

    return write
