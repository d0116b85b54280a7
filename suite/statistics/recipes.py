"""Recipes of the comparison of a case with ``org`` and of the mean accuracy of a cell."""

from typing import TYPE_CHECKING, Annotated, ClassVar

from pydantic import Field, model_validator

from suite.artifacts import BuildContext, Recipe
from suite.classifiers.recipes import Predictions
from suite.classifiers.settings import PREDICTIONS
from suite.errors import BadData

if TYPE_CHECKING:
    import numpy as np

COMPARISON = "comparison.json"
SUMMARY = "summary.json"

Seeds = Annotated[tuple[Predictions, ...], Field(min_length=1)]
GeneratorSeeds = Annotated[tuple[Seeds, ...], Field(min_length=1)]
Level = Annotated[float, Field(gt=0, lt=1)]


class Comparison(Recipe):
    """The comparison of a case with ``org``, paired by test image and by classifier seed.

    The payload is ``comparison.json``, a ``suite.statistics.summaries.Difference``.

    Attributes:
        case: For each generator seed, the predictions of each classifier seed; a fixed image set has one generator
            seed.
        org: The predictions of each classifier seed, in the same order.
        smallest_effect: Smallest difference of interest, in percentage points.
        alpha: One minus the confidence level of the intervals.
        seed: Seed of the bootstrap over images.
    """

    step: ClassVar[str] = "comparison"
    version: ClassVar[int] = 1
    code: ClassVar[tuple[str, ...]] = (
        "suite.statistics.recipes",
        "suite.statistics.comparison",
        "suite.statistics.intervals",
        "suite.statistics.variance_sources",
        "suite.statistics.summaries",
        "suite.randomness",
    )
    imports: ClassVar[tuple[str, ...]] = ("scipy.stats",)

    case: GeneratorSeeds
    org: Seeds
    smallest_effect: Annotated[float, Field(gt=0)]
    alpha: Level = 0.05
    seed: int = 0

    @model_validator(mode="after")
    def _check_pairing(self) -> "Comparison":
        _check_seeds((self.org, *self.case))
        return self

    def build(self, context: BuildContext) -> None:
        """Compare the correct predictions of the case with those of ``org``.

        Raises:
            BadData: If the predictions are not for the same test images.
        """
        from suite.statistics.comparison import compare

        correct = _correct_predictions(context, (*self.case, self.org))
        difference = compare(
            correct[:-1], correct[-1], smallest_effect=self.smallest_effect, alpha=self.alpha, seed=self.seed
        )
        context.write_json(COMPARISON, difference.model_dump(mode="json"))


class Summary(Recipe):
    """The mean accuracy of a cell, with an interval over seeds and an interval over test images.

    The payload is ``summary.json``, a ``suite.statistics.summaries.MeanAccuracy``.

    Attributes:
        predictions: For each generator seed, the predictions of each classifier seed; ``org`` has one row.
        alpha: One minus the confidence level of the intervals.
        seed: Seed of the bootstrap over images.
    """

    step: ClassVar[str] = "summary"
    version: ClassVar[int] = 1
    code: ClassVar[tuple[str, ...]] = (
        "suite.statistics.recipes",
        "suite.statistics.intervals",
        "suite.statistics.variance_sources",
        "suite.statistics.summaries",
        "suite.randomness",
    )
    imports: ClassVar[tuple[str, ...]] = ("scipy.stats",)

    predictions: GeneratorSeeds
    alpha: Level = 0.05
    seed: int = 0

    @model_validator(mode="after")
    def _check_balance(self) -> "Summary":
        _check_seeds(self.predictions)
        return self

    def build(self, context: BuildContext) -> None:
        """Compute the mean accuracy and its intervals.

        Raises:
            BadData: If the predictions are not for the same test images.
        """
        from suite.statistics.intervals import summarise

        summary = summarise(_correct_predictions(context, self.predictions), alpha=self.alpha, seed=self.seed)
        context.write_json(SUMMARY, summary.model_dump(mode="json"))


def _check_seeds(rows: GeneratorSeeds) -> None:
    first, *others = ([predictions.classifier.seed for predictions in row] for row in rows)
    for seeds in others:
        if seeds != first:
            raise ValueError(f"classifier seeds {seeds} cannot be paired with {first}: use the same seeds in every row")


def _correct_predictions(context: BuildContext, rows: GeneratorSeeds) -> "np.ndarray":
    """Return whether the most probable class is correct: bool, (rows, classifier seeds, images)."""
    import numpy as np

    correct, first_labels = [], None
    for row in rows:
        for predictions in row:
            tensors = context.artifact(predictions).tensors(PREDICTIONS)
            labels = tensors["labels"]
            if first_labels is not None and not np.array_equal(labels, first_labels):
                raise BadData(
                    f"{predictions.label} ({predictions.key}) has other test images: use the same images everywhere"
                )
            first_labels = labels
            correct.append(tensors["probabilities"].argmax(axis=1) == labels)
    return np.stack(correct).reshape(len(rows), -1, len(correct[0]))
