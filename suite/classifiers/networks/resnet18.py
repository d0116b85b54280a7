"""ResNet-18 (He et al., 2016, arXiv:1512.03385), with a stem for small images and any width."""

from typing import TYPE_CHECKING

from suite.classifiers.network import Network, networks
from suite.classifiers.recipes import ClassifierSettings

if TYPE_CHECKING:
    import torch

STAGES = 4
BLOCKS = 2


@networks.register
class ResNet18(Network):
    """Torchvision's basic blocks; width 64 and the ImageNet stem give torchvision's ResNet-18."""

    name = "resnet18"

    def make(self, classes: int, settings: ClassifierSettings) -> "torch.nn.Module":
        """Return the network, initialised from torch's global generator as torchvision does."""
        from torch import nn
        from torchvision.models.resnet import BasicBlock

        width = settings.width
        layers = _stem(settings)
        channels = width
        for stage in range(STAGES):
            for block in range(BLOCKS):
                out = width * 2**stage
                stride = 2 if stage and not block else 1
                shortcut = None
                if stride != 1 or channels != out:
                    shortcut = nn.Sequential(nn.Conv2d(channels, out, 1, stride, bias=False), nn.BatchNorm2d(out))
                layers.append(BasicBlock(channels, out, stride, shortcut))
                channels = out
        network = nn.Sequential(*layers, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(channels, classes))
        for module in network.modules():
            if isinstance(module, nn.Conv2d):
                nn.init.kaiming_normal_(module.weight, mode="fan_out", nonlinearity="relu")
        return network


def _stem(settings: ClassifierSettings) -> "list[torch.nn.Module]":
    from torch import nn

    width = settings.width
    if settings.stem == "3x3":
        return [nn.Conv2d(3, width, 3, padding=1, bias=False), nn.BatchNorm2d(width), nn.ReLU(inplace=True)]
    return [
        nn.Conv2d(3, width, 7, stride=2, padding=3, bias=False),
        nn.BatchNorm2d(width),
        nn.ReLU(inplace=True),
        nn.MaxPool2d(3, stride=2, padding=1),
    ]
