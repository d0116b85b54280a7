"""The default output: rows that can run, and one line for the absent datasets."""

import subprocess
import sys
from pathlib import Path

import pytest
from plugin_project import CASE, Project

pytestmark = pytest.mark.slow
ALL = ("--seeds", "2", "--jobs", "2")


@pytest.fixture
def one_case(finished: Project) -> Project:
    """A finished project whose cases are those of photos and cifar10, without generators for photos."""
    for path in (finished.path / "cases").glob("*.toml"):
        if path.stem != "cifar10":
            path.unlink()
    (finished.path / "cases" / "photos.toml").write_text("generators = []\n", encoding="utf-8")
    return finished


def test_absent_datasets_are_one_line_instead_of_rows(one_case: Project, photos: Path) -> None:
    result = one_case.run(*ALL, "--data-root", photos, "-k", "photos or org and not digits")
    result.assert_outcomes(passed=1, deselected=result.parseoutcomes()["deselected"])
    result.stdout.no_fnmatch_line("*cifar10-org*")
    result.stdout.no_fnmatch_line("cifar10 *")
    result.stdout.no_fnmatch_line("*n/a*")
    result.stdout.fnmatch_lines(["not on this machine: *cifar10*; see --data-root and --download"])


def test_named_absent_dataset_is_skipped_with_the_reason(one_case: Project, photos: Path) -> None:
    for expression in ("cifar10 and org", "cifar and org", "CIFAR10-org"):
        result = one_case.run(*ALL, "--data-root", photos, "-k", expression, "-rs")
        result.assert_outcomes(skipped=1, deselected=result.parseoutcomes()["deselected"])
        result.stdout.fnmatch_lines(["SKIPPED*cifar10*--data-root*"])
    test = "cases/test_table1.py::test_case[cifar10-org]"
    by_id = subprocess.run([sys.executable, "-m", "pytest", test], cwd=one_case.path, capture_output=True, text=True)
    assert "1 skipped" in by_id.stdout


def test_benchmark_table_has_one_column_of_recorded_seconds(finished: Project, photos: Path) -> None:
    result = finished.run(*CASE, "--data-root", photos)
    result.stdout.fnmatch_lines(
        ["*recorded build time of the cases*", "Name (time in *)*Mean*", "test_case*photos-org*"]
    )
    for column in ("Min", "Max", "OPS", "Rounds"):
        result.stdout.no_fnmatch_line(f"*Name (time in*{column}*")
    chosen = finished.run(*CASE, "--data-root", photos, "--benchmark-columns", "min,max")
    chosen.stdout.fnmatch_lines(["Name (time in *)*Min*Max*"])
