"""A feature extractor: a frozen network that turns images into the vectors that metrics compare."""

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING

from suite.artifacts import DataPaths, Download
from suite.errors import Unavailable, UsageError
from suite.registry import Registry

if TYPE_CHECKING:
    import torch


class Extractor(ABC):
    """A plugin: says which network it is and loads it.

    Attributes:
        name: The word in options, metric ids and reports.
        title: The name in prose.
        weights: Which weights; part of every metric's id and of the features' key.
        resize: How images reach the network's input size; part of every metric's id.
        side: Height and width of the network's input in pixels, unless a recipe asks for another.
        classes: Number K of classes that the logits tell apart; 0 for a network without a classifier.
        pretrained: Whether it was trained on images that are not of this project.
        features: Number D of features an image; 0 where it is every value of the resized image. For estimates, as the
            next two are.
        operations: Floating-point operations an image, at its own side; None where nobody counted.
        bytes: Size of the weights.
        literature: Whether published FIDs are computed with exactly these weights and this resize, so that a
            Fréchet distance in this space may be called FID.
    """

    name: str
    title: str
    weights: str
    resize: str
    side: int
    classes: int
    pretrained: bool = True
    features: int = 0
    operations: float | None = None
    bytes: int | None = None
    literature: bool = False

    @abstractmethod
    def check(self, data_paths: DataPaths) -> None:
        """Raise Unavailable, with the way to get them, if the weights are not on this machine; quick and light."""

    @abstractmethod
    def load(self, side: int, device: str, data_paths: DataPaths) -> "torch.nn.Module":
        """Return the network, in evaluation mode, on ``device``.

        Called with a batch of images (uint8, N x H x W x 3, on that device) it returns features (N x D) and
        logits (N x K). What it says of one image may not depend on the rest of the batch.

        Args:
            side: Height and width in pixels to which images are resized.
            device: Name of the torch device.
            data_paths: Where weights lie or may be put.

        Raises:
            Unavailable: If the weights are not there.
            BadData: If the file is not what it should be.
        """

    def downloads(self, data_paths: DataPaths) -> tuple[Download, ...]:
        """Return the weights, unless they are on this machine."""
        try:
            self.check(data_paths.model_copy(update={"download": False}))
        except Unavailable:
            return (Download(what=f"weights of {self.title}", size=self.bytes),)
        return ()

    def refuse_other_sides(self, side: int) -> None:
        """Raise UsageError unless ``side`` is the one the network was made for."""
        if side != self.side:
            raise UsageError(f"{self.name} looks at images of {self.side} pixels, not {side}")


extractors: Registry[Extractor] = Registry("extractor", "suite.metrics.extractors")
