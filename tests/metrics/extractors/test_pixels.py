"""Pixels as features: the values are those of the image."""

import torch

from suite.metrics.extractors.pixels import Pixels
from suite.testing import ExtractorContract


class TestContract(ExtractorContract):
    plugin = Pixels
    side = 32

    def test_the_features_are_the_pixels(self, network, images):
        features, _ = network(images)
        assert torch.equal((features * 255).round().to(torch.uint8).view(4, 3, 32, 32).permute(0, 2, 3, 1), images)
