"""Layers of the denoising network, for cost estimates. Imports neither torch nor diffusers."""

from typing import TYPE_CHECKING

from suite.flops import Layers

if TYPE_CHECKING:
    from suite.generators.cd.settings import DiffusionTraining


def denoiser_layers(settings: "DiffusionTraining", classes: int, size: int) -> Layers:
    """Return the layers of the network that ``suite.generators.cd.network.denoiser`` builds.

    Args:
        settings: Settings of the network.
        classes: Number of classes, without "no class".
        size: Height and width of the images in pixels.
    """
    channels, layers = settings.channels, Layers()
    embedding, size, values = 4 * channels[0], size // settings.patch, 3 * settings.patch**2
    layers.linear(channels[0], embedding)
    layers.linear(embedding, embedding)
    layers.parameters += (classes + 1) * embedding
    layers.convolution(values, channels[0], size)
    sides, skips, inputs = [size], [channels[0]], channels[0]
    for level, outputs in enumerate(channels):
        for _ in range(settings.layers):
            _block(layers, inputs, outputs, sides[-1], embedding, attends=level in settings.attention)
            inputs = outputs
            skips.append(outputs)
        if level < len(channels) - 1:
            sides.append(-(-sides[-1] // 2))
            layers.convolution(outputs, outputs, sides[-1])
            skips.append(outputs)
    _block(layers, inputs, inputs, sides[-1], embedding, attends=bool(settings.attention))
    _block(layers, inputs, inputs, sides[-1], embedding)
    for level, outputs in reversed(list(enumerate(channels))):
        for _ in range(settings.layers + 1):
            attends = level in settings.attention
            _block(layers, inputs + skips.pop(), outputs, sides[level], embedding, attends=attends)
            inputs = outputs
        if level:
            layers.convolution(outputs, outputs, sides[level - 1])
    layers.normalisation(channels[0], size)
    layers.convolution(channels[0], values, size)
    return layers


def _block(layers: Layers, inputs: int, outputs: int, side: int, embedding: int, *, attends: bool = False) -> None:
    layers.normalisation(inputs, side)
    layers.convolution(inputs, outputs, side)
    layers.linear(embedding, outputs)
    layers.normalisation(outputs, side)
    layers.convolution(outputs, outputs, side)
    if inputs != outputs:
        layers.convolution(inputs, outputs, side, 1)
    if attends:
        layers.normalisation(outputs, side)
        layers.attention(outputs, side)
