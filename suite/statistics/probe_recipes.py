"""Recipes of the comparison of two linear probes and of its verdict."""

from typing import Annotated, ClassVar

from pydantic import Field

from suite.artifacts import BuildContext, Recipe
from suite.classifiers.classifier import PREDICTIONS, Predictions, ResampledPredictions
from suite.datasets.real import RealSubset
from suite.statistics.recipes import COMPARISON, VERDICT, Level, correct_predictions

CODE = (
    "suite.statistics.probe_recipes",
    "suite.statistics.probe",
    "suite.statistics.summaries",
    "suite.statistics.variance",
    "suite.statistics.verdict",
)


class ProbeComparison(Recipe):
    """The comparison of a case with ``org`` for a classifier without training noise, paired by test image.

    Difference and accuracies are those of the fits on the whole training sets. The variance over training sets comes
    from the resamples, paired by resample.

    The payload is ``comparison.json``, a ``suite.statistics.summaries.Difference``.

    Attributes:
        case: Predictions of the case.
        org: Predictions of ``org``.
        case_resampled: Predictions of the case's classifier on resampled training sets.
        org_resampled: The same for ``org``.
        grouped: The test images, if some of them belong to groups; None otherwise.
    """

    step: ClassVar[str] = "probe-comparison"
    version: ClassVar[int] = 1
    code: ClassVar[tuple[str, ...]] = CODE
    imports: ClassVar[tuple[str, ...]] = ("scipy.stats",)

    case: Predictions
    org: Predictions
    case_resampled: ResampledPredictions
    org_resampled: ResampledPredictions
    grouped: RealSubset | None = None

    def build(self, context: BuildContext) -> None:
        """Compare the correct predictions of the case with those of ``org``.

        Raises:
            BadData: If the predictions are not for the same test images.
        """
        from suite.statistics.probe import compare_probes

        (case, org), labels = correct_predictions(context, (self.case, self.org))
        case_resampled, org_resampled = (
            context.artifact(resampled).tensors(PREDICTIONS)["predicted"] == labels
            for resampled in (self.case_resampled, self.org_resampled)
        )
        difference = compare_probes(
            case,
            org,
            case_resampled,
            org_resampled,
            labels,
            groups=self.grouped.groups(context.store) if self.grouped else None,
        )
        context.write_json(COMPARISON, difference.model_dump(mode="json"))


class ProbeVerdict(Recipe):
    """The verdict on a cell of a classifier without training noise, at its only look.

    The payload is ``verdict.json``, a ``suite.statistics.summaries.Judgement``.

    Attributes:
        comparisons: The only comparison.
        level: Level of the cell.
        smallest_effect: Smallest difference of interest, in percentage points.
    """

    step: ClassVar[str] = "probe-verdict"
    version: ClassVar[int] = 1
    code: ClassVar[tuple[str, ...]] = CODE
    imports: ClassVar[tuple[str, ...]] = ("scipy.stats",)

    comparisons: tuple[ProbeComparison]
    level: Level
    smallest_effect: Annotated[float, Field(gt=0)]

    def build(self, context: BuildContext) -> None:
        """Apply the rules once."""
        from suite.statistics.probe import judge_probe
        from suite.statistics.summaries import Difference

        difference = Difference.model_validate(context.artifact(self.comparisons[0]).json(COMPARISON))
        judgement = judge_probe(difference, self.level, self.smallest_effect)
        context.write_json(VERDICT, judgement.model_dump(mode="json"))
