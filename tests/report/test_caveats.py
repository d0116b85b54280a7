"""Caveats: leaks, copies, an ORG classifier that has not learnt, and different build environments."""

from collections.abc import Callable
from pathlib import Path

import pytest

from suite.report.answers import answers
from suite.report.caveats import best_guess, caveats, has_learnt
from suite.report.page import page
from suite.report.tables import remarks
from suite.report.terminal import terminal_summary
from suite.results.measurements import mean_values
from suite.results.models import Cell, Results


def quoted(results: Results) -> list[tuple[str, str, str]]:
    return [(caveat.dataset, caveat.kind, caveat.text) for caveat in caveats(results)]


def test_test_images_among_the_training_images_are_reported(make_results: Callable[..., Results]) -> None:
    (clean,) = make_results().datasets
    assert quoted(make_results()) == []
    leaking = clean.model_copy(update={"leaks": 12})
    text = "digits: 12 of 360 test images are in the train split too, pixel for pixel"
    assert quoted(make_results(datasets=(leaking,))) == [("digits", "leak", text)]


def with_copies(cell: Cell, split: str, *shares: float) -> Cell:
    """Return a cell with the share of copies for each generator seed; in another feature space all are copies."""
    ids = (f"copies(efficientnet-lite0@64):{split}:n=9", f"copies(pixels@8:bilinear:none):{split}:within=0.5:n=9")
    measurements = tuple(
        {"id": name, "name": "Copies", "value": value, "better": "lower", "n": 9, "generator_seed": seed}
        for seed, share in enumerate(shares)
        for name, value in zip(ids, (1.0, share), strict=True)
    )
    return cell.model_copy(update={"measurements": measurements, "metrics": mean_values(measurements)})


@pytest.mark.parametrize(
    ("split", "kind", "text"),
    [
        ("train", "copies", "copies of training images"),
        ("test", "leak", "copies of test images: classifiers trained on them have seen these"),
    ],
)
def test_a_generator_that_copies_real_images_is_named_once(
    make_results: Callable[..., Results], split: str, kind: str, text: str
) -> None:
    cells = make_results().cells
    copies = [
        with_copies(cell, split, 0.5 if cell.generator == "cd" and cell.dataset == "digits" else 0.016)
        for cell in cells
    ]
    assert quoted(make_results(cells=tuple(copies))) == [
        ("digits", kind, f"digits-cd: 50% of the synthetic images are {text}")
    ]


def test_there_is_no_verdict_if_org_has_not_learnt(make_results: Callable[..., Results]) -> None:
    """Three classes, and an ``org`` that always predicts one of them: every cell that trains longer is better."""

    def results(mean: float, interval: tuple[float, float]) -> Results:
        cells = list(make_results().cells)
        counts = cells[0].counts
        assert counts is not None
        tested = counts.model_copy(update={"evaluation": (40, 30, 30)})
        changed = {"mean": mean, "image_interval": interval, "counts": tested}
        cells[0] = cells[0].model_copy(update=changed)
        return make_results(cells=tuple(cells))

    learnt, not_learnt = results(45.0, (41.0, 49.0)), results(42.0, (38.0, 46.0))
    assert best_guess(learnt.cells[0]) == 40
    assert has_learnt(learnt.cells[0])
    assert quoted(learnt) == []
    assert quoted(not_learnt)[0][:2] == ("digits", "chance")
    assert quoted(not_learnt)[0][2].startswith(
        "digits: real images alone give 42.0 %, always predicting one class 40.0 %"
    )
    answer = answers(not_learnt)[0]
    assert answer.verdict is None
    assert answer.headline.startswith("Not decided: real images alone give 42.0 %, no better than always predicting")
    assert answers(learnt)[0].verdict is not None


def test_without_accuracy_or_test_images_there_is_no_caveat(make_results: Callable[..., Results]) -> None:
    org = make_results().cells[0]
    assert has_learnt(org.model_copy(update={"mean": None}))
    assert has_learnt(org.model_copy(update={"counts": None}))


@pytest.mark.parametrize(("shares", "percent", "seed"), [((0.01, 0.4, 0.2), "40%", 1), ((0.06, 0.0), "6%", 0)])
def test_the_largest_share_over_generator_seeds_is_reported(
    make_results: Callable[..., Results], shares: tuple[float, ...], percent: str, seed: int
) -> None:
    cells = make_results().cells
    copying = [
        with_copies(cell, "train", *shares) if (cell.generator, cell.dataset) == ("cd", "digits") else cell
        for cell in cells
    ]
    images = f"{percent} of the synthetic images of generator seed {seed}"
    text = f"digits-cd: {images} are copies of training images"
    assert quoted(make_results(cells=tuple(copying))) == [("digits", "copies", text)]


def test_measurements_of_old_reports_are_of_the_first_generator_seed(make_results: Callable[..., Results]) -> None:
    def old(cell: Cell) -> Cell:
        new = with_copies(cell, "train", 0.5)
        entries = ({key: entry[key] for key in entry if key != "generator_seed"} for entry in new.measurements)
        return new.model_copy(update={"measurements": tuple(entries)})

    cells = [old(cell) if cell.generator == "sd" else cell for cell in make_results().cells]
    text = "digits-sd: 50% of the synthetic images are copies of training images"
    assert ("digits", "copies", text) in quoted(make_results(cells=tuple(cells)))


def test_environment_notes_are_caveats_and_no_remarks(make_results: Callable[..., Results]) -> None:
    note = "ORG and this cell were made with different library releases: torch 2.11.0 and 2.14.1"
    cells = [
        cell.model_copy(update={"notes": (note, "palette: 3 images")}) if cell.generator == "cd" else cell
        for cell in make_results().cells
    ]
    results = make_results(cells=tuple(cells))
    assert quoted(results) == [
        (dataset, "environment", f"{dataset}-cd-syn, {dataset}-cd-mix: {note}") for dataset in ("digits", "melanoma")
    ]
    assert note in page(results, {})
    assert f"environment: digits-cd-syn, digits-cd-mix: {note[:20]}" in terminal_summary(results, Path("reports"))
    assert remarks(results)["digits"] == ("digits-cd: palette: 3 images",)
