"""Results: what a run found, in the shape that is published."""

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from suite.filters.filtered import FilterSummary
from suite.planning.case import Case
from suite.results.provenance import DatasetFacts, Environment, Stage
from suite.statistics.summaries import Difference
from suite.statistics.verdict import Judgement

Status = Literal["done", "failed", "unavailable", "not run"]


class ResultModel(BaseModel):
    """Base of everything in ``results.json``."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Counts(ResultModel):
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


class TrainingCost(ResultModel):
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


class Cell(ResultModel):
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
        training_cost: What one classifier's training was given.
        metrics: Metric id to value, of the first generator seed; null where a metric was refused.
        measurements: The same metrics with intervals and notes.
        trained_on: What the generator has seen.
        generator_description: What the generator is and its main settings; null for ``org`` and in old reports.
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
    filtering: FilterSummary | None = None
    training_cost: TrainingCost | None = None
    metrics: dict[str, float | None] = Field(default_factory=dict)
    measurements: tuple[dict[str, Any], ...] = ()
    trained_on: str | None = None
    generator_description: str | None = None
    keys: dict[str, tuple[str, ...]] = Field(default_factory=dict)
    command: str
    seconds: dict[str, float] = Field(default_factory=dict)
    memory: dict[str, int] = Field(default_factory=dict)
    notes: tuple[str, ...] = ()

    @property
    def case(self) -> Case:
        """The case this is the result of."""
        return Case.model_validate(self.model_dump(include={"dataset", "generator", "mode", "variant"}))


class Discriminator(ResultModel):
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


class Correlation(ResultModel):
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


class EquivalentRealImages(ResultModel):
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


class Results(ResultModel):
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
        equivalent_real_images: How many real images synthetic ones are worth, from a sweep over scarcity.
        datasets: What is known of the datasets.
        environment: Where it was built; a fact of runs.
        pipeline: The plan, folded by step.
        notes: What a reader must know of the whole.
    """

    schema_version: Literal[2] = 2
    suite_version: str
    profile: str
    title: str
    evaluate: str
    command: str | None = None
    cells: tuple[Cell, ...]
    discriminators: tuple[Discriminator, ...]
    correlations: tuple[Correlation, ...] = ()
    equivalent_real_images: tuple[EquivalentRealImages, ...] = ()
    datasets: tuple[DatasetFacts, ...] = ()
    environment: Environment | None = None
    pipeline: tuple[Stage, ...] = ()
    notes: tuple[str, ...] = ()
