"""Numbers that contradict each other in a file of results."""

from collections.abc import Callable
from pathlib import Path

import pytest

from suite.datasets.checks import Check
from suite.errors import UsageError
from suite.results.bundle import read_results, results_json
from suite.results.consistency import contradiction
from suite.results.models import Cell, ResultsFile
from suite.statistics.summaries import Difference, Judgement, Verdict

Change = Callable[[Cell], Cell]
LEAK = Check(name="leaks", severity="not valid", found=("4 test images",))
HELPS = Judgement(verdict=Verdict.HELPS, interval=(1.0, 9.0), seeds=5, level=0.01, smallest_effect=2.0)
DIFFERENCE = Difference(
    difference=5.0,
    org_accuracy=55.0,
    org_standard_error=1.0,
    constant_accuracy=10.0,
    seed_variance=1.0,
    org_seed_variance=1.0,
    image_variance=1.0,
    n_seeds=5,
    n_images=100,
)
CELL = Cell(
    dataset="digits",
    generator="cd",
    mode="mix",
    variant=None,
    status="done",
    accuracies=(59.0, 61.0),
    mean=60.0,
    comparison=DIFFERENCE,
    judgement=HELPS,
    command="pytest",
)


def results(cell: Cell) -> ResultsFile:
    return ResultsFile(
        suite_version="0", profile="cpu", title="x", evaluate="test", cells=(cell,), discriminators=(), command="pytest"
    )


def judged(**changes: object) -> dict[str, object]:
    return {"judgement": HELPS.model_copy(update=changes)}


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"comparison": None, "judgement": None},
        judged(verdict=Verdict.NOT_VALID) | {"checks": (LEAK,)},
        {"checks": (LEAK.model_copy(update={"found": ()}), LEAK.model_copy(update={"severity": "warning"}))},
        judged(verdict=Verdict.UNDECIDED, interval=(-1.0, 9.0)),
        judged(verdict=Verdict.UNDECIDED, interval=None),
        judged(verdict=Verdict.UNDECIDED, old_procedure=True),
        {
            **judged(verdict=Verdict.HURTS, interval=(-9.0, -1.0)),
            "comparison": DIFFERENCE.model_copy(update={"difference": -5.0}),
        },
    ],
    ids=str,
)
def test_consistent_numbers_are_accepted(changes: dict[str, object]) -> None:
    assert contradiction(results(CELL.model_copy(update=changes))) == ""


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"mean": 61.0}, "mean: it is not the mean of the accuracies"),
        ({"accuracies": ()}, "mean: it is not the mean of the accuracies"),
        ({"judgement": None}, "judgement: there is a verdict without a comparison"),
        (judged(verdict=Verdict.NOT_VALID), "judgement.verdict: it does not follow from the checks"),
        ({"checks": (LEAK,)}, "judgement.verdict: it does not follow from the checks"),
        (judged(interval=(6.0, 9.0)), "judgement.interval: it does not contain the difference"),
        (judged(interval=(-1.0, 9.0)), "judgement.verdict: it does not follow from the interval"),
        (judged(verdict=Verdict.HURTS), "judgement.verdict: it does not follow from the interval"),
        (judged(verdict=Verdict.UNDECIDED), "judgement.verdict: it does not follow from the interval"),
        (judged(verdict=Verdict.NO_PRACTICAL_DIFFERENCE), "judgement.verdict: it does not follow from the interval"),
    ],
)
def test_contradiction_is_refused_with_the_name_of_its_field(
    tmp_path: Path, changes: dict[str, object], message: str
) -> None:
    path = tmp_path / "results.json"
    path.write_text(results_json(results(CELL.model_copy(update=changes))), encoding="utf-8")
    with pytest.raises(UsageError, match=f"contradicts itself: cells.digits-cd-mix.{message}"):
        read_results(path)
