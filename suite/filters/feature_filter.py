"""Base class of filters that compare images in a feature space."""

from typing import Any

from suite.artifacts import DataPaths
from suite.filters.filter import Candidates, Filter, FilterSettings
from suite.metrics.extractors.extractor import extractors
from suite.metrics.recipes import Features, plan_features


class FeatureFilterSettings(FilterSettings):
    """Settings of a filter in a feature space.

    Attributes:
        extractor: Name of a registered feature extractor, which defines the feature space.
    """

    extractor: str = "efficientnet-lite0"


class FeatureFilter(Filter):
    """Base class of filters in the feature space of an extractor, whose weights must be on this machine."""

    settings = FeatureFilterSettings

    def configure(self, values: dict[str, Any], data_paths: DataPaths) -> FilterSettings:
        """Validate the settings of a profile, and check that the weights of the extractor are here; see ``Filter``."""
        settings = super().configure(values, data_paths)
        assert isinstance(settings, FeatureFilterSettings)
        extractors.get(settings.extractor).check(data_paths)
        return settings

    def features(self, candidates: Candidates, settings: FilterSettings) -> tuple[Features, Features]:
        """Return the recipes of the features of the synthetic and of the real images."""
        assert isinstance(settings, FeatureFilterSettings)
        name, side = settings.extractor, candidates.sides.get(settings.extractor)
        synthetic, real = (
            plan_features(images, name, candidates.compute, side) for images in (candidates.images, candidates.real)
        )
        return synthetic, real
