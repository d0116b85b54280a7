"""Base class and registry of feature extractors: frozen networks that map images to feature vectors."""

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING

from suite.artifacts import DataPaths, Download
from suite.errors import Unavailable, UsageError
from suite.registry import Registry

if TYPE_CHECKING:
    import torch


class Extractor(ABC):
    """Base class of extractor plugins.

    Attributes:
        name: Name in options, metric ids and reports.
        title: Name in prose.
        weights: Id of the weights; part of every metric id and of the key of the features.
        resize: Method by which images are resized to the input size; part of every metric id.
        side: Default height and width of the network's input in pixels.
        classes: Number K of classes of the logits; 0 for a network without a classifier.
        pretrained_on: The images from outside this project that the network was trained on; None if it was not.
        features: Number D of features per image, for cost estimates; 0 if every value of the resized image is one.
        operations: Floating-point operations per image at the default input size, for cost estimates; None if unknown.
        bytes: Size of the weights in bytes, for cost estimates; None if there are none or it is unknown.
        literature: Whether published FIDs use exactly these weights and this resize, so that a Fréchet distance of
            these features may be called FID.
    """

    name: str
    title: str
    weights: str
    resize: str
    side: int
    classes: int
    pretrained_on: str | None = "ImageNet-1k"
    features: int = 0
    operations: float | None = None
    bytes: int | None = None
    literature: bool = False

    @abstractmethod
    def check(self, data_paths: DataPaths) -> None:
        """Check that the weights are on this machine, without loading them or importing heavy modules.

        Args:
            data_paths: Directories of weights, and whether downloads are allowed.

        Raises:
            Unavailable: If they are neither on this machine nor allowed to be downloaded; says how to get them.
        """

    @abstractmethod
    def load(self, side: int, device: str, data_paths: DataPaths) -> "torch.nn.Module":
        """Return the network in evaluation mode on a device.

        The network maps a batch of images (uint8, N x H x W x 3, on that device) to features (N x D) and logits
        (N x K). The output for one image must not depend on the other images of the batch.

        Args:
            side: Height and width in pixels to which images are resized.
            device: Name of the torch device.
            data_paths: Directories of weights, and whether downloads are allowed.

        Raises:
            Unavailable: If the weights are neither on this machine nor allowed to be downloaded.
            BadData: If a weight file has another checksum than the published one.
            UsageError: If the network does not support the input size ``side``.
        """

    def downloads(self, data_paths: DataPaths) -> tuple[Download, ...]:
        """Return the weights as a download if they are not on this machine."""
        try:
            self.check(data_paths.model_copy(update={"download": False}))
        except Unavailable:
            return (Download(what=f"weights of {self.title}", size=self.bytes),)
        return ()

    def check_side(self, side: int) -> None:
        """Raise UsageError if ``side`` is not the default input size, for networks with a fixed one."""
        if side != self.side:
            raise UsageError(f"{self.name} needs an input size of {self.side} pixels, not {side}")


extractors: Registry[Extractor] = Registry("extractor", "suite.metrics.extractors")
