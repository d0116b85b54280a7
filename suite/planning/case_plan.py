"""Case plans: the recipes of a cell of Table 1, and of a row of the discriminator table."""

from dataclasses import dataclass
from functools import cached_property

from suite.artifacts import Recipe
from suite.audit.audit import Audit
from suite.classifiers.classifier import Predictions, TrainedClassifier
from suite.classifiers.label_check import LabelCheck
from suite.classifiers.prediction_calibration import CalibrationOfPredictions
from suite.metrics.leak_search import LeakSearch
from suite.metrics.recipes import Fidelity
from suite.pictures.picture import Picture
from suite.planning.arms import Arms
from suite.statistics.probe_recipes import ProbeVerdict
from suite.statistics.recipes import CellVerdict, Summary
from suite.statistics.subgroup_recipes import SubgroupAccuracies


@dataclass(frozen=True, kw_only=True)
class CasePlan(Arms):
    """The recipes of one cell at one number of classifier seeds: its arms, and what is computed from them.

    Attributes:
        classifier_name: Name of the classifier, with its network after a colon if not the profile's.
        with_duplicates: Predictions on all test images, where those that are in the train split too were left out.
        fidelity: Metrics of the synthetic images, by generator seed and extractor.
        leak_searches: Searches for copies of real images among the synthetic ones, by generator seed.
        label_checks: Searches for exchanged classes in the synthetic images, by generator seed.
        audit: The audit of the synthetic images of generator seed 0; None for ``org`` and for variants.
        summary: Mean accuracy with its intervals.
        calibration: Calibration, with predictions on validation images.
        verdict: The verdict on the difference from ``org``; None for ``org`` itself.
        pictures: Pictures of the synthetic images; empty for ``org`` and for variants.
        by_class: Recall of each class with its difference from ``org``; None for ``org`` itself.
        by_attribute: The same for the values of the attribute of ``--groups``; None without it.
        notes: What readers must know about the images, and what was left out of the plan or converted, and why.
    """

    classifier_name: str
    with_duplicates: tuple[Predictions, ...]
    fidelity: tuple[Fidelity, ...]
    leak_searches: tuple[LeakSearch, ...]
    label_checks: tuple[LabelCheck, ...]
    summary: Summary
    calibration: CalibrationOfPredictions
    verdict: CellVerdict | ProbeVerdict | None
    pictures: tuple[Picture, ...]
    by_class: SubgroupAccuracies | None
    by_attribute: SubgroupAccuracies | None
    audit: Audit | None

    @cached_property
    def classifiers(self) -> tuple[TrainedClassifier, ...]:
        """The classifier of each seed."""
        return tuple(prediction.classifier for prediction in self.predictions)

    @property
    def attribute(self) -> str | None:
        """Column of ``metadata.csv`` whose values are subgroups; None without ``--groups``, or without the column."""
        attribute = self.by_attribute and self.by_attribute.attribute
        return attribute.column if attribute else None

    @cached_property
    def targets(self) -> tuple[Recipe, ...]:
        """Every recipe that the result is read from."""
        planned = (self.summary, self.verdict, self.calibration, self.by_class, self.by_attribute)
        statistics = (recipe for recipe in planned if recipe is not None)
        pictures = (picture.recipe for picture in self.pictures)
        metrics = (*self.fidelity, *self.leak_searches, *self.label_checks, *filter(None, (self.audit,)))
        predictions = (*self.predictions, *self.with_duplicates)
        return (*self.synthetic, *self.classifiers, *predictions, *metrics, *statistics, *pictures)


@dataclass(frozen=True)
class DiscriminatorPlan:
    """The recipes of one row of the discriminator table.

    Attributes:
        dataset: Name of the dataset.
        generator: Name of the generator.
        on_real: Predictions of the ``org`` classifiers on real test images, one for each classifier seed.
        on_synthetic: Predictions of the same classifiers on the synthetic images.
    """

    dataset: str
    generator: str
    on_real: tuple[Predictions, ...]
    on_synthetic: tuple[Predictions, ...]

    @property
    def targets(self) -> tuple[Recipe, ...]:
        """Every recipe that the result is read from."""
        return (*self.on_real, *self.on_synthetic)
