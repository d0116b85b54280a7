"""Projects in which pytest is run as a user would."""

import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from filelock import FileLock
from plugin_project import CASE, Project, import_what_a_run_imports, paint

from suite.artifacts import DataPaths
from suite.datasets.locate import locate
from suite.plugin.options import OPTIONS
from suite.report.writer import write_report
from suite.results.models import Cell, Results


@pytest.fixture(scope="session")
def memo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the content of digits is remembered."""
    folder = tmp_path_factory.mktemp("memo")
    locate("digits", DataPaths(), folder)
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


@pytest.fixture(scope="session")
def photos(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data root, one for all processes of the session: the store remembers it by its path."""
    shared = tmp_path_factory.getbasetemp()
    shared = shared.parent if os.environ.get("PYTEST_XDIST_WORKER") else shared
    with FileLock(shared / "photos.lock"):
        if not (shared / "photos").is_dir():
            paint(shared / "photos")
    return shared / "photos"


@pytest.fixture
def finished(project: Project, photos: Path) -> Project:
    """A project in which one case has been run; it is run once for all tests."""
    kept = photos.parent / "finished"
    with FileLock(photos.parent / "finished.lock"):
        if not kept.is_dir():
            first = project.run(*CASE, "--data-root", photos)
            assert first.ret == 0, first.stdout.str()
            kept.mkdir()
            (kept / "printed.txt").write_text(first.stdout.str(), encoding="utf-8")
            shutil.copytree(project.path / "reports", kept / "reports")
            shutil.copytree(project.store, kept / "store")
    shutil.rmtree(project.store)
    shutil.copytree(kept / "store", project.store)
    shutil.copytree(kept / "reports", project.path / "reports", dirs_exist_ok=True)
    return project
