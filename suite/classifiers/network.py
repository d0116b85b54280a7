"""Base class of classifier networks, which are plugins."""

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING

from suite.classifiers.settings import ClassifierSettings
from suite.flops import Layers
from suite.registry import Registry

if TYPE_CHECKING:
    import torch


class Network(ABC):
    """Plugin that makes an untrained network.

    Attributes:
        name: Name of the network in profiles and recipes.
    """

    name: str

    @abstractmethod
    def make(self, classes: int, settings: ClassifierSettings) -> "torch.nn.Module":
        """Return an untrained module that maps normalised float images (N, 3, H, W) to logits (N, ``classes``)."""

    def layers(self, classes: int, settings: ClassifierSettings, side: int) -> Layers | None:  # noqa: ARG002
        """Return the size of the network's layers, for cost estimates.

        Args:
            classes: Number of classes.
            settings: Settings of the classifier.
            side: Height and width of the images in pixels.

        Returns:
            The layers, or None if there is no estimate (the default).
        """
        return None


networks: Registry[Network] = Registry("network", "suite.classifiers.networks")
