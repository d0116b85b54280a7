"""BigGAN's generator and discriminator, Brock et al., arXiv 1809.11096, for any size from 4x4 on."""

import itertools

import torch
from torch import nn
from torch.nn import functional

from suite.generators.biggan.blocks import DownBlock, UpBlock, convolution, embedding, linear
from suite.generators.biggan.settings import GanTraining
from suite.generators.biggan.shape import widths


class GanGenerator(nn.Module):
    """Makes images from noise and labels.

    The noise is split: one part makes the coarsest features, the others, each beside the class's embedding, condition
    the batch normalisation of one block.
    """

    def __init__(self, settings: GanTraining, classes: int, size: int) -> None:
        super().__init__()
        channels = widths(settings, size)
        condition = settings.embedding + settings.noise
        self.noise = settings.noise * len(channels)
        self.classes = nn.Embedding(classes, settings.embedding)
        nn.init.orthogonal_(self.classes.weight)
        self.first = linear(settings.noise, channels[0] * settings.bottom**2)
        self.blocks = nn.ModuleList(UpBlock(a, b, condition) for a, b in itertools.pairwise(channels))
        self.norm = nn.BatchNorm2d(channels[-1])
        self.last = convolution(channels[-1], 3, 3)
        self._start = (channels[0], settings.bottom, settings.bottom)

    def forward(self, noise: torch.Tensor, labels: torch.Tensor) -> torch.Tensor:
        """Map noise (N, ``self.noise``) and labels (N,) to images (N, 3, S, S) in [-1, 1]."""
        first, *parts = noise.chunk(len(self.blocks) + 1, dim=1)
        features = self.first(first).unflatten(1, self._start)
        known = self.classes(labels)
        for block, part in zip(self.blocks, parts, strict=True):
            features = block(features, torch.cat([known, part], dim=1))
        return torch.tanh(self.last(functional.relu(self.norm(features))))


class Discriminator(nn.Module):
    """Says how real images look, given their labels, as a projection: Miyato and Koyama, arXiv 1802.05637."""

    def __init__(self, settings: GanTraining, classes: int, size: int) -> None:
        super().__init__()
        channels = [3, *reversed(widths(settings, size))]
        levels = list(itertools.pairwise(channels))
        self.blocks = nn.Sequential(
            *(DownBlock(a, b, halve=i < len(levels) - 1, first=i == 0) for i, (a, b) in enumerate(levels))
        )
        self.score = linear(channels[-1], 1)
        self.classes = embedding(classes, channels[-1])

    def forward(self, images: torch.Tensor, labels: torch.Tensor) -> torch.Tensor:
        """Map images (N, 3, S, S) in [-1, 1] and labels (N,) to scores (N,); above 0 means real."""
        features = functional.relu(self.blocks(images)).sum(dim=(2, 3))
        score: torch.Tensor = self.score(features).squeeze(1) + (self.classes(labels) * features).sum(dim=1)
        return score
