"""The linear probe as a plugin."""

from pathlib import Path

import pytest

from suite.artifacts import DataPaths
from suite.classifiers.linear_probe import LinearProbe
from suite.classifiers.plugins.linear_probe import FrozenFeatures
from suite.compute import Compute
from suite.errors import UsageError
from suite.images import Mixture
from suite.metrics.recipes import plan_features
from suite.testing import ClassifierContract
from suite.testing.digits import CLASSES, digits

PATHS = DataPaths(cache=Path("no such folder"))


class TestContract(ClassifierContract):
    plugin = FrozenFeatures
    settings = {"side": 32, "strengths": (0.001, 0.01)}


def probe(**settings: object) -> LinearProbe:
    plugin = FrozenFeatures()
    parts = (digits(*(22,) * len(CLASSES)), digits(*(15,) * len(CLASSES), part="validation"))
    return plugin.train(
        Mixture(parts=parts),
        plugin.configure(dict(settings), PATHS),
        classes=len(CLASSES),
        size=8,
        seed=0,
        compute=Compute(precision="bfloat16"),
    )


def test_features_are_those_of_the_metrics_whatever_the_precision_of_networks() -> None:
    recipe = probe(side=64)
    assert isinstance(recipe.training_set, Mixture)
    expected = [plan_features(part, "efficientnet-lite0", Compute(), 64) for part in recipe.training_set.parts]
    assert [features.key for features in recipe.features] == [features.key for features in expected]


def test_images_are_needed_at_the_size_of_the_extractor() -> None:
    plugin = FrozenFeatures()
    assert plugin.image_size(plugin.configure({"side": 96}, PATHS)) == 96
    assert plugin.image_size(plugin.configure({"network": "efficientnet-lite1"}, PATHS)) == 128


def test_an_unknown_network_lists_the_extractors() -> None:
    with pytest.raises(UsageError, match="unknown extractor 'vgg': choose from clip"):
        FrozenFeatures().configure({"network": "vgg"}, PATHS)
