"""The wheel: what is in it, and that it works for a new user in an empty directory."""

import os
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from plugin_project import ROOT, replace_by_zip, write_dataset

pytest.importorskip("setuptools", minversion="77", reason="the wheel is built with setuptools")
pytestmark = pytest.mark.slow
BUILT_FROM = ("suite", "cases", "setup.py", "pyproject.toml", "MANIFEST.in", "README.md", "LICENSE")
Suite = Callable[..., "subprocess.CompletedProcess[str]"]


def pip(*arguments: str | Path) -> None:
    command = [sys.executable, "-m", "pip", "--disable-pip-version-check", *map(str, arguments)]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A wheel of the checkout, built from a copy without earlier builds."""
    folder = tmp_path_factory.mktemp("wheel")
    for name in BUILT_FROM:
        if (ROOT / name).is_dir():
            shutil.copytree(ROOT / name, folder / "source" / name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(ROOT / name, folder / "source" / name)
    pip("wheel", "--no-deps", "--no-build-isolation", "--no-index", "-w", folder, folder / "source")
    (path,) = folder.glob("*.whl")
    return path


@pytest.fixture
def installed(wheel: Path, tmp_path: Path) -> Path:
    """The directory into which the wheel is installed; compiled, as pip does it."""
    pip("install", "--no-deps", "--no-index", "--target", tmp_path / "installed", wheel)
    return tmp_path / "installed"


@pytest.fixture
def new_user(installed: Path, tmp_path: Path) -> Suite:
    """A function that runs ``python -m suite`` in the directory ``work``, where nothing is of the checkout."""
    (tmp_path / "work").mkdir()
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("SUITE_", "PYTEST_"))}
    environment = {**kept, "PYTHONPATH": str(installed), "OMP_NUM_THREADS": "1"}
    environment.pop("PYTHONDONTWRITEBYTECODE", None)

    def run(*arguments: str) -> "subprocess.CompletedProcess[str]":
        command = [sys.executable, "-m", "suite", *arguments]
        return subprocess.run(command, cwd=tmp_path / "work", env=environment, capture_output=True, text=True)

    return run


def files(folder: Path) -> set[Path]:
    return set(folder.rglob("*"))


def test_content(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        names = set(archive.namelist())
        entry_points = next(archive.read(name).decode() for name in names if name.endswith("entry_points.txt"))
    cases = {f"suite/_cases/{path.name}" for path in (ROOT / "cases").iterdir() if path.is_file()}
    assert {name for name in names if name.startswith("suite/_cases/")} == cases
    data = [path for path in (ROOT / "suite").rglob("*") if path.is_file() and "__pycache__" not in path.parts]
    assert {path.relative_to(ROOT).as_posix() for path in data} <= names
    assert {name.split("/")[0] for name in names if ".dist-info/" not in name} == {"suite"}
    assert "suite = suite.__main__:main" in entry_points


def test_installed_cases_are_collected_and_nothing_is_written(new_user: Suite, installed: Path, tmp_path: Path) -> None:
    before = files(installed)
    (tmp_path / "pyproject.toml").write_text("[tool.pytest.ini_options]\naddopts = '--nonsense'\n")
    done = new_user("run", "--collect-only", "-q", "-k", "digits and org")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "test_table1.py::test_case[digits-org]" in done.stdout
    named = new_user("run", "cases/test_discriminator.py", "--collect-only", "-q", "-k", "digits")
    assert "test_discriminator[digits-cd]" in named.stdout
    assert "test_case" not in named.stdout
    assert new_user("run", "--sweep", "ratio", "--collect-only", "-q", "-k", "digits and ratio").returncode == 0
    assert files(installed) == before
    assert list((tmp_path / "work").iterdir()) == []


@pytest.mark.thorough
def test_a_new_user_gets_an_answer(new_user: Suite, installed: Path, tmp_path: Path) -> None:
    before = files(installed)
    work = tmp_path / "work"
    write_dataset(work, "photos", train=40, test=20)
    write_dataset(tmp_path / "other", "made", train=30)
    replace_by_zip(tmp_path / "other" / "made" / "train").rename(work / "made.zip")
    done = new_user("judge", "photos", "made.zip", "--device", "cpu", "--jobs", "2")
    assert done.returncode == 0, done.stdout + done.stderr
    page = work / "reports" / "photos" / "cpu" / "index.html"
    assert f"report: {page}" in done.stdout
    results = page.with_name("results.json").read_text("utf-8")
    assert "suite run 'cases/test_table1.py::test_case[photos-made-mix]'" in results
    run = new_user("run", "-k", "digits and org", "--limit-steps", "4", "--seeds", "2")
    assert "1 passed" in run.stdout or "outside" in run.stdout, run.stdout + run.stderr
    assert (work / "reports" / "smoke" / "index.html").is_file()
    again = new_user("report", "--reports", "reports/photos", "--profile", "cpu")
    assert again.returncode == 0, again.stderr
    assert files(installed) == before, "the package is not written to"
    assert {path.name for path in work.iterdir()} == {"photos", "made.zip", ".store", "reports"}
