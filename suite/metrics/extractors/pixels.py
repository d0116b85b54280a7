"""No network at all: the pixels, for finding copies."""

from typing import TYPE_CHECKING

from suite.artifacts import DataPaths
from suite.metrics.extractors.extractor import Extractor, extractors

if TYPE_CHECKING:
    import torch


@extractors.register
class Pixels(Extractor):
    """The image itself as a vector of 3 x side x side numbers from 0 to 1."""

    name = "pixels"
    title = "pixels"
    weights = "none"
    resize = "bilinear"
    side = 16
    classes = 0
    pretrained = False
    operations = 0.0

    def check(self, data_paths: DataPaths) -> None:
        """Nothing can be missing."""

    def load(self, side: int, device: str, data_paths: DataPaths) -> "torch.nn.Module":  # noqa: ARG002 - nothing to find
        """Return the flattening of resized images."""
        from suite.metrics.networks import Flat

        return Flat(side).to(device)
