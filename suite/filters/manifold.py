"""``manifold``: keep images that are close to real images in a feature space."""

from typing import TYPE_CHECKING, Any, ClassVar

from suite.artifacts import BuildContext, DataPaths
from suite.compute import Compute
from suite.filters.filter import Candidates, Filter, FilterSettings, filters
from suite.filters.filtered import DataUsed, FilteredImages
from suite.metrics.extractors.extractor import extractors
from suite.metrics.recipes import FeatureStatistics, plan_features

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

NAME = "manifold"


class ManifoldSettings(FilterSettings):
    """Settings of ``manifold``.

    Attributes:
        extractor: Name of a registered feature extractor, which defines the feature space.
    """

    extractor: str = "efficientnet-lite0"


class NearImages(FilteredImages):
    """Images that lie in the 3-neighbour ball of a real training image: those that count for the precision metric.

    The estimate of the real manifold is that of Kynkäänniemi et al., NeurIPS 2019: a ball around each real image
    whose radius is the distance to its third nearest neighbour among the other real images.

    Attributes:
        near: Feature statistics of the images.
        among: Feature statistics of the real training images, in the same space.
        compute: Threads of the distance computation.
    """

    step: ClassVar[str] = "filter-manifold"
    version: ClassVar[int] = 1
    code: ClassVar[tuple[str, ...]] = (
        "suite.filters.manifold",
        "suite.filters.filtered",
        "suite.metrics.set_comparison",
        "suite.metrics.pairwise",
    )
    filter: ClassVar[str] = NAME
    remedy: ClassVar[str] = f"choose another extractor under [filter.{NAME}], or generate images closer to real ones"

    near: FeatureStatistics
    among: FeatureStatistics
    compute: Compute

    @property
    def uses(self) -> tuple[DataUsed, ...]:
        """The real images without their labels, and the training data of a pretrained extractor."""
        pretrained = extractors.get(self.near.features.extractor).pretrained_on
        return ("real images", "the web") if pretrained else ("real images",)

    def choose(self, context: BuildContext) -> "NDArray[np.bool_]":
        """Return whether each image lies in the ball of at least one real image."""
        from suite.metrics.pairwise import limit_blas_threads, pairwise_between

        near, among = self.near.open(context.store), self.among.open(context.store)
        with limit_blas_threads(self.compute.threads):
            return pairwise_between(
                near.features, among.features, near.pairwise.radii, among.pairwise.radii
            ).in_reference


@filters.register
class ManifoldFilter(Filter):
    """Drop images that are far from all real images in a feature space; labels are not used."""

    name = NAME
    title = "Close to real images in a feature space"
    settings = ManifoldSettings

    def configure(self, values: dict[str, Any], data_paths: DataPaths) -> FilterSettings:
        """Validate the settings of a profile.

        Args:
            values: Settings by name, as set under ``[filter.manifold]``.
            data_paths: Where data and caches are.

        Raises:
            UsageError: If a setting does not exist or has an invalid value.
            Unavailable: If the weights of the extractor are not on this machine.
        """
        settings = super().configure(values, data_paths)
        assert isinstance(settings, ManifoldSettings)
        extractors.get(settings.extractor).check(data_paths)
        return settings

    def filtered(self, candidates: Candidates, settings: FilterSettings) -> FilteredImages:
        """Return the recipe of the images that are close to real images."""
        assert isinstance(settings, ManifoldSettings)
        side, compute = candidates.sides.get(settings.extractor), candidates.compute
        near, among = (
            FeatureStatistics(features=plan_features(images, settings.extractor, compute, side), compute=compute)
            for images in (candidates.images, candidates.real)
        )
        return NearImages(images=candidates.images, classes=candidates.classes, near=near, among=among, compute=compute)
