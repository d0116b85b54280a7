"""Exchanged class folders: are the images of a class recognised as another class, and the reverse?"""

from typing import TYPE_CHECKING, Annotated, ClassVar

from pydantic import BaseModel, ConfigDict, Field

from suite.artifacts import BuildContext, Recipe, Store
from suite.artifacts.resources import ARITHMETIC, ResourceRequest
from suite.classifiers.classifier import PREDICTIONS, Predictions

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

LABELS = "labels.json"
MARGIN = 0.25  # mean share of a class's images
STANDARD_ERRORS = 2.0

Seeds = Annotated[tuple[Predictions, ...], Field(min_length=1)]


class LabelAgreement(BaseModel):
    """How classifiers trained on real images see the classes of a synthetic set.

    Attributes:
        confusion: For each label of the synthetic images, the share of its images that is predicted as each class.
        exchanged: Classes whose labels seem exchanged: each entry is a cycle of labels, the images of each label
            showing the next one.
        real: ``confusion`` for the real test images.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    confusion: tuple[tuple[float, ...], ...]
    exchanged: tuple[tuple[int, ...], ...]
    real: tuple[tuple[float, ...], ...]


class LabelCheck(Recipe):
    """Search for exchanged classes in a synthetic set.

    The payload is ``labels.json``, a ``LabelAgreement``.

    Attributes:
        synthetic: Predictions of the ``org`` classifiers on the synthetic images, one for each seed.
        real: Their predictions on real test images.
    """

    step: ClassVar[str] = "label-check"
    version: ClassVar[int] = 3
    code: ClassVar[tuple[str, ...]] = ("suite.classifiers.label_check",)
    imports: ClassVar[tuple[str, ...]] = ("scipy.optimize",)
    resources: ClassVar[ResourceRequest] = ARITHMETIC

    synthetic: Seeds
    real: Seeds

    def build(self, context: BuildContext) -> None:
        """Write the confusion of the synthetic and of the real images, and the classes that seem exchanged."""
        import numpy as np

        (synthetic, images), (real, real_images) = (
            _mean_confusion(context, predictions) for predictions in (self.synthetic, self.real)
        )
        exchanged = exchanged_classes(synthetic, real, np.minimum(images, real_images))
        agreement = LabelAgreement(confusion=synthetic.tolist(), exchanged=exchanged, real=real.tolist())
        context.write_json(LABELS, agreement.model_dump(mode="json"))

    def read(self, store: Store) -> LabelAgreement:
        """Read the result; raises BadArtifact if it is missing or damaged."""
        return LabelAgreement.model_validate(store.get(self).json(LABELS))


def exchanged_classes(
    synthetic: "NDArray[np.float64]", real: "NDArray[np.float64]", images: "NDArray[np.int64]"
) -> tuple[tuple[int, ...], ...]:
    """Return the cycles of classes whose labels seem exchanged.

    The assignment of labels to classes with the largest total agreement is found (Kuhn 1955). A cycle of it counts if,
    on average over its labels, the assigned class is predicted for a share of the images that is larger than that of
    the label by ``MARGIN``, and if the same margin separates these classes on real images. Two standard errors of a
    difference of shares are added to the margin, so that a few images of a class do not look like an exchange.

    Args:
        synthetic: (classes, classes), for each label the shares of the predicted classes.
        real: The same for real images.
        images: (classes,), number of images of each label, the smaller one of the two sets.
    """
    import numpy as np
    from scipy.optimize import linear_sum_assignment

    _, assigned = linear_sum_assignment(synthetic, maximize=True)
    labels = np.arange(len(assigned))
    gain = synthetic[labels, assigned] - synthetic[labels, labels]
    told_apart = real[labels, labels] - real[labels, assigned]
    cycles, seen = [], set()
    for label in labels.tolist():
        cycle = [label]
        while (following := int(assigned[cycle[-1]])) != label:
            cycle.append(following)
        is_new = label not in seen
        seen.update(cycle)
        margin = MARGIN + STANDARD_ERRORS / max(1.0, images[cycle].sum()) ** 0.5
        if is_new and len(cycle) > 1 and min(gain[cycle].mean(), told_apart[cycle].mean()) > margin:
            cycles.append(tuple(cycle))
    return tuple(cycles)


def _mean_confusion(context: BuildContext, predictions: Seeds) -> "tuple[NDArray[np.float64], NDArray[np.int64]]":
    """Return the mean over seeds of the confusion matrix, rows normalised to 1, and the images of each label."""
    import numpy as np

    matrices = []
    for prediction in predictions:
        tensors = context.artifact(prediction).tensors(PREDICTIONS)
        classes = tensors["probabilities"].shape[1]
        counts = np.zeros((classes, classes))
        np.add.at(counts, (tensors["labels"], tensors["probabilities"].argmax(axis=1)), 1)
        matrices.append(counts / np.maximum(counts.sum(axis=1, keepdims=True), 1))
    return np.mean(matrices, axis=0), counts.sum(axis=1).astype(np.int64)
