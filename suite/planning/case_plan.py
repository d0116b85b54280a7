"""Case plans: the recipes of a cell of Table 1, and of a row of the discriminator table."""

from dataclasses import dataclass
from functools import cached_property

from suite.artifacts import Recipe
from suite.classifiers.recipes import Classifier, Predictions
from suite.datasets.locate import LocatedDataset
from suite.datasets.real import RealSubset
from suite.generators.generator import TrainedOn
from suite.images import ImageSet
from suite.metrics.recipes import Fidelity
from suite.pictures.picture import Picture
from suite.planning.case import Case
from suite.statistics.recipes import Comparison, Summary


@dataclass(frozen=True)
class CasePlan:
    """The recipes of one cell.

    Attributes:
        case: The cell.
        located: Its dataset.
        real: Real training images.
        evaluation: Real test images.
        synthetic: Synthetic images, one set for each generator seed; empty for ``org``.
        training_sets: One for each generator seed; one for ``org``.
        predictions: Predictions on the test images, by training set, then by classifier seed.
        fidelity: Metrics of the synthetic images, by generator seed and extractor.
        summary: Mean accuracy with its intervals.
        comparison: Paired difference from ``org``; None for ``org`` itself.
        pictures: Pictures of the synthetic images; empty for ``org`` and for variants.
        trained_on: What the generator was trained on; None for ``org``.
        generator_description: What the generator is and its main settings; None for ``org``.
        notes: What was left out of the plan or converted, and why.
    """

    case: Case
    located: LocatedDataset
    real: RealSubset
    evaluation: RealSubset
    synthetic: tuple[ImageSet, ...]
    training_sets: tuple[ImageSet, ...]
    predictions: tuple[tuple[Predictions, ...], ...]
    fidelity: tuple[Fidelity, ...]
    summary: Summary
    comparison: Comparison | None
    pictures: tuple[Picture, ...]
    trained_on: TrainedOn | None = None
    generator_description: str | None = None
    notes: tuple[str, ...] = ()

    @cached_property
    def classifiers(self) -> tuple[Classifier, ...]:
        """Every classifier of the case, by training set, then by classifier seed."""
        return tuple(prediction.classifier for by_seed in self.predictions for prediction in by_seed)

    @cached_property
    def targets(self) -> tuple[Recipe, ...]:
        """Every recipe that the result is read from."""
        predictions = (prediction for by_seed in self.predictions for prediction in by_seed)
        statistics = (recipe for recipe in (self.summary, self.comparison) if recipe is not None)
        pictures = (picture.recipe for picture in self.pictures)
        return (*self.synthetic, *self.classifiers, *predictions, *self.fidelity, *statistics, *pictures)


@dataclass(frozen=True)
class DiscriminatorPlan:
    """The recipes of one row of the discriminator table.

    Attributes:
        dataset: Name of the dataset.
        generator: Name of the generator.
        on_real: Predictions of the ``org`` classifiers on real test images, one for each classifier seed.
        on_synthetic: Predictions of the same classifiers on synthetic images, by generator seed, then by classifier
            seed.
    """

    dataset: str
    generator: str
    on_real: tuple[Predictions, ...]
    on_synthetic: tuple[Predictions, ...]

    @property
    def targets(self) -> tuple[Recipe, ...]:
        """Every recipe that the result is read from."""
        return (*self.on_real, *self.on_synthetic)
