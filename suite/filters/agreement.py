"""``agreement``: images whose label a classifier trained on real images shares, and is confident of."""

from typing import TYPE_CHECKING, Annotated, ClassVar

from pydantic import Field

from suite.artifacts import BuildContext
from suite.classifiers.recipes import Predictions
from suite.classifiers.settings import PREDICTIONS
from suite.filters.filter import Candidates, Filter, FilterSettings, filters
from suite.filters.filtered import DataUsed, Filtered

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

NAME = "agreement"


class AgreementSettings(FilterSettings):
    """When a classifier agrees.

    Attributes:
        confidence: Probability that it gives the label, at least; above a half no other class is more probable.
    """

    confidence: Annotated[float, Field(ge=0, le=1)] = 0.5


class AgreedImages(Filtered):
    """Images to whose label a classifier gives more probability than to any other class, and enough of it.

    Attributes:
        org: What the classifier says of the images.
        settings: When it agrees.
    """

    step: ClassVar[str] = "filter-agreement"
    version: ClassVar[int] = 1
    code: ClassVar[tuple[str, ...]] = ("suite.filters.agreement", "suite.filters.filtered")
    filter: ClassVar[str] = NAME
    remedy: ClassVar[str] = f"lower confidence under [filter.{NAME}], or make images that look like their class"

    org: Predictions
    settings: AgreementSettings

    @property
    def uses(self) -> tuple[DataUsed, ...]:
        """The classifier's training set."""
        return ("real images", "real labels")

    def choose(self, context: BuildContext) -> "NDArray[np.bool_]":
        """Keep what the classifier agrees with."""
        import numpy as np

        said = context.artifact(self.org).tensors(PREDICTIONS)
        probabilities, labels = said["probabilities"], said["labels"]
        own = probabilities[np.arange(len(labels)), labels]
        agreed: NDArray[np.bool_] = (probabilities.argmax(axis=1) == labels) & (own >= self.settings.confidence)
        return agreed


@filters.register
class Agreement(Filter):
    """The ``org`` classifier as a judge of labels: what it takes for something else is dropped."""

    name = NAME
    title = "Agreement with a classifier trained on real images"
    settings = AgreementSettings

    def filtered(self, candidates: Candidates, settings: FilterSettings) -> Filtered:
        """Return the recipe of the images that the classifier agrees with."""
        assert isinstance(settings, AgreementSettings)
        return AgreedImages(images=candidates.images, classes=candidates.classes, org=candidates.org, settings=settings)
