"""What a newcomer sees: the rows that can run, and one line for the datasets that are absent."""

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
    found = one_case.run(*ALL, "--data-root", photos, "-k", "photos or org and not digits")
    found.assert_outcomes(passed=1, deselected=found.parseoutcomes()["deselected"])
    found.stdout.no_fnmatch_line("*cifar10-org*")
    found.stdout.no_fnmatch_line("cifar10 *")
    found.stdout.no_fnmatch_line("*n/a*")
    found.stdout.fnmatch_lines(["not on this machine: *cifar10*; see --data-root and --download"])


def test_an_absent_dataset_that_is_named_is_skipped_with_the_reason(one_case: Project, photos: Path) -> None:
    for words in ("cifar10 and org", "cifar and org"):
        found = one_case.run(*ALL, "--data-root", photos, "-k", words, "-rs")
        found.assert_outcomes(skipped=1, deselected=found.parseoutcomes()["deselected"])
        found.stdout.fnmatch_lines(["SKIPPED*cifar10*--data-root*"])
    test = "cases/test_table1.py::test_case[cifar10-org]"
    by_id = subprocess.run([sys.executable, "-m", "pytest", test], cwd=one_case.path, capture_output=True, text=True)
    assert "1 skipped" in by_id.stdout


def test_the_benchmark_table_has_one_column_of_recorded_seconds(finished: Project, photos: Path) -> None:
    found = finished.run(*CASE, "--data-root", photos)
    found.stdout.fnmatch_lines(
        ["*recorded build time of the cases*", "Name (time in *)*Mean*", "test_case*photos-org*"]
    )
    for column in ("Min", "Max", "OPS", "Rounds"):
        found.stdout.no_fnmatch_line(f"*Name (time in*{column}*")
    chosen = finished.run(*CASE, "--data-root", photos, "--benchmark-columns", "min,max")
    chosen.stdout.fnmatch_lines(["Name (time in *)*Min*Max*"])
