"""Plans: the recipes of a cell of Table 1, and of a row of the discriminator table."""

from dataclasses import dataclass
from functools import cached_property

from suite.artifacts import Recipe
from suite.classifiers.recipes import Classifier, Predictions
from suite.datasets.locate import Located
from suite.datasets.real import RealSubset
from suite.generators.generator import TrainedOn
from suite.images import ImageSet
from suite.metrics.recipes import Fidelity
from suite.pictures.picture import Picture
from suite.planning.case import Case
from suite.statistics.recipes import Comparison, Summary


@dataclass(frozen=True)
class CasePlan:
    """The recipes of one cell of Table 1.

    Attributes:
        case: The cell.
        located: Its dataset.
        real: The real images to fit on.
        evaluation: The real images to test on.
        synthetic: Synthetic images, one set a generator seed; empty for ``org``.
        training_sets: One a generator seed; one for ``org``.
        predictions: By training set, then by classifier seed.
        fidelity: Metrics of the synthetic images, by generator seed and extractor.
        summary: Mean accuracy with its intervals.
        comparison: Paired difference from ``org``; None for ``org`` itself.
        pictures: Of the synthetic images; none for ``org`` and for variants.
        trained_on: What the generator has seen; None for ``org``.
        generator_description: What the generator is and what it was given; None for ``org``.
        notes: What was left out of the plan or converted, and why.
    """

    case: Case
    located: Located
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
        """Every classifier of the case, by training set, then by seed."""
        return tuple(prediction.classifier for row in self.predictions for prediction in row)

    @cached_property
    def targets(self) -> tuple[Recipe, ...]:
        """What the case waits for: everything that its result is read from."""
        every = (prediction for row in self.predictions for prediction in row)
        extra = (recipe for recipe in (self.summary, self.comparison) if recipe is not None)
        drawn = (picture.recipe for picture in self.pictures)
        return (*self.synthetic, *self.classifiers, *every, *self.fidelity, *extra, *drawn)


@dataclass(frozen=True)
class DiscriminatorPlan:
    """The recipes of one row of the discriminator table: ``org`` classifiers on real and on synthetic images."""

    dataset: str
    generator: str
    on_real: tuple[Predictions, ...]
    on_synthetic: tuple[Predictions, ...]

    @property
    def targets(self) -> tuple[Recipe, ...]:
        """What the row waits for."""
        return (*self.on_real, *self.on_synthetic)
