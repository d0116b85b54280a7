"""What is said of numbers that are worth little."""

from collections.abc import Callable

import pytest

from suite.report.answers import answers
from suite.report.caveats import best_guess, caveats, has_learnt
from suite.results.models import Cell, Results


def said(results: Results) -> list[tuple[str, str, str]]:
    return [(one.dataset, one.kind, one.text) for one in caveats(results)]


def test_test_images_among_the_training_images_are_reported(make_results: Callable[..., Results]) -> None:
    (clean,) = make_results().datasets
    assert said(make_results()) == []
    leaking = clean.model_copy(update={"leaks": 12})
    text = "digits: 12 of 360 test images are in the train split too, pixel for pixel"
    assert said(make_results(datasets=(leaking,))) == [("digits", "leak", text)]


@pytest.mark.parametrize(
    ("split", "kind", "text"),
    [
        ("train", "copies", "copies of training images"),
        ("test", "leak", "copies of test images: what was trained on them has seen these"),
    ],
)
def test_a_generator_that_hands_out_real_images_is_named_once(
    make_results: Callable[..., Results], split: str, kind: str, text: str
) -> None:
    def copying(cell: Cell, share: float) -> Cell:
        measured = {
            f"copies(efficientnet-lite0@64):{split}:n=9": 1.0,
            f"copies(pixels@8:bilinear:none):{split}:within=0.5:n=9": share,
        }
        return cell.model_copy(update={"metrics": measured})

    cells = make_results().cells
    copies = [copying(cell, 0.5 if cell.generator == "cd" and cell.dataset == "digits" else 0.016) for cell in cells]
    assert said(make_results(cells=tuple(copies))) == [
        ("digits", kind, f"digits-cd: 50% of the synthetic images are {text}")
    ]


def test_nothing_is_said_to_help_where_real_images_taught_nothing(make_results: Callable[..., Results]) -> None:
    """Three classes, and an ``org`` that always gives one answer: what trains longer beats it, whatever it is."""

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
    assert said(learnt) == []
    assert said(not_learnt)[0][:2] == ("digits", "chance")
    assert said(not_learnt)[0][2].startswith("digits: real images alone give 42.0 %, always the same answer 40.0 %")
    answer = answers(not_learnt)[0]
    assert answer.verdict is None
    assert answer.headline.startswith("Not decided: real images alone give 42.0 %, no better than always the same")
    assert answers(learnt)[0].verdict is not None


def test_what_does_not_know_its_test_images_is_not_doubted(make_results: Callable[..., Results]) -> None:
    org = make_results().cells[0]
    assert has_learnt(org.model_copy(update={"mean": None}))
    assert has_learnt(org.model_copy(update={"counts": None}))
