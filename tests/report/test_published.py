"""Committed reports: the code makes the same files from their bundles, and the README files show their tables.

``python tests/report/test_published.py`` writes the tables of the README files anew.
"""

import re
from pathlib import Path

import pytest

from suite.report.answers import answers
from suite.report.comparisons import difference_text, verdict_text
from suite.report.numbers import ascii_minus, percent
from suite.report.terminal import terminal_summary
from suite.report.writer import write_report
from suite.results.bundle import BUNDLE, find_bundle

ROOT = Path(__file__).parents[2]
REPORTS = ROOT / "reports"
PUBLISHED = sorted(path.parent.name for path in REPORTS.glob(f"*/{BUNDLE}"))
PAGES = {"reference results": ROOT / "README.md", **{f"{name} table": REPORTS / "README.md" for name in PUBLISHED}}
PICTURE = re.compile(r"!\[[^\]]*\]\(([^)]+)\)")


def terminal_block(profile: str) -> str:
    """Return what a run prints as a code block."""
    printed = terminal_summary(find_bundle(REPORTS, profile)[0], Path("reports"))
    return "\n".join(("```", *(line.rstrip() for line in printed.strip().splitlines()), "```"))


def reference_table() -> str:
    """Return one row a dataset of profile cpu: ORG, the MIX cell that the answer is about, and its verdict."""
    rows = ["| dataset | `ORG` | best `MIX` | difference | verdict |", "| --- | --- | --- | --- | --- |"]
    for answer in answers(find_bundle(REPORTS, "cpu")[0]):
        best = answer.main
        assert best is not None
        assert best.cell.mode == "mix"
        verdict = verdict_text(best.judgement).partition(":")[0]
        rows.append(
            f"| {answer.dataset} | {percent(best.org.mean)} | {percent(best.cell.mean)}, `{best.generator}` "
            f"| {ascii_minus(difference_text(best.cell))} | {verdict} |"
        )
    return "\n".join(rows)


def expected(name: str) -> str:
    return reference_table() if name == "reference results" else terminal_block(name.partition(" ")[0])


def between_markers(page: Path, name: str) -> str:
    _, found, rest = page.read_text("utf-8").partition(f"<!-- {name} -->\n")
    assert found, f"{page} has no marker {name}"
    return rest.partition(f"\n<!-- /{name} -->")[0]


def test_a_report_is_committed() -> None:
    assert "smoke" in PUBLISHED


@pytest.mark.parametrize("profile", PUBLISHED)
def test_a_bundle_becomes_the_committed_report(profile: str, tmp_path: Path) -> None:
    """Run ``pytest cases/ --report-only --profile PROFILE`` after a change of the report."""
    results, pictures = find_bundle(REPORTS, profile)
    folder = write_report(results, tmp_path, pictures)
    for path in folder.iterdir():
        assert path.read_bytes() == (REPORTS / profile / path.name).read_bytes(), path.name


@pytest.mark.parametrize("name", PAGES)
def test_pages_show_the_tables_of_the_reports(name: str) -> None:
    assert between_markers(PAGES[name], name) == expected(name)


@pytest.mark.parametrize("page", sorted(set(PAGES.values())), ids=lambda page: page.parent.name)
def test_pictures_of_the_pages_exist(page: Path) -> None:
    pictures = PICTURE.findall(page.read_text("utf-8"))
    assert pictures
    assert [name for name in pictures if not (page.parent / name).is_file()] == []


def update() -> None:
    """Write the tables of the README files anew."""
    for name, page in PAGES.items():
        text = page.read_text("utf-8")
        start, end = f"<!-- {name} -->\n", f"<!-- /{name} -->"
        before, _, rest = text.partition(start)
        page.write_text(f"{before}{start}{expected(name)}\n{end}{rest.partition(end)[2]}", "utf-8")


if __name__ == "__main__":
    update()
