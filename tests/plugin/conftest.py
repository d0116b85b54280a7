"""Projects in which the tests run pytest as a user does."""

import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from filelock import FileLock
from plugin_project import CASE, Project, preload_modules, write_dataset

from suite.artifacts import DataPaths
from suite.datasets.locate import locate
from suite.planning.options import OPTIONS
from suite.report.writer import write_report
from suite.results.models import Cell, ResultsFile


@pytest.fixture(scope="session")
def memo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Directory in which the content of digits is cached."""
    folder = tmp_path_factory.mktemp("memo")
    locate("digits", DataPaths(), folder)
    return folder


@pytest.fixture(scope="session")
def preloaded() -> None:
    """Import the modules of a run before pytester starts; session fixtures are set up first."""
    preload_modules()


@pytest.fixture
def project(
    preloaded: None,  # noqa: ARG001
    pytester: pytest.Pytester,
    memo: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> Project:
    """An empty project, without environment variables of the suite or of pytest."""
    for option in OPTIONS:
        if option.environment:
            monkeypatch.delenv(option.environment, raising=False)
    monkeypatch.setenv("OMP_NUM_THREADS", "1")
    for name in ("PYTEST_ADDOPTS", "PYTEST_XDIST_WORKER", "PYTEST_XDIST_WORKER_COUNT"):  # set by the outer pytest
        monkeypatch.delenv(name, raising=False)
    return Project(pytester, memo)


@pytest.fixture
def data_root(tmp_path: Path) -> Path:
    """A data root that holds the dataset photos."""
    return write_dataset(tmp_path / "data")


@pytest.fixture
def report(project: Project) -> Callable[..., Path]:
    """A function that writes a report with one cell of the made-up dataset birds."""

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
        results = ResultsFile(
            suite_version="0", profile=profile, title="made up", evaluate="test", cells=(cell,), discriminators=()
        )
        return write_report(results, project.path / reports, {})

    return write


@pytest.fixture(scope="session")
def photos(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data root that all processes of the session share, because the store caches contents by path."""
    shared = tmp_path_factory.getbasetemp()
    shared = shared.parent if os.environ.get("PYTEST_XDIST_WORKER") else shared
    with FileLock(shared / "photos.lock"):
        if not (shared / "photos").is_dir():
            write_dataset(shared / "photos")
    return shared / "photos"


@pytest.fixture
def finished(project: Project, photos: Path) -> Project:
    """A project in which one case has been run; the run is made once and copied for every test."""
    saved = photos.parent / "finished"
    with FileLock(photos.parent / "finished.lock"):
        if not saved.is_dir():
            first = project.run(*CASE, "--data-root", photos)
            assert first.ret == 0, first.stdout.str()
            saved.mkdir()
            (saved / "output.txt").write_text(first.stdout.str(), encoding="utf-8")
            shutil.copytree(project.path / "reports", saved / "reports")
            shutil.copytree(project.store, saved / "store")
    shutil.rmtree(project.store)
    shutil.copytree(saved / "store", project.store)
    shutil.copytree(saved / "reports", project.path / "reports", dirs_exist_ok=True)
    return project
