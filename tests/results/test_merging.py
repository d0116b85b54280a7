"""Merging reports: whole datasets, verdicts over the whole table."""

import pytest

from suite.errors import UsageError
from suite.pictures.picture import is_picture_of, picture_name
from suite.results.merging import merged, taken_from
from suite.results.models import Cell, Discriminator, Results
from suite.results.provenance import Environment, Stage
from suite.statistics.summaries import Difference
from suite.statistics.verdict import Verdict


def cell(dataset: str, mode: str = "syn", mean: float = 60.0, p: float | None = 0.02, status: str = "done") -> Cell:
    """Return a cell that differs from ``org`` with a p-value."""
    found = Difference(
        difference=5.0,
        interval=(1.0, 9.0),
        p=p,
        image_interval=(1.0, 9.0),
        minimum_detectable=4.0,
        powered=True,
        powered_level=0.05,
        limited_by="classifier seeds",
        design="3 classifier seeds",
        n_seeds=3,
        n_generator_seeds=1,
        n_images=100,
    )
    done = {"mean": mean, "accuracies": (mean,), "comparison": found} if status == "done" else {}
    return Cell(dataset=dataset, generator="cd", mode=mode, variant=None, status=status, command="pytest", **done)


def results(*cells: Cell, machine: str = "this", steps: int = 1, **more: str) -> Results:
    """Return the results of a run of those cells."""
    return Results(
        **{"suite_version": "0", "profile": "cpu", "title": "made up", "evaluate": "test", **more},
        cells=cells,
        discriminators=tuple(
            Discriminator(dataset=name, generator="cd", status="done", command="pytest")
            for name in dict.fromkeys(one.dataset for one in cells)
        ),
        environment=Environment(machines=(machine,), devices=("cpu",), versions={"torch": (machine,)}),
        pipeline=(Stage(step="classifier", count=steps, reads=(machine,)),),
    )


def test_datasets_stand_side_by_side_by_their_names() -> None:
    found = merged(results(cell("b")), results(cell("c"), cell("a")), 0.05)
    assert [one.dataset for one in found.cells] == ["a", "b", "c"]
    assert [one.dataset for one in found.discriminators] == ["a", "b", "c"]


def test_a_dataset_is_this_run_s_as_soon_as_one_of_its_cells_is() -> None:
    mine = results(cell("a", mean=70.0), cell("a", "mix", status="failed"), cell("b", status="not run"))
    theirs = results(cell("a"), cell("a", "mix"), cell("b", mean=50.0))
    assert taken_from(mine, theirs) == {"b"}
    found = merged(mine, theirs, 0.05)
    assert [(one.dataset, one.status, one.mean) for one in found.cells] == [
        ("a", "done", 70.0),
        ("a", "failed", None),
        ("b", "done", 50.0),
    ]


def test_verdicts_are_corrected_over_the_whole_table() -> None:
    alone = merged(results(cell("a", p=0.02)), results(), 0.05)
    both = merged(results(cell("a", p=0.02)), results(cell("b", p=0.04), cell("c", p=0.04)), 0.05)
    assert [one.judgement.verdict for one in alone.cells if one.judgement] == [Verdict.HELPS]
    assert {one.judgement.verdict for one in both.cells if one.judgement} == {Verdict.TOO_FEW_SEEDS}
    assert [one.judgement.adjusted_p for one in both.cells if one.judgement] == pytest.approx([0.06, 0.08, 0.08])


def test_facts_of_both_runs_are_told() -> None:
    mine = results(cell("a"), steps=2, command="pytest -k a")
    found = merged(mine, results(cell("b"), machine="other", steps=3, command="pytest -k b"), 0.05)
    assert found.environment == Environment(
        machines=("other", "this"), devices=("cpu",), versions={"torch": ("other", "this")}
    )
    assert found.pipeline == (Stage(step="classifier", count=5, reads=("this", "other")),)
    assert found.command == "pytest -k b && pytest -k a"


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({"profile": "paper"}, "the earlier run has profile paper, this one cpu: merge runs of one kind"),
        ({"evaluate": "validation"}, "the earlier run has --evaluate validation, this one test"),
    ],
)
def test_runs_of_two_kinds_are_not_merged(more: dict[str, str], words: str) -> None:
    with pytest.raises(UsageError, match=words):
        merged(results(cell("a")), results(cell("b"), **more), 0.05)


def test_a_picture_tells_whose_it_is() -> None:
    name = picture_name("grid.png", "imagenette64", "cd")
    assert is_picture_of(name, "imagenette64")
    assert not is_picture_of(name, "imagenette")
    assert is_picture_of(picture_name("differences.svg", "melanoma"), "melanoma")
