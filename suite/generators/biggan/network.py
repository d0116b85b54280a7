"""BigGAN's generator and discriminator, Brock et al., arXiv 1809.11096, for image sizes from 4x4 pixels."""

import itertools
from collections.abc import Mapping
from typing import TYPE_CHECKING

import torch
from torch import nn
from torch.nn import functional

from suite.generators.biggan.blocks import DownBlock, UpBlock, convolution, embedding, linear
from suite.generators.biggan.settings import GanTraining
from suite.generators.biggan.shape import widths

if TYPE_CHECKING:
    import numpy as np


class GanGenerator(nn.Module):
    """Generator network: maps noise and labels to images.

    The noise is split into chunks. The first chunk is mapped to the features of lowest resolution. Each other chunk,
    concatenated with the class embedding, conditions the batch normalisation of one block.

    Args:
        settings: Settings of the networks.
        classes: Number of classes.
        size: Minimum height and width of the images in pixels; the actual size is ``image_size(settings, size)``.

    Attributes:
        noise: Length of the noise vector of one image.
    """

    def __init__(self, settings: GanTraining, classes: int, size: int) -> None:
        super().__init__()
        channels = widths(settings, size)
        condition = settings.embedding + settings.noise
        self.noise = settings.noise * len(channels)
        self.classes = nn.Embedding(classes, settings.embedding)
        nn.init.orthogonal_(self.classes.weight)
        self.first = linear(settings.noise, channels[0] * settings.bottom**2)
        self.blocks = nn.ModuleList(
            UpBlock(inputs, outputs, condition) for inputs, outputs in itertools.pairwise(channels)
        )
        self.norm = nn.BatchNorm2d(channels[-1])
        self.last = convolution(channels[-1], 3 * settings.patch**2, 3)
        self._patch = settings.patch
        self._start = (channels[0], settings.bottom, settings.bottom)

    def forward(self, noise: torch.Tensor, labels: torch.Tensor) -> torch.Tensor:
        """Map noise (N, ``self.noise``) and labels (N,) to images (N, 3, S, S) in [-1, 1]."""
        first, *chunks = noise.chunk(len(self.blocks) + 1, dim=1)
        features = self.first(first).unflatten(1, self._start)
        embeddings = self.classes(labels)
        for block, chunk in zip(self.blocks, chunks, strict=True):
            features = block(features, torch.cat([embeddings, chunk], dim=1))
        return torch.tanh(functional.pixel_shuffle(self.last(functional.relu(self.norm(features))), self._patch))


class Discriminator(nn.Module):
    """Projection discriminator: scores images given their labels; Miyato and Koyama, arXiv 1802.05637.

    Args:
        settings: Settings of the networks.
        classes: Number of classes.
        size: Minimum height and width of the images in pixels; the actual size is ``image_size(settings, size)``.
    """

    def __init__(self, settings: GanTraining, classes: int, size: int) -> None:
        super().__init__()
        channels = [3 * settings.patch**2, *reversed(widths(settings, size))]
        levels = list(itertools.pairwise(channels))
        self.blocks = nn.Sequential(
            *(
                DownBlock(inputs, outputs, halve=level < len(levels) - 1, first=level == 0)
                for level, (inputs, outputs) in enumerate(levels)
            )
        )
        self.score = linear(channels[-1], 1)
        self.classes = embedding(classes, channels[-1])
        self._patch = settings.patch

    def forward(self, images: torch.Tensor, labels: torch.Tensor) -> torch.Tensor:
        """Map images (N, 3, S, S) in [-1, 1] and labels (N,) to scores (N,); positive scores mean real."""
        features = functional.relu(self.blocks(functional.pixel_unshuffle(images, self._patch))).sum(dim=(2, 3))
        score: torch.Tensor = self.score(features).squeeze(1) + (self.classes(labels) * features).sum(dim=1)
        return score


def load_generator(settings: GanTraining, classes: int, size: int, weights: "Mapping[str, np.ndarray]") -> GanGenerator:
    """Return a trained generator network.

    Args:
        settings: Settings of the networks.
        classes: Number of classes.
        size: Minimum height and width of the images in pixels, as in training.
        weights: Weights and buffers by name.
    """
    network = GanGenerator(settings, classes, size)
    network.load_state_dict({name: torch.from_numpy(value) for name, value in weights.items()})
    return network
