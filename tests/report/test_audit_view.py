"""What the report says about single synthetic images."""

import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest

from suite.audit.audit import AuditSummary, FilterOutcome
from suite.classifiers.influence import InfluenceSummary
from suite.datasets.checks import Check
from suite.generators.generator import REAL_IMAGES
from suite.report.answers import answers
from suite.report.audit_view import AuditedSet, audited_sets, wrong_images
from suite.report.numbers import MINUS
from suite.report.page import page
from suite.report.terminal import terminal_summary
from suite.results.models import Cell, ResultsFile

MakeResults = Callable[..., ResultsFile]
AUDIT = AuditSummary(
    contradicted=(400, 12) + 8 * (0,),
    images=10 * (500,),
    least=0.9,
    real_contradicted=3,
    real_images=360,
    duplicates=0,
    copies=7,
    searched=False,
    space="pixels@16",
    influence=InfluenceSummary(real_images=120, agreement=0.591),
    filters={
        "agreement": FilterOutcome(kept=4500, contradicted=0),
        "top-k": FilterOutcome(kept=2500, contradicted=1),
        "manifold": FilterOutcome(kept=4800, contradicted=300),
    },
)
SENTENCE = (
    "cd: 412 of 5,000 images are labelled against what they show: ORG predicts another class with at least 90 % "
    "(of real images 0.8 %)"
)
WEBP = b"RIFF"


@pytest.fixture
def cells(make_results: MakeResults) -> Callable[..., list[Cell]]:
    """Return a function that returns the cells of digits, those of ``cd`` with an audit."""

    def make(audit: AuditSummary = AUDIT, **changes: object) -> list[Cell]:
        return [
            cell.model_copy(update={"audit": audit, **changes}) if cell.generator == "cd" and not cell.variant else cell
            for cell in make_results().cells
            if cell.dataset == "digits"
        ]

    return make


def filtered(cells: list[Cell], name: str, difference: float) -> Cell:
    mix = next(cell for cell in cells if (cell.generator, cell.mode, cell.variant) == ("cd", "mix", None))
    assert mix.comparison is not None
    comparison = mix.comparison.model_copy(update={"difference": difference})
    return mix.model_copy(update={"variant": f"filter-{name}", "audit": None, "comparison": comparison})


def test_contradicted_labels_are_counted_once_for_both_modes(cells: Callable[..., list[Cell]]) -> None:
    assert wrong_images(cells()) == (SENTENCE,)


@pytest.mark.parametrize(
    "update",
    [
        {"contradicted": 10 * (0,)},
        {"contradicted": (42,) + 9 * (0,)},  # the share of real images
        {"real_contradicted": 60},
        {"real_images": 0, "real_contradicted": 0},
    ],
)
def test_as_many_as_of_real_images_are_not_mentioned(
    cells: Callable[..., list[Cell]], update: dict[str, object]
) -> None:
    assert wrong_images(cells(AUDIT.model_copy(update=update))) == ()


def test_removing_them_is_mentioned_only_where_it_was_run(cells: Callable[..., list[Cell]]) -> None:
    table1 = cells()
    before = next(cell for cell in table1 if cell.generator == "cd" and cell.mode == "mix").comparison
    assert before is not None
    instead = f"instead of {before.difference:+.1f} points (exploratory)".replace("-", MINUS)
    run = [filtered(table1, "top-k", -1.2), filtered(table1, "agreement", 3.4), filtered(table1, "manifold", 9.0)]
    assert wrong_images([*table1, run[2]]) == (SENTENCE,), "manifold keeps most of them"
    text = f"{SENTENCE}; without them (filter {{}}), against ORG: MIX {{}} {instead}"
    assert wrong_images([*table1, run[0]]) == (text.format("top-k keeps 2,500", f"{MINUS}1.2"),)
    assert wrong_images([*table1, *run]) == (text.format("agreement keeps 4,500", "+3.4"),), "it removes fewer others"


