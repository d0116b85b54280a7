"""Recipes of the comparison of a case with ``org``, of the verdict, and of the mean accuracy of a cell."""

from typing import TYPE_CHECKING, Annotated, ClassVar

from pydantic import Field, model_validator

from suite.artifacts import BuildContext, Recipe
from suite.classifiers.classifier import PREDICTIONS, Predictions
from suite.datasets.real import RealSubset
from suite.errors import BadData
from suite.statistics.looks import LOOKS

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

COMPARISON = "comparison.json"
VERDICT = "verdict.json"
SUMMARY = "summary.json"

Seeds = Annotated[tuple[Predictions, ...], Field(min_length=1)]
Level = Annotated[float, Field(gt=0, lt=1)]


class Comparison(Recipe):
    """The comparison of a case with ``org``, paired by test image, at one number of classifier seeds.

    The payload is ``comparison.json``, a ``suite.statistics.summaries.Difference``.

    Attributes:
        case: The predictions of each classifier seed.
        org: The predictions of the same classifier seeds of ``org``.
        grouped: The test images, if some of them belong to groups; None otherwise.
    """

    step: ClassVar[str] = "comparison"
    version: ClassVar[int] = 2
    code: ClassVar[tuple[str, ...]] = (
        "suite.statistics.recipes",
        "suite.statistics.comparison",
        "suite.statistics.variance",
        "suite.statistics.summaries",
    )

    case: Seeds
    org: Seeds
    grouped: RealSubset | None = None

    @model_validator(mode="after")
    def _check_pairing(self) -> "Comparison":
        case, org = ([predictions.classifier.seed for predictions in arm] for arm in (self.case, self.org))
        if case != org:
            raise ValueError(f"classifier seeds {case} cannot be compared with {org}: use the same seeds")
        return self

    def build(self, context: BuildContext) -> None:
        """Compare the correct predictions of the case with those of ``org``.

        Raises:
            BadData: If the predictions are not for the same test images.
        """
        from suite.statistics.comparison import compare

        correct, labels = correct_predictions(context, (*self.case, *self.org))
        difference = compare(
            correct[: len(self.case)],
            correct[len(self.case) :],
            labels,
            groups=self.grouped.groups(context.store) if self.grouped else None,
            generator_seeds=len({predictions.classifier.training_set.key for predictions in self.case}),
        )
        context.write_json(COMPARISON, difference.model_dump(mode="json"))


class CellVerdict(Recipe):
    """The verdict on a cell after its comparisons at one or more looks. It depends on no other cell.

    The payload is ``verdict.json``, a ``suite.statistics.summaries.Judgement``.

    Attributes:
        comparisons: The comparison at each look so far.
        level: Level of the cell.
        smallest_effect: Smallest difference of interest, in percentage points.
        syn: Whether the cell is a SYN cell.
        looks: Numbers of seeds at which a verdict may be made.
    """

    step: ClassVar[str] = "verdict"
    version: ClassVar[int] = 2
    code: ClassVar[tuple[str, ...]] = (
        "suite.statistics.recipes",
        "suite.statistics.verdict",
        "suite.statistics.variance",
        "suite.statistics.summaries",
    )
    imports: ClassVar[tuple[str, ...]] = ("scipy.stats",)

    comparisons: Annotated[tuple[Comparison, ...], Field(min_length=1)]
    level: Level
    smallest_effect: Annotated[float, Field(gt=0)]
    syn: bool
    looks: tuple[int, ...] = LOOKS

    def build(self, context: BuildContext) -> None:
        """Apply the rules at each look in turn."""
        from suite.statistics.summaries import Difference
        from suite.statistics.verdict import judge

        differences = [
            Difference.model_validate(context.artifact(comparison).json(COMPARISON)) for comparison in self.comparisons
        ]
        judgement = judge(differences, self.level, self.smallest_effect, syn=self.syn, looks=self.looks)
        context.write_json(VERDICT, judgement.model_dump(mode="json"))


class Summary(Recipe):
    """The mean accuracy of a cell, with an interval over seeds and an interval over test images.

    The payload is ``summary.json``, a ``suite.statistics.summaries.MeanAccuracy``.

    Attributes:
        predictions: The predictions of each classifier seed.
        alpha: One minus the confidence level of the intervals.
        seed: Seed of the bootstrap over images.
    """

    step: ClassVar[str] = "summary"
    version: ClassVar[int] = 2
    code: ClassVar[tuple[str, ...]] = (
        "suite.statistics.recipes",
        "suite.statistics.intervals",
        "suite.statistics.summaries",
        "suite.randomness",
    )
    imports: ClassVar[tuple[str, ...]] = ("scipy.stats",)

    predictions: Seeds
    alpha: Level = 0.05
    seed: int = 0

    def build(self, context: BuildContext) -> None:
        """Compute the mean accuracy and its intervals.

        Raises:
            BadData: If the predictions are not for the same test images.
        """
        from suite.statistics.intervals import summarise

        correct, _ = correct_predictions(context, self.predictions)
        summary = summarise(correct, alpha=self.alpha, seed=self.seed)
        context.write_json(SUMMARY, summary.model_dump(mode="json"))


def correct_predictions(context: BuildContext, predictions: Seeds) -> tuple["NDArray[np.bool_]", "NDArray[np.int64]"]:
    """Return whether the most probable class is correct, bool (predictions, images), and the labels, (images,)."""
    import numpy as np

    correct, first_labels = [], None
    for prediction in predictions:
        tensors = context.artifact(prediction).tensors(PREDICTIONS)
        labels = tensors["labels"]
        if first_labels is not None and not np.array_equal(labels, first_labels):
            raise BadData(
                f"{prediction.label} ({prediction.key}) has other test images: use the same images everywhere"
            )
        first_labels = labels
        correct.append(tensors["probabilities"].argmax(axis=1) == labels)
    assert first_labels is not None
    return np.stack(correct), first_labels
