"""Merging reports: whole datasets, whose verdicts stay as they are."""

import pytest

from suite.errors import UsageError
from suite.pictures.picture import is_picture_of, picture_name
from suite.results.merging import merged, taken_from
from suite.results.models import Cell, DiscriminatorResult, ResultsFile
from suite.results.provenance import Environment, PipelineStep
from suite.statistics.summaries import Difference, Judgement, Verdict


def cell(dataset: str, mode: str = "syn", mean: float = 60.0, status: str = "done") -> Cell:
    """Return a cell that helps."""
    difference = Difference(
        difference=5.0,
        org_accuracy=mean - 5,
        org_standard_error=1.0,
        constant_accuracy=10.0,
        seed_variance=1.0,
        org_seed_variance=1.0,
        image_variance=1.0,
        n_seeds=5,
        n_images=100,
    )
    judgement = Judgement(verdict=Verdict.HELPS, interval=(1.0, 9.0), seeds=5, level=0.01, smallest_effect=1.0)
    done = {"mean": mean, "accuracies": (mean,), "comparison": difference, "judgement": judgement}
    return Cell(
        dataset=dataset,
        generator="cd",
        mode=mode,
        variant=None,
        status=status,
        command="pytest",
        **(done if status == "done" else {}),
    )


def results(*cells: Cell, machine: str = "this", steps: int = 1, **more: str) -> ResultsFile:
    """Return the results of a run of those cells."""
    return ResultsFile(
        **{"suite_version": "0", "profile": "cpu", "title": "example", "evaluate": "test", **more},
        cells=cells,
        discriminators=tuple(
            DiscriminatorResult(dataset=name, generator="cd", status="done", command="pytest")
            for name in dict.fromkeys(cell.dataset for cell in cells)
        ),
        environment=Environment(machines=(machine,), devices=("cpu",), versions={"torch": (machine,)}),
        pipeline=(PipelineStep(step="classifier", count=steps, reads=(machine,)),),
    )


def test_datasets_are_sorted_by_name() -> None:
    both_runs = merged(results(cell("b")), results(cell("c"), cell("a")))
    assert [entry.dataset for entry in both_runs.cells] == ["a", "b", "c"]
    assert [entry.dataset for entry in both_runs.discriminators] == ["a", "b", "c"]


def test_a_dataset_with_a_finished_cell_is_not_taken_from_the_earlier_run() -> None:
    current = results(cell("a", mean=70.0), cell("a", "mix", status="failed"), cell("b", status="not run"))
    earlier = results(cell("a"), cell("a", "mix"), cell("b", mean=50.0))
    assert taken_from(current, earlier) == {"b"}
    both_runs = merged(current, earlier)
    assert [(entry.dataset, entry.status, entry.mean) for entry in both_runs.cells] == [
        ("a", "done", 70.0),
        ("a", "failed", None),
        ("b", "done", 50.0),
    ]


def test_verdicts_do_not_depend_on_other_datasets() -> None:
    current, earlier = results(cell("b")), results(cell("a"), cell("c"))
    both = merged(current, earlier)
    alone = {entry.dataset: entry for entry in (*current.cells, *earlier.cells)}
    assert [entry.model_dump_json() for entry in both.cells] == [alone[name].model_dump_json() for name in "abc"]


def test_facts_of_both_runs_are_merged() -> None:
    current = results(cell("a"), steps=2, command="pytest -k a")
    both_runs = merged(current, results(cell("b"), machine="other", steps=3, command="pytest -k b"))
    assert both_runs.environment == Environment(
        machines=("other", "this"), devices=("cpu",), versions={"torch": ("other", "this")}
    )
    assert both_runs.pipeline == (PipelineStep(step="classifier", count=5, reads=("this", "other")),)
    assert both_runs.command == "pytest -k b && pytest -k a"


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"profile": "paper"}, "the earlier run has profile paper, this one cpu: both must be equal"),
        ({"evaluate": "validation"}, "the earlier run has --evaluate validation, this one test"),
    ],
)
def test_runs_of_different_profiles_or_splits_are_not_merged(fields: dict[str, str], message: str) -> None:
    with pytest.raises(UsageError, match=message):
        merged(results(cell("a")), results(cell("b"), **fields))


def test_a_picture_belongs_to_the_dataset_in_its_name() -> None:
    name = picture_name("grid.png", "imagenette64", "cd")
    assert is_picture_of(name, "imagenette64")
    assert not is_picture_of(name, "imagenette")
    assert is_picture_of(picture_name("differences.svg", "melanoma"), "melanoma")