def test_checks_of_whole_classes_are_not_contradicted(cells: Callable[..., list[Cell]]) -> None:
    exchanged = Check(name="exchanged classes", severity="not valid", found=("zero and one",))
    expected = f"{SENTENCE}, among them images of the classes that the checks name"
    assert wrong_images(cells(checks=(exchanged,))) == (expected,)


def test_repeated_images_are_mentioned_unless_a_check_did(cells: Callable[..., list[Cell]]) -> None:
    audit = AUDIT.model_copy(update={"contradicted": 10 * (0,), "duplicates": 12})
    assert wrong_images(cells(audit)) == ("cd: 12 of 5,000 images repeat an earlier one pixel for pixel",)
    repeated = Check(name="repeated images", severity="note", found=("12 images",))
    assert wrong_images(cells(audit, checks=(repeated,))) == ()


def test_nothing_is_said_about_the_ceiling(cells: Callable[..., list[Cell]]) -> None:
    assert wrong_images(cells(trained_on=REAL_IMAGES)) == ()


def captions(influence: float | None) -> bytes:
    wrong = {"index": 7, "predicted": 3, "probability": 0.034, "influence": influence}
    right = {"index": 9, "predicted": 0, "probability": 0.996, "influence": influence}
    return json.dumps([[wrong], [right], *([[]] * 18)]).encode()


def pictures(influence: float | None = -0.00123) -> dict[str, bytes]:
    return {"audited-digits-cd.webp": WEBP, "audited-digits-cd.json": captions(influence)}


def view(make_results: MakeResults, cells: list[Cell], files: dict[str, bytes]) -> tuple[AuditedSet, ...]:
    parsed = {name: json.loads(content) for name, content in files.items() if name.endswith(".json")}
    return audited_sets(make_results(cells=tuple(cells)), files, parsed)


def test_images_have_captions(make_results: MakeResults, cells: Callable[..., list[Cell]]) -> None:
    (found,) = view(make_results, cells(), pictures())
    names = cells()[0].counts.classes  # type: ignore[union-attr]
    worst, best = found.rows[:2]
    assert (worst.name, worst.end, best.end) == (names[0], "worst", "best")
    assert (worst.images[0].caption, worst.images[0].influence) == (f"{names[3]} 0.03", f"{MINUS}1.23")
    assert best.images[0].caption == "1.00"
    title = (
        f"image 7: label {names[0]}, predicted {names[3]}, label has 0.03, influence {MINUS}1.23 thousandths of a nat"
    )
    assert worst.images[0].title == title
    assert found.table == "digits-cd-synthetic_images.csv"
    assert view(make_results, cells(), pictures(None))[0].rows[0].images[0].influence == ""
    assert view(make_results, cells(), {}) == ()


def test_empty_columns_have_a_reason(make_results: MakeResults, cells: Callable[..., list[Cell]]) -> None:
    (found,) = view(make_results, cells(), pictures())
    assert [fact for fact in found.facts if fact.endswith("Rank correlation between folds: +0.59.")]
    audit = AUDIT.model_copy(update={"influence": None, "missing": {"influence": "no extractor"}})
    (found,) = view(make_results, cells(audit), pictures(None))
    assert "influence is empty: no extractor." in found.facts


def test_page_and_terminal_show_the_audit(
    make_results: MakeResults, cells: Callable[..., list[Cell]], tmp_path: Path
) -> None:
    results = make_results(cells=tuple(cells()))
    html = page(results, pictures())
    assert html.count('<figure title="image ') == 2
    assert re.search(r"<dt>images</dt><dd>cd: 412 of 5,000 images", html)
    assert answers(results)[0].wrong_images == (SENTENCE,)
    assert "images: cd: 412 of 5,000 images are labelled" in terminal_summary(results, tmp_path)
    assert 'id="audit"' not in page(results, {})
