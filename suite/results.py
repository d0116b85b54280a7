"""Results: what a run found, read off artifacts only, in the shape that is published."""

from collections.abc import Iterable, Iterator
from statistics import fmean
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from suite.artifacts import Recipe, Store
from suite.case import Case
from suite.classifiers.recipes import HISTORY, SUMMARY
from suite.filters.filtered import Filtered, Filtering, read_filtering, unfiltered
from suite.images import ImageSet
from suite.metrics.recipes import METRICS
from suite.plan import CasePlan, DiscriminatorPlan
from suite.provenance import DatasetFacts, Environment, Stage
from suite.statistics.recipes import COMPARISON
from suite.statistics.recipes import SUMMARY as INTERVALS
from suite.statistics.results import Difference, MeanAccuracy
from suite.statistics.verdict import Judgement

Status = Literal["done", "failed", "unavailable", "not run"]


class Row(BaseModel):
    """Base of everything in ``results.json``."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Counts(Row):
    """How many images took part.

    Attributes:
        classes: Class names in the order of the labels.
        real: Real training images per class.
        synthetic: Synthetic training images per class, of one generator seed.
        evaluation: Real images per class that the classifier was tested on.
        size: Height and width in pixels to which all of them were brought; null in reports that did not say so.
    """

    classes: tuple[str, ...]
    real: tuple[int, ...]
    synthetic: tuple[int, ...]
    evaluation: tuple[int, ...]
    size: int | None = None


class Spent(Row):
    """What one classifier's training was given, so that a gain from more steps is not taken for one from more data.

    Attributes:
        unique_images: Different images in the training set.
        images_seen: Images shown, with repetition.
        steps: Optimiser steps.
        parameters: Trained parameters of the network.
    """

    unique_images: int
    images_seen: int
    steps: int
    parameters: int


class Cell(Row):
    """One cell of Table 1, or of a sweep.

    Attributes:
        dataset: Name of the dataset.
        generator: Name of the generator, null for ``org``.
        mode: ``org``, ``syn`` or ``mix``.
        variant: What a sweep changed, null for the cells of Table 1.
        status: Whether the cell was run.
        reason: Why not, or why it failed.
        accuracies: Percent on real held-out images, one a seed (classifier seeds within generator seeds).
        mean: Mean of the accuracies.
        interval: Student's t interval of the mean over seeds; null with one seed.
        per_class: Mean accuracy per class.
        balanced_accuracy: Mean over seeds of the mean over classes.
        auroc: Mean area under the ROC curve, 0 to 1; for two classes only.
        image_interval: Interval of the mean over test images.
        comparison: Paired difference from ``org`` in points, with its interval, p-value and power; null for ``org``.
        judgement: The verdict, ``helps``, ``hurts``, ``no evidence`` or ``too few seeds``, and the p-value corrected
            over the table; null for ``org``.
        paper: The paper's number, percent.
        paper_scores: The paper's Inception Score and FID.
        expected: Range in which the mean should lie with this profile.
        counts: Images that took part.
        filtering: What a filter kept of the synthetic images of one generator seed, and what it has seen; null where
            there is none.
        spent: What one classifier's training was given.
        metrics: Metric id to value, of the first generator seed; null where a metric was refused.
        measurements: The same metrics with intervals and notes.
        saw: What the generator has seen.
        keys: Artifact keys by what they are.
        command: The command that makes the cell again.
        seconds: Recorded build times by what was built; a fact of one run.
        memory: Largest memory in bytes that a process had taken up when it had built that; a fact of one run.
        notes: What a reader must know before believing the cell.
    """

    dataset: str
    generator: str | None
    mode: str
    variant: str | None
    status: Status
    reason: str | None = None
    accuracies: tuple[float, ...] = ()
    mean: float | None = None
    interval: tuple[float, float] | None = None
    image_interval: tuple[float, float] | None = None
    per_class: tuple[float | None, ...] = ()
    balanced_accuracy: float | None = None
    auroc: float | None = None
    comparison: Difference | None = None
    judgement: Judgement | None = None
    paper: float | None = None
    paper_scores: tuple[float, float] | None = None
    expected: tuple[float, float] | None = None
    counts: Counts | None = None
    filtering: Filtering | None = None
    spent: Spent | None = None
    metrics: dict[str, float | None] = Field(default_factory=dict)
    measurements: tuple[dict[str, Any], ...] = ()
    saw: str | None = None
    keys: dict[str, tuple[str, ...]] = Field(default_factory=dict)
    command: str
    seconds: dict[str, float] = Field(default_factory=dict)
    memory: dict[str, int] = Field(default_factory=dict)
    notes: tuple[str, ...] = ()

    @property
    def case(self) -> Case:
        """The case this is the result of."""
        return Case.model_validate(self.model_dump(include={"dataset", "generator", "mode", "variant"}))


class Discriminator(Row):
    """One row of the discriminator table: classifiers trained on real data only.

    Attributes:
        dataset: Name of the dataset.
        generator: Name of the generator.
        status: Whether the row was run.
        reason: Why not, or why it failed.
        accuracy_real: Mean percent on real held-out images.
        accuracy_synthetic: Mean percent on the synthetic images; low is what the paper reads as diversity.
        accuracies_real: One a seed.
        accuracies_synthetic: One a seed (classifier seeds within generator seeds).
        per_class: Mean accuracy on the synthetic images of each class.
        images: Synthetic images, of one generator seed.
        keys: Artifact keys by what they are.
        command: The command that makes the row again.
    """

    dataset: str
    generator: str
    status: Status
    reason: str | None = None
    accuracy_real: float | None = None
    accuracy_synthetic: float | None = None
    accuracies_real: tuple[float, ...] = ()
    accuracies_synthetic: tuple[float, ...] = ()
    per_class: tuple[float | None, ...] = ()
    images: int | None = None
    keys: dict[str, tuple[str, ...]] = Field(default_factory=dict)
    command: str


class Correlation(Row):
    """How far a metric orders the cells of a run as their usefulness does.

    Attributes:
        metric: The metric's name.
        n: Cells that have both values.
        spearman: Spearman's rho in [-1, 1], null where it is not defined.
        interval: Interval of rho.
        p: Two-sided permutation p-value of "no association".
        kendall: Kendall's tau-b in [-1, 1].
        reason: Why there are no numbers.
    """

    metric: str
    n: int
    spearman: float | None
    interval: tuple[float, float] | None
    p: float | None
    kendall: float | None
    reason: str | None


class RealWorth(Row):
    """How many real images alone give the accuracy of real and synthetic ones together.

    Attributes:
        dataset: Name of the dataset.
        generator: Name of the generator.
        variant: Which cell of the scarcity sweep; null for the cell of Table 1.
        real: Real images in its training set.
        accuracy: Its mean accuracy, percent.
        equivalent: The number of real images that would have given it, or the end of the curve it lies beyond.
        relation: ``about``, or on which side of that end.
        interval: Interval of that number; an end is null where the curve was not followed far enough.
        text: The same in words.
    """

    dataset: str
    generator: str
    variant: str | None
    real: int
    accuracy: float
    equivalent: float
    relation: str
    interval: tuple[float | None, float | None] | None
    text: str


class Results(Row):
    """Everything a report is made from: the content of ``results.json``.

    Attributes:
        schema_version: Raised when a field changes its meaning.
        suite_version: Version of the suite.
        profile: Name of the profile.
        title: The profile's own words.
        evaluate: ``test`` or ``validation``.
        command: The command that makes the whole again; null where it is not known.
        cells: The cells of Table 1, then those of sweeps.
        discriminators: The discriminator table.
        correlations: Whether a metric predicts usefulness, one a metric.
        worths: How many real images synthetic ones are worth, from a sweep over scarcity.
        datasets: What is known of the datasets.
        environment: Where it was built; a fact of runs.
        pipeline: The plan, folded by step.
        notes: What a reader must know of the whole.
    """

    schema_version: Literal[1] = 1
    suite_version: str
    profile: str
    title: str
    evaluate: str
    command: str | None = None
    cells: tuple[Cell, ...]
    discriminators: tuple[Discriminator, ...]
    correlations: tuple[Correlation, ...] = ()
    worths: tuple[RealWorth, ...] = ()
    datasets: tuple[DatasetFacts, ...] = ()
    environment: Environment | None = None
    pipeline: tuple[Stage, ...] = ()
    notes: tuple[str, ...] = ()


def read_cell(plan: CasePlan, store: Store, command: str) -> Cell:
    """Read a finished case's result off its artifacts.

    Raises:
        BadArtifact: If one of them is missing or damaged.
    """
    case, classes = plan.case, plan.located.content.classes
    sampled = [unfiltered(images) for images in plan.synthetic]
    filtered = [images for images in plan.synthetic if isinstance(images, Filtered)]
    predicted = [store.get(prediction) for row in plan.predictions for prediction in row]
    summaries = [artifact.json(SUMMARY) for artifact in predicted]
    history = store.get(plan.classifiers[0]).json(HISTORY)
    overall = MeanAccuracy.model_validate(store.get(plan.summary).json(INTERVALS))
    measurements = [
        {"id": name, **measured}
        for recipe in plan.fidelity
        if recipe.synthetic.features.images == plan.synthetic[0]
        for name, measured in store.get(recipe).json(METRICS).items()
    ]
    built: dict[str, list[Recipe]] = {
        "generator": [recipe for images in sampled for recipe in _needed(images)],
        "sampling": [*sampled],
        "classifiers": [*plan.classifiers],
    }
    if filtered:
        built["filter"] = [*filtered, *(recipe for images in filtered for recipe in _needed(images))]
    aurocs = [summary["auroc"] for summary in summaries if summary["auroc"] is not None]
    return Cell(
        dataset=case.dataset,
        generator=case.generator,
        mode=case.mode.value,
        variant=case.variant,
        status="done",
        accuracies=tuple(summary["accuracy"] for summary in summaries),
        mean=fmean(summary["accuracy"] for summary in summaries),
        interval=overall.mean_interval,
        image_interval=overall.image_interval,
        per_class=_mean_per_class(summaries),
        balanced_accuracy=fmean(summary["balanced_accuracy"] for summary in summaries),
        auroc=fmean(aurocs) if aurocs else None,
        comparison=(
            Difference.model_validate(store.get(plan.comparison).json(COMPARISON)) if plan.comparison else None
        ),
        counts=Counts(
            classes=classes,
            real=plan.real.counts if case.mode != "syn" else tuple(0 for _ in plan.real.counts),
            synthetic=plan.synthetic[0].counted(store, len(classes)) if plan.synthetic else (),
            evaluation=plan.evaluation.counts,
            size=plan.real.images.size,
        ),
        filtering=read_filtering(filtered[0], store) if filtered else None,
        spent=Spent(
            unique_images=sum(plan.training_sets[0].counted(store, len(classes))),
            images_seen=history["images_seen"],
            steps=history["steps"],
            parameters=history["parameters"],
        ),
        metrics={measurement["id"]: measurement["value"] for measurement in measurements},
        measurements=tuple(measurements),
        saw=plan.saw,
        keys={
            "real": (plan.real.key,),
            "synthetic": tuple(images.key for images in plan.synthetic),
            "classifiers": tuple(classifier.key for classifier in plan.classifiers),
            "predictions": tuple(artifact.key for artifact in predicted),
            "metrics": tuple(recipe.key for recipe in plan.fidelity),
        },
        command=command,
        seconds={stage: _seconds(store, recipes) for stage, recipes in built.items()},
        memory={stage: _memory(store, recipes) for stage, recipes in built.items()},
        notes=plan.notes,
    )


def read_discriminator(plan: DiscriminatorPlan, store: Store, command: str) -> Discriminator:
    """Read a finished discriminator test off its artifacts; raises BadArtifact as ``read_cell`` does."""
    real, synthetic = (
        [store.get(prediction).json(SUMMARY) for prediction in predictions]
        for predictions in (plan.on_real, plan.on_synthetic)
    )
    return Discriminator(
        dataset=plan.dataset,
        generator=plan.generator,
        status="done",
        accuracy_real=fmean(summary["accuracy"] for summary in real),
        accuracy_synthetic=fmean(summary["accuracy"] for summary in synthetic),
        accuracies_real=tuple(summary["accuracy"] for summary in real),
        accuracies_synthetic=tuple(summary["accuracy"] for summary in synthetic),
        per_class=_mean_per_class(synthetic),
        images=synthetic[0]["n"],
        keys={
            "predictions on real": tuple(prediction.key for prediction in plan.on_real),
            "predictions on synthetic": tuple(prediction.key for prediction in plan.on_synthetic),
        },
        command=command,
    )


def _mean_per_class(summaries: list[dict[str, Any]]) -> tuple[float | None, ...]:
    columns = zip(*(summary["per_class"] for summary in summaries), strict=True)
    return tuple(None if None in column else fmean(column) for column in columns)


def _seconds(store: Store, recipes: Iterable[Recipe]) -> float:
    """Return the recorded build time of all these recipes, each counted once; what is gone counts nothing."""
    return round(sum(float(run.get("seconds", 0.0)) for run in _runs(store, recipes)), 3)


def _memory(store: Store, recipes: Iterable[Recipe]) -> int:
    """Return the largest recorded memory among these recipes, in bytes; 0 where nothing is known."""
    return max((int(run.get("peak_memory_bytes", 0)) for run in _runs(store, recipes)), default=0)


def _runs(store: Store, recipes: Iterable[Recipe]) -> Iterator[dict[str, Any]]:
    found = (store.find(recipe) for recipe in {recipe.key: recipe for recipe in recipes}.values())
    yield from (artifact.run for artifact in found if artifact is not None)


def _needed(images: ImageSet) -> Iterator[Recipe]:
    """Yield what a generator or a filter had to make before it could make these images, other images aside."""
    for recipe in images.dependencies:
        if not isinstance(recipe, ImageSet):
            yield recipe
