"""``manifold``: images that lie among the real ones in a feature space."""

from typing import TYPE_CHECKING, Any, ClassVar

from suite.artifacts import BuildContext, DataPaths
from suite.compute import Compute
from suite.filters.filter import Candidates, Filter, FilterSettings, filters
from suite.filters.filtered import DataUsed, Filtered
from suite.metrics.extractors.extractor import extractors
from suite.metrics.recipes import FeatureStatistics, plan_features

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

NAME = "manifold"


class ManifoldSettings(FilterSettings):
    """Where distances are taken.

    Attributes:
        extractor: Name of a registered feature extractor.
    """

    extractor: str = "efficientnet-lite0"


class NearImages(Filtered):
    """Images that lie in the 3-neighbour ball of a real training image: those that count for precision.

    The estimate of the real manifold is that of Kynkäänniemi et al., NeurIPS 2019: a ball round each real image that
    reaches to its third nearest other.

    Attributes:
        near: Statistics of the images.
        among: Statistics of the real training images, in the same space.
        compute: How to compute.
    """

    step: ClassVar[str] = "filter-manifold"
    version: ClassVar[int] = 1
    code: ClassVar[tuple[str, ...]] = (
        "suite.filters.manifold",
        "suite.filters.filtered",
        "suite.metrics.set_comparison",
        "suite.metrics.pairs",
    )
    filter: ClassVar[str] = NAME
    remedy: ClassVar[str] = f"choose another extractor under [filter.{NAME}], or make images closer to the real ones"

    near: FeatureStatistics
    among: FeatureStatistics
    compute: Compute

    @property
    def uses(self) -> tuple[DataUsed, ...]:
        """The real images without their labels, and what the extractor was trained on."""
        pretrained = extractors.get(self.near.features.extractor).pretrained
        return ("real images", "the web") if pretrained else ("real images",)

    def choose(self, context: BuildContext) -> "NDArray[np.bool_]":
        """Keep what lies in any ball."""
        from suite.metrics import pairs
        from suite.metrics.set_comparison import one_pool, read_side

        near, among = read_side(self.near, context.store), read_side(self.among, context.store)
        with one_pool(self.compute):
            return pairs.between(near.features, among.features, near.within, among.within).in_reference


@filters.register
class Manifold(Filter):
    """Distance to the real images as a judge of looks; labels are not asked for."""

    name = NAME
    title = "Among the real images in a feature space"
    settings = ManifoldSettings

    def configure(self, given: dict[str, Any], data_paths: DataPaths) -> FilterSettings:
        """Return the settings; raises Unavailable, too, if the extractor's weights are not here."""
        settings = super().configure(given, data_paths)
        assert isinstance(settings, ManifoldSettings)
        extractors.get(settings.extractor).check(data_paths)
        return settings

    def filtered(self, candidates: Candidates, settings: FilterSettings) -> Filtered:
        """Return the recipe of the images that lie among the real ones."""
        assert isinstance(settings, ManifoldSettings)
        side, compute = candidates.sides.get(settings.extractor), candidates.compute
        near, among = (
            FeatureStatistics(features=plan_features(images, settings.extractor, compute, side), compute=compute)
            for images in (candidates.images, candidates.real)
        )
        return NearImages(images=candidates.images, classes=candidates.classes, near=near, among=among, compute=compute)
