"""Recipe of the accuracies of a cell in subgroups of the test images, with their differences from ``org``."""

from typing import TYPE_CHECKING, Annotated, ClassVar

from pydantic import BaseModel, ConfigDict, Field

from suite.artifacts import BuildContext, Recipe, Store
from suite.classifiers.classifier import PREDICTIONS, Predictions, ResampledPredictions
from suite.datasets.attribute import ImageAttribute
from suite.datasets.real import RealSubset
from suite.statistics.recipes import correct_predictions
from suite.statistics.summaries import Interval

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

SUBGROUPS = "subgroups.json"


class Subgroup(BaseModel):
    """Accuracy on the test images of one class, or with one value of an attribute.

    Attributes:
        name: The class, or the value; empty for images without a value.
        images: Number of test images.
        accuracy: Mean accuracy over classifier seeds in percent: the recall, if it is a class.
        org_accuracy: The same of ``org``; null for ``org`` itself.
        difference: Difference of the two in percentage points.
        interval: Interval of the difference, 95 % simultaneously over the subgroups of the cell; null if the number of
            seeds is not that of a look, or if there is one image or one group only.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    images: int
    accuracy: float
    org_accuracy: float | None = None
    difference: float | None = None
    interval: Interval | None = None

    @property
    def differs(self) -> bool:
        """Whether the interval of the difference excludes zero."""
        return self.interval is not None and (self.interval[0] > 0 or self.interval[1] < 0)


class SubgroupAccuracies(Recipe):
    """Accuracies of a case in subgroups of the test images, with their differences from ``org``.

    The payload is ``subgroups.json``: a list of ``Subgroup``.

    Attributes:
        names: Names of the classes, in the order of the labels; empty if the subgroups are those of ``attribute``.
        attribute: An attribute of the images whose values are the subgroups; None for the classes.
        evaluation: The test images.
        grouped: Whether some of them belong to groups, which vary together.
        case: The predictions of each classifier seed.
        org: The predictions of the same seeds of ``org``; empty for ``org`` itself.
        resampled: Predictions of classifiers without seeds on resampled training sets, of the case and of ``org``.
        syn: Whether the case is a SYN case.
    """

    step: ClassVar[str] = "subgroup-accuracies"
    version: ClassVar[int] = 1
    code: ClassVar[tuple[str, ...]] = (
        "suite.statistics.subgroup_recipes",
        "suite.statistics.subgroups",
        "suite.statistics.comparison",
        "suite.statistics.probe",
        "suite.statistics.variance",
        "suite.statistics.verdict",
        "suite.statistics.looks",
    )
    imports: ClassVar[tuple[str, ...]] = ("scipy.stats",)

    names: tuple[str, ...] = ()
    attribute: ImageAttribute | None = None
    evaluation: RealSubset
    grouped: bool
    case: Annotated[tuple[Predictions, ...], Field(min_length=1)]
    org: tuple[Predictions, ...] = ()
    resampled: tuple[ResampledPredictions, ...] = ()
    syn: bool = False

    def build(self, context: BuildContext) -> None:
        """Compute the accuracies, differences and intervals of all subgroups that have images.

        Raises:
            BadData: If the predictions are not for the same test images.
        """
        from suite.statistics.subgroups import Arms, subgroup_intervals

        correct, labels = correct_predictions(context, (*self.case, *self.org))
        case, org = correct[: len(self.case)], correct[len(self.case) :]
        names, codes = self.names, labels
        if self.attribute is not None:
            names, codes = self.attribute.of_subset(self.evaluation, context.store)
        intervals: dict[int, Interval | None] = {}
        if self.org:
            again = (context.artifact(one).tensors(PREDICTIONS)["predicted"] == labels for one in self.resampled)
            groups = self.evaluation.groups(context.store) if self.grouped else None
            intervals = subgroup_intervals(Arms(case, org, *again), codes, groups, syn=self.syn)
        subgroups = [
            _subgroup(name, case[:, codes == code], org[:, codes == code], intervals.get(code))
            for code, name in enumerate(names)
            if (codes == code).any()
        ]
        context.write_json(SUBGROUPS, [subgroup.model_dump(mode="json") for subgroup in subgroups])

    def read(self, store: Store) -> tuple[Subgroup, ...]:
        """Read the result; raises BadArtifact if it is missing or damaged."""
        return tuple(Subgroup.model_validate(subgroup) for subgroup in store.get(self).json(SUBGROUPS))


def _subgroup(name: str, case: "NDArray[np.bool_]", org: "NDArray[np.bool_]", interval: Interval | None) -> Subgroup:
    accuracy = 100 * int(case.sum()) / case.size
    if not len(org):
        return Subgroup(name=name, images=case.shape[1], accuracy=accuracy)
    return Subgroup(
        name=name,
        images=case.shape[1],
        accuracy=accuracy,
        org_accuracy=100 * int(org.sum()) / org.size,
        difference=100 * (int(case.sum()) - int(org.sum())) / case.size,  # exact: no difference of rounded means
        interval=interval,
    )
