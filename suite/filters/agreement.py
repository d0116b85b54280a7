"""``agreement``: keep images whose label is predicted with confidence by a classifier trained on real images."""

from typing import TYPE_CHECKING, Annotated, ClassVar

from pydantic import Field

from suite.artifacts import BuildContext
from suite.classifiers.classifier import PREDICTIONS, Predictions
from suite.filters.filter import Candidates, Filter, FilterSettings, filters
from suite.filters.filtered import DataUsed, FilteredImages

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

NAME = "agreement"


class AgreementSettings(FilterSettings):
    """Settings of ``agreement``.

    Attributes:
        confidence: Minimum probability of the label. Above 0.5 the label is always the most probable class.
    """

    confidence: Annotated[float, Field(ge=0, le=1)] = 0.5


class AgreedImages(FilteredImages):
    """Images whose label is the class predicted by the ``org`` classifier, with at least the minimum probability.

    Attributes:
        org: Predictions of the classifier on the images.
        settings: Settings of the filter.
    """

    step: ClassVar[str] = "filter-agreement"
    version: ClassVar[int] = 1
    code: ClassVar[tuple[str, ...]] = ("suite.filters.agreement", "suite.filters.filtered")
    filter: ClassVar[str] = NAME
    remedy: ClassVar[str] = f"lower confidence under [filter.{NAME}], or generate images that look like their class"

    org: Predictions
    settings: AgreementSettings

    @property
    def uses(self) -> tuple[DataUsed, ...]:
        """The training set of the classifier."""
        return ("real images", "real labels")

    def choose(self, context: BuildContext) -> "NDArray[np.bool_]":
        """Return whether the predicted class is the label and its probability is high enough."""
        import numpy as np

        predictions = context.artifact(self.org).tensors(PREDICTIONS)
        probabilities, labels = predictions["probabilities"], predictions["labels"]
        of_label = probabilities[np.arange(len(labels)), labels]
        agreed: NDArray[np.bool_] = (probabilities.argmax(axis=1) == labels) & (of_label >= self.settings.confidence)
        return agreed


@filters.register
class Agreement(Filter):
    """Drop images that the ``org`` classifier assigns to another class or is not confident of."""

    name = NAME
    title = "Agreement with a classifier trained on real images"
    settings = AgreementSettings

    def filtered(self, candidates: Candidates, settings: FilterSettings) -> FilteredImages:
        """Return the recipe of the images whose label the classifier predicts."""
        assert isinstance(settings, AgreementSettings)
        return AgreedImages(images=candidates.images, classes=candidates.classes, org=candidates.org, settings=settings)
