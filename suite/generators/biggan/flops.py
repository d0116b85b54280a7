"""Layers of BigGAN's two networks, for cost estimates. Does not import torch."""

import itertools
from typing import TYPE_CHECKING

from suite.flops import Layers
from suite.generators.biggan.shape import sizes, widths

if TYPE_CHECKING:
    from suite.generators.biggan.settings import Augmentation, GanTraining

# Copies of the images that autograd keeps; their operations are negligible beside those of the convolutions.
AUGMENTATION_OUTPUTS: dict["Augmentation", int] = {"color": 3, "translation": 1, "cutout": 1}


def generator_layers(settings: "GanTraining", classes: int, size: int) -> Layers:
    """Return the layers of ``suite.generators.biggan.network.GanGenerator``.

    Args:
        settings: Settings of the networks.
        classes: Number of classes.
        size: Minimum height and width of the images in pixels.
    """
    sides, channels, layers = sizes(settings, size), widths(settings, size), Layers()
    condition = settings.embedding + settings.noise
    layers.parameters += classes * settings.embedding
    layers.linear(settings.noise, channels[0] * settings.bottom**2)
    for (inputs, outputs), (side, doubled) in zip(itertools.pairwise(channels), itertools.pairwise(sides), strict=True):
        for width, height in ((inputs, side), (outputs, doubled)):
            layers.normalisation(width, height, affine=False)
            layers.linear(condition, width, bias=False)
            layers.linear(condition, width, bias=False)
        layers.convolution(inputs, outputs, doubled)
        layers.convolution(outputs, outputs, doubled)
        layers.convolution(inputs, outputs, side, 1)
    layers.normalisation(channels[-1], sides[-1])
    layers.convolution(channels[-1], 3 * settings.patch**2, sides[-1])
    return layers


def discriminator_layers(settings: "GanTraining", classes: int, size: int) -> Layers:
    """Return the layers of ``suite.generators.biggan.network.Discriminator``.

    Args:
        settings: Settings of the networks.
        classes: Number of classes.
        size: Minimum height and width of the images in pixels.
    """
    channels, layers = [3 * settings.patch**2, *reversed(widths(settings, size))], Layers()
    side = sizes(settings, size)[-1]
    layers.activations += channels[0] * side**2 * sum(AUGMENTATION_OUTPUTS[name] for name in settings.augment)
    pairs = list(itertools.pairwise(channels))
    for level, (inputs, outputs) in enumerate(pairs):
        layers.convolution(inputs, outputs, side)
        layers.convolution(outputs, outputs, side)
        side = side // 2 if level < len(pairs) - 1 else side
        layers.convolution(inputs, outputs, side, 1)
    layers.linear(channels[-1], 1)
    layers.parameters += classes * channels[-1]
    return layers
