"""Models of the results of a run: the content of ``results.json``."""

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from suite.audit.audit import AuditSummary
from suite.classifiers.prediction_calibration import Calibration
from suite.datasets.checks import Check
from suite.filters.filtered import FilterSummary
from suite.planning.case import Case
from suite.results.provenance import DatasetFacts, Environment, PipelineStep
from suite.statistics.subgroup_recipes import Subgroup
from suite.statistics.summaries import Difference, Judgement

Status = Literal["done", "failed", "unavailable", "not run"]


class ResultModel(BaseModel):
    """Base of all models in ``results.json``: frozen, without unknown fields."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Counts(ResultModel):
    """Numbers of images of a cell.

    Attributes:
        classes: Class names in the order of the labels.
        real: Real training images per class.
        synthetic: Synthetic training images per class, of one generator seed.
        evaluation: Real images per class that the classifier was tested on.
        size: Height and width in pixels to which all images were resized; null in old reports.
    """

    classes: tuple[str, ...]
    real: tuple[int, ...]
    synthetic: tuple[int, ...]
    evaluation: tuple[int, ...]
    size: int | None = None


class TrainingCost(ResultModel):
    """Images and steps of one classifier's training, to tell a gain from more steps from a gain from more data.

    Attributes:
        unique_images: Different images in the training set.
        images_seen: Images seen in training, with repetition.
        steps: Optimiser steps.
        parameters: Trainable parameters of the network.
    """

    unique_images: int
    images_seen: int
    steps: int
    parameters: int


class ClassifierFacts(ResultModel):
    """The classifier of a cell.

    Attributes:
        name: Name of the classifier, with its network after a colon if not the profile's.
        title: What it is, in words.
        pretrained_on: What its network was trained on before; null if trained from scratch.
        has_seeds: Whether another seed gives another classifier.
    """

    name: str
    title: str
    pretrained_on: str | None
    has_seeds: bool


class Cell(ResultModel):
    """One cell of Table 1, or of a sweep.

    Attributes:
        dataset: Name of the dataset.
        generator: Name of the generator, null for ``org``.
        mode: ``org``, ``syn`` or ``mix``.
        variant: The setting that a sweep changed, null for the cells of Table 1.
        status: Whether the cell was run.
        reason: Why it was not run, or why it failed.
        accuracies: Percent on real held-out images, one per classifier seed.
        mean: Mean of the accuracies.
        interval: Student's t interval of the mean over seeds; null with one seed.
        duplicates: Test images that are in the train split too and were left out.
        mean_with_duplicates: Mean of the accuracies with these test images; null if none was left out.
        per_class: Mean accuracy per class in percent.
        balanced_accuracy: Mean over seeds of the mean over classes.
        macro_f1: Mean over seeds of the mean F1 score over classes, percent; null in old reports.
        auroc: Mean area under the ROC curve, 0 to 1; for two classes only.
        image_interval: Interval of the mean over test images.
        calibration: Calibration before and after temperature scaling; null in old reports.
        by_class: Recall of each class that has test images, with its difference from ``org``; empty for ``org`` and in
            old reports.
        by_attribute: Accuracy for each value of the attribute, with its difference from ``org``; empty without one.
        attribute: Column of ``metadata.csv`` given with ``--groups``, if the dataset has it.
        comparison: Difference from ``org`` in points with its sources of variance; null for ``org``.
        judgement: The verdict, ``helps``, ``hurts``, ``no practical difference``, ``undecided`` or ``not valid``, with
            its interval and reason; null for ``org``. Verdicts of variants are exploratory.
        paper: The paper's accuracy in percent.
        paper_scores: The paper's Inception Score and FID.
        expected: Range in which the mean should lie with this profile, percent.
        classifier: The classifier; null in old reports, which have a ResNet-18 trained from scratch.
        counts: Numbers of images.
        filtering: What a filter kept of the synthetic images of the first generator seed, and what the filter used;
            null without a filter.
        audit: Summary of the audit of the synthetic images of the first generator seed; null for ``org``, for variants
            and in old reports.
        training_cost: Images and steps of one classifier's training.
        metrics: Metric id to its mean value over generator seeds; null if the metric could not be computed for one of
            them.
        measurements: The same metrics with intervals and notes, one entry per id and generator seed: the fields of
            ``suite.results.measurements.CellMeasurement``.
        trained_on: What the generator was trained on.
        generator_description: The generator and its main settings; null for ``org`` and in old reports.
        keys: Artifact keys by kind of artifact.
        command: The command that makes the cell again.
        seconds: Recorded build seconds by kind of artifact; they differ between runs.
        memory: Recorded peak memory in bytes of the building process by kind of artifact; it differs between runs.
        notes: What a reader must know to interpret the cell.
        checks: The outcome of every check on the cell and its synthetic images. The verdict is ``not valid`` if one of
            that severity found something. Empty for ``org`` and in old reports.
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
    duplicates: int = 0
    mean_with_duplicates: float | None = None
    per_class: tuple[float | None, ...] = ()
    balanced_accuracy: float | None = None
    macro_f1: float | None = None
    auroc: float | None = None
    calibration: Calibration | None = None
    by_class: tuple[Subgroup, ...] = ()
    by_attribute: tuple[Subgroup, ...] = ()
    attribute: str | None = None
    comparison: Difference | None = None
    judgement: Judgement | None = None
    paper: float | None = None
    paper_scores: tuple[float, float] | None = None
    expected: tuple[float, float] | None = None
    classifier: ClassifierFacts | None = None
    counts: Counts | None = None
    filtering: FilterSummary | None = None
    audit: AuditSummary | None = None
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
    checks: tuple[Check, ...] = ()

    @property
    def case(self) -> Case:
        """The case that the cell is the result of."""
        return Case.model_validate(self.model_dump(include={"dataset", "generator", "mode", "variant"}))


