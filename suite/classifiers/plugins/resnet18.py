"""ResNet-18 (He et al., 2016, arXiv:1512.03385) with adjustable width and a stem for small images."""

from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import Field

from suite.classifiers.classifier import classifiers
from suite.classifiers.network import NetworkClassifier
from suite.classifiers.settings import SMALL_SIDE, TrainingSettings
from suite.flops import Layers

if TYPE_CHECKING:
    import torch

STAGES = 4
BLOCKS = 2  # per stage


class ResNet18Settings(TrainingSettings):
    """Settings of the ResNet-18 and its training.

    Attributes:
        width: Channels of the first stage; 64 is the published ResNet-18.
        stem: ``3x3`` keeps the image size (for small images), ``3x3/2`` halves it once, ``imagenet`` twice.
    """

    width: Annotated[int, Field(ge=1)] = 64
    stem: Literal["3x3", "3x3/2", "imagenet"] = "3x3"


@classifiers.register
class ResNet18(NetworkClassifier):
    """ResNet-18 made of torchvision's basic blocks.

    With width 64 and the ImageNet stem it equals torchvision's ResNet-18.
    """

    name = "resnet18"
    title = "ResNet-18 from scratch"
    settings = ResNet18Settings

    def make(self, classes: int, settings: TrainingSettings) -> "torch.nn.Module":
        """Return the network, initialised from torch's global random generator as torchvision does."""
        assert isinstance(settings, ResNet18Settings)
        from torch import nn
        from torchvision.models.resnet import BasicBlock

        from suite.classifiers.small_images import SmallImageConv2d

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
                if module.kernel_size == (3, 3):
                    module.__class__ = SmallImageConv2d  # the same weights; torchvision's block makes its own layers
        return network

    def layers(self, classes: int, settings: TrainingSettings, side: int) -> Layers:
        """Return the size of the layers that ``make`` creates; see ``NetworkClassifier.layers``."""
        assert isinstance(settings, ResNet18Settings)
        channels, layers = settings.width, Layers()
        if settings.stem != "3x3":
            side = -(-side // 2)
        layers.convolution(3, channels, side, 7 if settings.stem == "imagenet" else 3, bias=False)
        layers.normalisation(channels, side)
        if settings.stem == "imagenet":
            side = -(-side // 2)
        for stage in range(STAGES):
            for block in range(BLOCKS):
                out = settings.width * 2**stage
                stride = 2 if stage and not block else 1
                before, side = side, -(-side // stride)
                for inputs, input_side in ((channels, before), (out, side)):
                    products = (input_side * side) ** 2 if input_side <= SMALL_SIDE else None
                    layers.convolution(inputs, out, side, bias=False, products=products)
                    layers.normalisation(out, side)
                if stride != 1 or channels != out:
                    layers.convolution(channels, out, side, 1, bias=False)
                    layers.normalisation(out, side)
                channels = out
        layers.linear(channels, classes)
        return layers


def _stem(settings: ResNet18Settings) -> "list[torch.nn.Module]":
    """Return the layers before the first stage."""
    from torch import nn

    width = settings.width
    if settings.stem != "imagenet":
        stride = 2 if settings.stem == "3x3/2" else 1
        return [nn.Conv2d(3, width, 3, stride, padding=1, bias=False), nn.BatchNorm2d(width), nn.ReLU(inplace=True)]
    return [
        nn.Conv2d(3, width, 7, stride=2, padding=3, bias=False),
        nn.BatchNorm2d(width),
        nn.ReLU(inplace=True),
        nn.MaxPool2d(3, stride=2, padding=1),
    ]
