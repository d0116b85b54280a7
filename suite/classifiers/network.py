"""A network: the architecture of a classifier, as a plugin."""

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING

from suite.classifiers.settings import ClassifierSettings
from suite.flops import Layers
from suite.registry import Registry

if TYPE_CHECKING:
    import torch


class Network(ABC):
    """A plugin that makes an untrained network.

    Attributes:
        name: The word in profiles and recipes.
    """

    name: str

    @abstractmethod
    def make(self, classes: int, settings: ClassifierSettings) -> "torch.nn.Module":
        """Return a module from normalised float images (N, 3, H, W) to logits (N, ``classes``)."""

    def layers(self, classes: int, settings: ClassifierSettings, side: int) -> Layers | None:  # noqa: ARG002
        """Return what the network's layers come to for an image of ``side`` x ``side``; None gives no estimate."""
        return None


networks: Registry[Network] = Registry("network", "suite.classifiers.networks")