class DiscriminatorResult(ResultModel):
    """One row of the discriminator table: classifiers trained on real data only.

    Attributes:
        dataset: Name of the dataset.
        generator: Name of the generator.
        status: Whether the row was run.
        reason: Why it was not run, or why it failed.
        accuracy_real: Mean percent on real held-out images.
        accuracy_synthetic: Mean percent on the synthetic images; the paper interprets a low value as diversity.
        accuracies_real: Percent, one per seed.
        accuracies_synthetic: Percent, one per classifier seed.
        per_class: Mean accuracy in percent on the synthetic images of each class.
        images: Synthetic images, of one generator seed.
        keys: Artifact keys by kind of artifact.
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
    """Rank correlation of a metric with usefulness over the generators of Table 1.

    Attributes:
        metric: The metric's name.
        n: Number of generators that have both values.
        spearman: Spearman's rho in [-1, 1], null where it is not defined.
        interval: Interval of rho.
        p: Two-sided permutation p-value of "no association".
        kendall: Kendall's tau-b in [-1, 1].
        reason: Why there are no numbers; null if there are.
    """

    metric: str
    n: int
    spearman: float | None
    interval: tuple[float, float] | None
    p: float | None
    kendall: float | None
    reason: str | None


class EquivalentRealImages(ResultModel):
    """Number of real images that alone give the accuracy of real and synthetic images together.

    Attributes:
        dataset: Name of the dataset.
        generator: Name of the generator.
        variant: The cell of the scarcity sweep; null for the cell of Table 1.
        real: Real images in its training set.
        accuracy: Its mean accuracy, percent.
        equivalent: Number of real images that would give this accuracy, or the end of the curve if it is outside.
        relation: ``about``, or on which side of that end the number is.
        interval: Interval of the number; an end is null if the curve does not reach that far.
        text: The same in words.
        worth: How many further real images have the effect of the synthetic ones, in words; empty in older reports.
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
    worth: str = ""


class ResultsFile(ResultModel):
    """All results of a run: the content of ``results.json``, from which the report is made.

    Attributes:
        schema_version: Increased when the meaning of a field changes.
        suite_version: Version of the suite.
        profile: Name of the profile.
        title: Title of the profile.
        evaluate: ``test`` or ``validation``.
        command: The command of the run; null if it is not known.
        cells: The cells of Table 1, then those of sweeps.
        discriminators: The discriminator table.
        correlations: Rank correlation of each metric with usefulness.
        equivalent_real_images: Synthetic images expressed in numbers of real images, from a sweep over scarcity.
        datasets: Facts about the datasets.
        environment: Machines, devices and versions that the artifacts were built with; it differs between runs.
        pipeline: The plan, grouped by step.
        notes: What a reader must know to interpret the results.
    """

    model_config = ConfigDict(title="Results")  # the title in the JSON schema

    schema_version: Literal[4] = 4
    suite_version: str
    profile: str
    title: str
    evaluate: str
    command: str | None = None
    cells: tuple[Cell, ...]
    discriminators: tuple[DiscriminatorResult, ...]
    correlations: tuple[Correlation, ...] = ()
    equivalent_real_images: tuple[EquivalentRealImages, ...] = ()
    datasets: tuple[DatasetFacts, ...] = ()
    environment: Environment | None = None
    pipeline: tuple[PipelineStep, ...] = ()
    notes: tuple[str, ...] = ()
