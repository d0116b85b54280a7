"""``manifold``: keep images that are close to real images in a feature space."""

from typing import TYPE_CHECKING, ClassVar

from suite.artifacts import BuildContext
from suite.compute import Compute
from suite.filters.feature_filter import FeatureFilter
from suite.filters.filter import Candidates, FilterSettings, filters
from suite.filters.filtered import DataUsed, FilteredImages
from suite.metrics.extractors.extractor import extractors
from suite.metrics.recipes import FeatureStatistics

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

NAME = "manifold"


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
class ManifoldFilter(FeatureFilter):
    """Drop images that are far from all real images in a feature space; labels are not used."""

    name = NAME
    title = "Close to real images in a feature space"

    def filtered(self, candidates: Candidates, settings: FilterSettings) -> FilteredImages:
        """Return the recipe of the images that are close to real images."""
        compute = candidates.compute
        near, among = (
            FeatureStatistics(features=features, compute=compute) for features in self.features(candidates, settings)
        )
        return NearImages(images=candidates.images, classes=candidates.classes, near=near, among=among, compute=compute)
