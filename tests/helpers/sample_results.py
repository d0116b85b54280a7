"""Example results: every kind of cell, with real statistics over invented accuracies."""

from collections.abc import Callable

import numpy as np
import pytest

from suite.datasets.checks import Check
from suite.filters.filtered import FilterSummary
from suite.results.measurements import mean_values
from suite.results.models import Cell, Correlation, Counts, DiscriminatorResult, ResultsFile, TrainingCost
from suite.results.provenance import DatasetFacts, Environment, PipelineStep
from suite.statistics.comparison import compare
from suite.statistics.looks import cell_level
from suite.statistics.summaries import Judgement, Verdict
from suite.statistics.verdict import judge

ACCURACIES = {
    "digits": {
        (None, "org"): 0.978,
        ("sd", "syn"): 0.61,
        ("sd", "mix"): 0.975,
        ("cd", "syn"): 0.93,
        ("cd", "mix"): 0.992,
        ("biggan", "syn"): 0.88,
        ("biggan", "mix"): 0.979,
    },
    "melanoma": {(None, "org"): 0.62, ("cd", "syn"): 0.55, ("cd", "mix"): 0.63},
}
CLASSES = {
    "digits": ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"),
    "melanoma": ("benign", "malignant"),
}
SEEDS, IMAGES = 5, 360
SMALLEST_EFFECT = 2.0  # points
SPACE = "efficientnet-lite0@64:bilinear:57934424"


def _correct(accuracy: float, seed: int) -> np.ndarray:
    """Return which predictions are correct, bool (seeds, images), with a mean close to ``accuracy``."""
    rng = np.random.default_rng(seed)
    hardness = np.linspace(0, 1, IMAGES) + rng.normal(0, 0.004, (SEEDS, IMAGES))
    return hardness < accuracy


def _measurements(fd: float) -> tuple[dict[str, object], ...]:
    def measurement(word: str, name: str, value: float | None, better: str, note: str = "") -> dict[str, object]:
        return {
            "id": f"{word}({SPACE}):n=1347",
            "name": f"{name} (EfficientNet-Lite0)",
            "value": value,
            "better": better,
            "bounds": (None, None),
            "std": 0.1 if word == "is" else None,
            "interval": (value - 1, value + 1) if word == "kid" and value is not None else None,
            "per_class": None,
            "p": None,
            "n": 1347,
            "reference_n": 1347,
            "note": note,
            "generator_seed": 0,
        }

    return (
        measurement("fd", "FD", fd, "lower", "biased upwards: 1347 images"),
        measurement("fd-infinity", "FD at infinity", None, "lower", "refused: takes more than 2560 images"),
        measurement(
            "is", "IS", 8 - fd / 500, "higher", "not meaningful: ImageNet's classes do not occur in these images"
        ),
        measurement("kid", "KID", fd / 100, "lower"),
    )


