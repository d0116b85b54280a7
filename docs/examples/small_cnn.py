"""A classifier as a plugin: a small convolutional network, trained by the suite's own loop."""

from typing import TYPE_CHECKING

from suite.classifiers.network import NetworkClassifier
from suite.classifiers.settings import TrainingSettings

if TYPE_CHECKING:
    import torch


class SmallCnnSettings(TrainingSettings):
    """Settings of the network and its training.

    Attributes:
        channels: Channels of the first layer.
    """

    channels: int = 16


class SmallCnn(NetworkClassifier):
    """Two convolutions and a linear layer."""

    name = "small-cnn"
    title = "Small CNN"
    settings = SmallCnnSettings

    def make(self, classes: int, settings: TrainingSettings) -> "torch.nn.Module":
        """Return the untrained network."""
        from torch import nn

        assert isinstance(settings, SmallCnnSettings)
        channels = settings.channels
        return nn.Sequential(
            nn.Conv2d(3, channels, 3, padding=1),
            nn.ReLU(),
            nn.Conv2d(channels, 2 * channels, 3, stride=2, padding=1),
            nn.ReLU(),
            nn.AdaptiveAvgPool2d(2),
            nn.Flatten(),
            nn.Linear(8 * channels, classes),
        )
