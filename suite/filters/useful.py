"""``useful``: keep images that lower the loss of a linear probe on held-out real images."""

from typing import TYPE_CHECKING, ClassVar

from suite.artifacts import BuildContext
from suite.classifiers.influence import INFLUENCE, Influence
from suite.filters.feature_filter import FeatureFilter
from suite.filters.filter import Candidates, FilterSettings, filters
from suite.filters.filtered import DataUsed, FilteredImages
from suite.metrics.extractors.extractor import extractors

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

NAME = "useful"


class UsefulImages(FilteredImages):
    """Images with a positive influence: without one of them, the loss of the probe would be higher.

    Attributes:
        influence: The influence of every image.
    """

    step: ClassVar[str] = "filter-useful"
    version: ClassVar[int] = 1
    code: ClassVar[tuple[str, ...]] = ("suite.filters.useful", "suite.filters.filtered")
    filter: ClassVar[str] = NAME
    remedy: ClassVar[str] = f"choose another extractor under [filter.{NAME}], or generate images closer to real ones"

    influence: Influence

    @property
    def uses(self) -> tuple[DataUsed, ...]:
        """The real images and their labels, and the training data of a pretrained extractor."""
        pretrained = extractors.get(self.influence.real.extractor).pretrained_on
        return ("real images", "real labels", "the web") if pretrained else ("real images", "real labels")

    def choose(self, context: BuildContext) -> "NDArray[np.bool_]":
        """Return whether the influence of each image is positive."""
        positive: NDArray[np.bool_] = context.artifact(self.influence).tensors(INFLUENCE)["influence"] > 0
        return positive


@filters.register
class Useful(FeatureFilter):
    """Drop images without which a linear probe would do better on held-out real training images."""

    name = NAME
    title = "Lowers the loss of a linear probe on held-out real images"

    def filtered(self, candidates: Candidates, settings: FilterSettings) -> FilteredImages:
        """Return the recipe of the images with a positive influence."""
        synthetic, real = self.features(candidates, settings)
        influence = Influence(synthetic=synthetic, real=real, compute=candidates.compute)
        return UsefulImages(images=candidates.images, classes=candidates.classes, influence=influence)