def _cell(
    dataset: str,
    generator: str | None,
    mode: str,
    accuracy: float,
    *,
    variant: str | None = None,
    org: float | None = None,
    real: int = 100,
) -> Cell:
    case, reference = _correct(accuracy, 1), _correct(org or ACCURACIES[dataset][None, "org"], 0)
    accuracies = 100 * case.mean(axis=1)
    classes = CLASSES[dataset]
    each = tuple(real for _ in classes)
    fds = {"sd": 1800.0, "cd": 412.5, "biggan": 640.0}
    measurements = _measurements(fds[generator]) if generator else ()
    comparison = judgement = None
    if generator:
        syn = mode == "syn"
        comparison = compare(case, reference, np.arange(IMAGES) % len(classes))
        judgement = judge([comparison], cell_level(3, syn=syn), SMALLEST_EFFECT, syn=syn)
    return Cell(
        dataset=dataset,
        generator=generator,
        mode=mode,
        variant=variant,
        status="done",
        accuracies=tuple(accuracies.tolist()),
        mean=float(accuracies.mean()),
        interval=(float(accuracies.min()) - 0.5, float(accuracies.max()) + 0.5),
        per_class=tuple(float(accuracies.mean()) for _ in classes),
        comparison=comparison,
        judgement=judgement,
        paper={"org": 61.7, "syn": 58.1, "mix": 64.9}[mode] if dataset == "melanoma" else None,
        expected=(95.0, 100.0) if dataset == "digits" else (60.0, 70.0),
        counts=Counts(
            classes=classes,
            real=each if mode != "syn" else tuple(0 for _ in classes),
            synthetic=each if generator else (),
            evaluation=tuple(IMAGES // len(classes) for _ in classes),
        ),
        training_cost=TrainingCost(
            unique_images=2694 if mode == "mix" else 1347,
            images_seen=26940,
            steps=440 if mode == "mix" else 220,
            parameters=701466,
        ),
        metrics={entry["id"]: entry["value"] for entry in measurements},
        measurements=measurements,
        trained_on="this train split" if generator else None,
        keys={"real": ("634434cc10b9e3d4a13324261f3e9c97",), "synthetic": ("28" * 16,) if generator else ()},
        command=f"pytest 'cases/test_table1.py::test_case[{dataset}-{generator}-{mode}]' --profile smoke",
        seconds={"generator": 55.2, "sampling": 9.4, "classifiers": 106.7} if generator else {"classifiers": 116.3},
        memory={"generator": 900 << 20, "classifiers": 660 << 20},
    )


def judged(cell: Cell, verdict: Verdict, reason: str = "", **fields: object) -> Cell:
    """Return a cell with another verdict; further fields are those of its judgement, such as ``interval``."""
    judgement = Judgement(verdict=verdict, interval=(-0.8, 0.8), seeds=SEEDS, level=0.04 / 3, smallest_effect=1.0)
    return cell.model_copy(update={"judgement": judgement.model_copy(update={"reason": reason, **fields})})


def not_valid(cell: Cell, reason: str = "4 of 360 test images are among the synthetic ones") -> Cell:
    """Return a cell that is not valid; its interval and seeds stay."""
    assert cell.judgement is not None
    update = {"verdict": Verdict.NOT_VALID, "reason": reason, "more_seeds": None, "cannot_show_less_than": None}
    check = Check(name="test images among the synthetic ones", severity="not valid", found=(reason,))
    return cell.model_copy(update={"judgement": cell.judgement.model_copy(update=update), "checks": (check,)})


def with_checks(results: ResultsFile, real: tuple[Check, ...] = (), **checks: tuple[Check, ...]) -> ResultsFile:
    """Return results with the checks of digits: of its real images, and of the cells of each generator in Table 1."""
    cells = (
        cell.model_copy(update={"checks": checks.get(cell.generator or "", ())})
        if cell.dataset == "digits" and cell.variant is None
        else cell
        for cell in results.cells
    )
    facts = (one.model_copy(update={"checks": real}) if one.name == "digits" else one for one in results.datasets)
    return results.model_copy(update={"cells": tuple(cells), "datasets": tuple(facts)})


def with_generator_seeds(cell: Cell, *offsets: float) -> Cell:
    """Return a cell with its measurements repeated for each generator seed, the values increased by an offset."""
    measurements = tuple(
        {**entry, "generator_seed": seed, "value": None if entry["value"] is None else entry["value"] + offset}
        for seed, offset in enumerate(offsets)
        for entry in cell.measurements
    )
    return cell.model_copy(update={"measurements": measurements, "metrics": mean_values(measurements)})


@pytest.fixture(scope="session")
def make_results() -> Callable[..., ResultsFile]:
    """A function that returns example results; keyword arguments replace fields of ``Results``."""

    def make(**fields: object) -> ResultsFile:
        cells = [
            _cell(dataset, generator, mode, accuracy)
            for dataset, row in ACCURACIES.items()
            for (generator, mode), accuracy in row.items()
        ]
        cells += [
            Cell(
                dataset="melanoma",
                generator="sd",
                mode=mode,
                variant=None,
                status="unavailable",
                reason="sd needs a pipeline: give its directory",
                command="pytest",
            )
            for mode in ("syn", "mix")
        ]
        defaults = {
            "suite_version": "0.1.0",
            "profile": "smoke",
            "title": "smoke: minutes on two cores",
            "evaluate": "test",
            "cells": tuple(cells),
            "discriminators": (
                DiscriminatorResult(
                    dataset="digits",
                    generator="cd",
                    status="done",
                    accuracy_real=97.8,
                    accuracy_synthetic=75.2,
                    accuracies_real=(97.8,),
                    accuracies_synthetic=(75.2,),
                    images=1347,
                    command="pytest 'cases/test_discriminator.py::test_discriminator[digits-cd]'",
                ),
                DiscriminatorResult(
                    dataset="melanoma", generator="sd", status="unavailable", reason="no pipeline", command="pytest"
                ),
            ),
            "correlations": (
                Correlation(
                    metric="FD (EfficientNet-Lite0)",
                    n=8,
                    spearman=-0.4,
                    interval=(-0.9, 0.5),
                    p=0.31,
                    kendall=-0.3,
                    reason=None,
                ),
                Correlation(
                    metric="KID", n=3, spearman=None, interval=None, p=None, kendall=None, reason="3 cells have values"
                ),
            ),
            "datasets": (
                DatasetFacts(
                    name="digits",
                    title="Handwritten digits, 8x8",
                    version="as in scikit-learn",
                    licence="CC BY 4.0",
                    citation="E. Alpaydin and C. Kaynak, UCI 1998",
                    url="https://archive.ics.uci.edu/dataset/80",
                    content="ab" * 16,
                    classes=CLASSES["digits"],
                    train=(143,) * 10,
                    test=(36,) * 10,
                    settings={
                        "classifier": {"width": "16", "epochs": "10"},
                        "cd": {"training.steps": "1000", "sampling.solver": "dpm-solver++"},
                    },
                ),
            ),
            "environment": Environment(
                machines=("Linux x86_64",), devices=("cpu",), versions={"python": ("3.11.7",), "torch": ("2.14.1",)}
            ),
            "pipeline": (
                PipelineStep(step="real-images", count=2, reads=()),
                PipelineStep(step="real-subset", count=2, reads=("real-images",)),
                PipelineStep(step="diffusion-training", count=1, reads=("real-subset",)),
                PipelineStep(step="diffusion-samples", count=1, reads=("diffusion-training",)),
                PipelineStep(step="mixture", count=1, reads=("real-subset", "diffusion-samples")),
                PipelineStep(step="classifier", count=9, reads=("real-subset", "diffusion-samples", "mixture")),
                PipelineStep(step="predictions", count=12, reads=("classifier", "real-subset", "diffusion-samples")),
                PipelineStep(step="features", count=2, reads=("real-subset", "diffusion-samples")),
                PipelineStep(step="feature-statistics", count=2, reads=("features",)),
                PipelineStep(step="fidelity", count=1, reads=("feature-statistics",)),
                PipelineStep(step="comparison", count=2, reads=("predictions",)),
                PipelineStep(step="grid", count=1, reads=("real-subset", "diffusion-samples")),
            ),
        }
        return ResultsFile(**{**defaults, **fields})

    return make


@pytest.fixture(scope="session")
def swept(make_results: Callable[..., ResultsFile]) -> ResultsFile:
    """The example results with cells along every axis of a sweep."""
    scarce = {10: 0.80, 25: 0.90}
    cells = [
        *make_results().cells,
        *(
            _cell("digits", None, "org", accuracy, variant=f"scarcity-{size}", real=size)
            for size, accuracy in scarce.items()
        ),
        *(
            _cell("digits", "cd", "mix", accuracy + 0.05, variant=f"scarcity-{size}", real=size, org=accuracy)
            for size, accuracy in scarce.items()
        ),
        *(
            _cell("digits", "cd", mode, accuracy, variant=variant)
            for variant, mode, accuracy in (
                ("ratio-0.5", "mix", 0.97),
                ("ratio-2", "mix", 0.99),
                ("replace-0.5", "mix", 0.96),
                ("guidance-1.5", "syn", 0.91),
                ("guidance-4", "syn", 0.85),
                ("budget", "mix", 0.965),
            )
        ),
        _cell("digits", "cd", "syn", 0.94, variant="filter-agreement").model_copy(
            update={
                "filtering": FilterSummary(
                    filter="agreement",
                    uses=("real images", "real labels"),
                    classes=CLASSES["digits"],
                    before=(100,) * 10,
                    after=(90, 80, 70, 60, 50, 60, 70, 80, 90, 100),
                )
            }
        ),
        Cell(
            dataset="digits",
            generator="sd",
            mode="mix",
            variant="ratio-2",
            status="failed",
            reason="it failed",
            command="pytest",
        ),
    ]
    return make_results(cells=tuple(cells))


@pytest.fixture(scope="session")
def results(make_results: Callable[..., ResultsFile]) -> ResultsFile:
    """The example results."""
    return make_results()
