"""Pixels as features, for the copying metrics."""

from typing import TYPE_CHECKING

from suite.artifacts import DataPaths
from suite.metrics.extractors.extractor import Extractor, extractors

if TYPE_CHECKING:
    import torch


@extractors.register
class Pixels(Extractor):
    """The resized image as a vector of 3 x side x side values from 0 to 1."""

    name = "pixels"
    title = "pixels"
    weights = "none"
    resize = "bilinear"
    side = 16
    classes = 0
    pretrained_on = None
    operations = 0.0

    def check(self, data_paths: DataPaths) -> None:
        """Do nothing: there are no weights."""

    def load(self, side: int, device: str, data_paths: DataPaths) -> "torch.nn.Module":  # noqa: ARG002 - no weights
        """Return a network that flattens resized images."""
        from suite.metrics.networks import FlattenedPixels

        return FlattenedPixels(side).to(device)
