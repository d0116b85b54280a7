"""``linear-probe``: logistic regression on the features of a frozen network."""

from typing import Any

from suite.artifacts import DataPaths
from suite.classifiers.classifier import Classifier, ClassifierSettings, classifiers
from suite.classifiers.linear_probe import LinearProbe, LinearProbeSettings
from suite.compute import Compute
from suite.images import ImageSet, Mixture
from suite.metrics.extractors.extractor import Extractor, extractors
from suite.metrics.recipes import plan_features


@classifiers.register
class FrozenFeatures(Classifier):
    """Multinomial logistic regression on the features of any registered extractor."""

    name = "linear-probe"
    title = "linear probe"
    settings = LinearProbeSettings
    has_seeds = False

    def configure(self, values: dict[str, Any], data_paths: DataPaths) -> ClassifierSettings:
        """Validate the settings.

        Raises:
            UsageError: If a setting or the extractor does not exist.
            Unavailable: If the weights of the extractor are not on this machine.
        """
        settings = super().configure(values, data_paths)
        _extractor(settings).check(data_paths)
        return settings

    def describe(self, settings: ClassifierSettings) -> str:
        """Return the extractor and its input size."""
        return f"linear probe on features of {_extractor(settings).title} at {self.image_size(settings)} pixels"

    def pretrained_on(self, settings: ClassifierSettings) -> str | None:
        """Return what the extractor was trained on."""
        return _extractor(settings).pretrained_on

    def image_size(self, settings: ClassifierSettings) -> int:
        """Return the height and width of the extractor's input."""
        assert isinstance(settings, LinearProbeSettings)
        return settings.side or _extractor(settings).side

    def train(
        self,
        training_set: ImageSet,
        settings: ClassifierSettings,
        *,
        classes: int,
        size: int,  # noqa: ARG002 - the extractor resizes images of any size
        seed: int,
        compute: Compute,
    ) -> LinearProbe:
        """Return the recipe of the probe. Each part of a mixture has features of its own, shared with the metrics."""
        assert isinstance(settings, LinearProbeSettings)
        parts = training_set.parts if isinstance(training_set, Mixture) else (training_set,)
        compute = compute.in_float32
        return LinearProbe(
            training_set=training_set,
            features=tuple(plan_features(part, settings.network, compute, settings.side) for part in parts),
            settings=settings,
            classes=classes,
            seed=seed,
            compute=compute,
        )


def _extractor(settings: ClassifierSettings) -> Extractor:
    assert isinstance(settings, LinearProbeSettings)
    return extractors.get(settings.network)
