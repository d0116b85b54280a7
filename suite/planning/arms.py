"""The two arms of a cell: what is trained and tested, before anything is computed from the predictions."""

from dataclasses import dataclass

from suite.classifiers.classifier import Predictions
from suite.datasets.checks import Check
from suite.datasets.locate import LocatedDataset
from suite.datasets.real import RealSubset
from suite.generators.generator import TrainedOn
from suite.images import ImageSet
from suite.planning.axes import UNCHANGED, Axis
from suite.planning.case import Case
from suite.planning.classifier_plan import ConfiguredClassifier
from suite.planning.profiles import Budget
from suite.planning.variants import Variant


@dataclass(frozen=True, kw_only=True)
class Arms:
    """A cell and the ``org`` that it is compared with, at one number of classifier seeds.

    Attributes:
        case: The cell.
        seeds: Number of classifier seeds.
        variant: What is changed; None for a cell of Table 1.
        located: The dataset.
        budget: Its budget, changed by the variant.
        classifier: The classifier of the cell.
        real: Real training images.
        evaluation: Real test images, before any corruption.
        synthetic: Synthetic images: one set, or one for each classifier seed; empty for ``org``.
        training_sets: One for all classifier seeds, or one for each.
        predictions: Predictions on the test images, one for each classifier seed.
        org: Predictions of ``org``, one for each classifier seed.
        trained_on: What the generator was trained on; None for ``org``.
        has_existing_images: Whether the synthetic images exist already.
        generator_description: What the generator is and its main settings; None for ``org``.
        checks: The outcome of checks on synthetic images that exist already.
        notes: What readers must know about the synthetic images.
    """

    case: Case
    seeds: int
    variant: Variant | None
    located: LocatedDataset
    budget: Budget
    classifier: ConfiguredClassifier
    real: RealSubset
    evaluation: RealSubset
    synthetic: tuple[ImageSet, ...]
    training_sets: tuple[ImageSet, ...]
    predictions: tuple[Predictions, ...]
    org: tuple[Predictions, ...]
    trained_on: TrainedOn | None = None
    has_existing_images: bool = False
    generator_description: str | None = None
    checks: tuple[Check, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def axis(self) -> Axis:
        """The axis of the variant."""
        return self.variant.change if self.variant else UNCHANGED
