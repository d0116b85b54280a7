"""``useful``: keep images that lower the loss of a linear probe on held-out real images."""

from typing import TYPE_CHECKING, Any, ClassVar

from suite.artifacts import BuildContext, DataPaths
from suite.classifiers.influence import INFLUENCE, Influence
from suite.filters.filter import Candidates, Filter, FilterSettings, filters
from suite.filters.filtered import DataUsed, FilteredImages
from suite.metrics.extractors.extractor import extractors
from suite.metrics.recipes import plan_features

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

NAME = "useful"


class UsefulSettings(FilterSettings):
    """Settings of ``useful``.

    Attributes:
        extractor: Name of a registered feature extractor, on whose features the probe is fitted.
    """

    extractor: str = "efficientnet-lite0"


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
class Useful(Filter):
    """Drop images without which a linear probe would do better on held-out real training images."""

    name = NAME
    title = "Lowers the loss of a linear probe on held-out real images"
    settings = UsefulSettings

    def configure(self, values: dict[str, Any], data_paths: DataPaths) -> FilterSettings:
        """Validate the settings of a profile.

        Args:
            values: Settings by name, as set under ``[filter.useful]``.
            data_paths: Where data and caches are.

        Raises:
            UsageError: If a setting does not exist or has an invalid value.
            Unavailable: If the weights of the extractor are not on this machine.
        """
        settings = super().configure(values, data_paths)
        assert isinstance(settings, UsefulSettings)
        extractors.get(settings.extractor).check(data_paths)
        return settings

    def filtered(self, candidates: Candidates, settings: FilterSettings) -> FilteredImages:
        """Return the recipe of the images with a positive influence."""
        assert isinstance(settings, UsefulSettings)
        side, compute = candidates.sides.get(settings.extractor), candidates.compute
        synthetic, real = (
            plan_features(images, settings.extractor, compute, side) for images in (candidates.images, candidates.real)
        )
        influence = Influence(synthetic=synthetic, real=real, compute=compute)
        return UsefulImages(images=candidates.images, classes=candidates.classes, influence=influence)
