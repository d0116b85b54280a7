"""Committed reports: the code makes the same files from their bundles, and README shows their tables."""

from pathlib import Path

import pytest

from suite.report.terminal import terminal_summary
from suite.report.writer import write_report
from suite.results.bundle import BUNDLE, find_bundle

ROOT = Path(__file__).parents[2]
REPORTS = ROOT / "reports"
PUBLISHED = sorted(path.parent.name for path in REPORTS.glob(f"*/{BUNDLE}"))


def test_a_report_is_committed() -> None:
    assert "smoke" in PUBLISHED


@pytest.mark.parametrize("profile", PUBLISHED)
def test_a_bundle_becomes_the_committed_report(profile: str, tmp_path: Path) -> None:
    """Run ``pytest cases/ --report-only --profile PROFILE`` after a change of the report."""
    results, pictures = find_bundle(REPORTS, profile)
    folder = write_report(results, tmp_path, pictures)
    for path in folder.iterdir():
        assert path.read_bytes() == (REPORTS / profile / path.name).read_bytes(), path.name


@pytest.mark.parametrize("profile", PUBLISHED)
def test_readme_shows_its_table(profile: str) -> None:
    readme = (ROOT / "README.md").read_text("utf-8")
    shown = readme.partition(f"<!-- {profile} table -->")[2].partition(f"<!-- /{profile} table -->")[0]
    printed = terminal_summary(find_bundle(REPORTS, profile)[0], REPORTS)
    lines = [line.rstrip() for line in shown.strip().splitlines()[1:-1]]
    assert lines
    assert "\n".join(lines) in "\n".join(line.rstrip() for line in printed.splitlines())
