"""Caveats: test images among the training images of a dataset, and copies of training images."""

from collections.abc import Callable
from pathlib import Path

import pytest
from sample_results import not_valid

from suite.report.caveats import caveats
from suite.report.page import page
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


def test_a_generator_that_copies_training_images_is_named_once(make_results: Callable[..., Results]) -> None:
    def results(split: str) -> Results:
        shares = ((cell, 0.5 if (cell.generator, cell.dataset) == ("cd", "digits") else 0.016) for cell in cells)
        return make_results(cells=tuple(with_copies(cell, split, share) for cell, share in shares))

    cells = make_results().cells
    text = "digits-cd: 50% of the synthetic images are copies of training images"
    assert quoted(results("train")) == [("digits", "copies", text)]
    assert quoted(results("test")) == [], "copies of test images are the reason of a verdict"


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


def test_cells_of_different_build_environments_are_named_before_the_tables(
    make_results: Callable[..., Results],
) -> None:
    reason = "ORG and this cell were made with different library releases: torch 2.11.0 and 2.14.1"
    cells = [not_valid(cell, reason) if cell.generator == "cd" else cell for cell in make_results().cells]
    results = make_results(cells=tuple(cells))
    assert quoted(results) == []
    assert reason in page(results, {})
    assert "not valid: digits-cd-syn, digits-cd-mix, melanoma-cd-syn" in terminal_summary(results, Path("reports"))
