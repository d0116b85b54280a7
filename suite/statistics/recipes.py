"""The recipes of a comparison with ``org`` and of a cell's own accuracy."""

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
    """A case against ``org``, paired by test image and by classifier seed.

    The payload is ``comparison.json``, a ``suite.statistics.summaries.Difference``.

    Attributes:
        case: Per generator seed, the predictions per classifier seed; one generator seed for a fixed image set.
        org: The predictions per classifier seed, in the same order of seeds.
        smallest_effect: Smallest difference of interest, in points.
        alpha: One minus the confidence of the intervals.
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
    def _is_paired(self) -> "Comparison":
        _same_seeds((self.org, *self.case))
        return self

    def build(self, context: BuildContext) -> None:
        """Compare what the classifiers got right.

        Raises:
            BadData: If the predictions are not of the same test images.
        """
        from suite.statistics.comparison import compare

        right = _right_answers(context, (*self.case, self.org))
        found = compare(right[:-1], right[-1], smallest_effect=self.smallest_effect, alpha=self.alpha, seed=self.seed)
        context.write_json(COMPARISON, found.model_dump(mode="json"))


class Summary(Recipe):
    """A cell's own mean accuracy, with an interval over seeds and one over test images.

    The payload is ``summary.json``, a ``suite.statistics.summaries.MeanAccuracy``.

    Attributes:
        predictions: Per generator seed, the predictions per classifier seed; ``org`` has one row.
        alpha: One minus the confidence of the intervals.
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
    def _is_balanced(self) -> "Summary":
        _same_seeds(self.predictions)
        return self

    def build(self, context: BuildContext) -> None:
        """Sum up what the classifiers got right.

        Raises:
            BadData: If the predictions are not of the same test images.
        """
        from suite.statistics.intervals import summarise

        found = summarise(_right_answers(context, self.predictions), alpha=self.alpha, seed=self.seed)
        context.write_json(SUMMARY, found.model_dump(mode="json"))


def _same_seeds(rows: GeneratorSeeds) -> None:
    first, *others = ([predictions.classifier.seed for predictions in row] for row in rows)
    for seeds in others:
        if seeds != first:
            raise ValueError(f"classifier seeds {seeds} cannot be paired with {first}: use the same everywhere")


def _right_answers(context: BuildContext, rows: GeneratorSeeds) -> "np.ndarray":
    """Return which answers are right, bool (rows, classifier seeds, images); the most probable class is the answer."""
    import numpy as np

    right, asked = [], None
    for row in rows:
        for predictions in row:
            tensors = context.artifact(predictions).tensors(PREDICTIONS)
            labels = tensors["labels"]
            if asked is not None and not np.array_equal(labels, asked):
                raise BadData(
                    f"{predictions.label} ({predictions.key}) is of other test images: compare like with like"
                )
            asked = labels
            right.append(tensors["probabilities"].argmax(axis=1) == labels)
    return np.stack(right).reshape(len(rows), -1, len(right[0]))
