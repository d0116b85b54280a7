"""The parts BigGAN's two networks are made of: spectral normalisation everywhere, residual blocks up and down."""

import torch
from torch import nn
from torch.nn import functional
from torch.nn.utils.parametrizations import spectral_norm


def convolution(inputs: int, outputs: int, kernel: int) -> nn.Module:
    """Return a convolution that keeps height and width."""
    return _prepared(nn.Conv2d(inputs, outputs, kernel, padding=kernel // 2))


def linear(inputs: int, outputs: int, *, bias: bool = True) -> nn.Module:
    """Return a linear layer."""
    return _prepared(nn.Linear(inputs, outputs, bias=bias))


def embedding(classes: int, length: int) -> nn.Module:
    """Return a vector per class."""
    return _prepared(nn.Embedding(classes, length))


def _prepared(layer: nn.Conv2d | nn.Linear | nn.Embedding) -> nn.Module:
    """Initialise orthogonally, biases at zero, and divide the weight by its largest singular value (1802.05957)."""
    nn.init.orthogonal_(layer.weight)
    if getattr(layer, "bias", None) is not None:
        nn.init.zeros_(layer.bias)  # type: ignore[arg-type]
    return spectral_norm(layer)


class ConditionalBatchNorm(nn.Module):
    """Batch normalisation whose gain and offset are linear in a condition (arXiv 1707.00683).

    Takes features (N, C, H, W) and conditions (N, ``condition``).
    """

    def __init__(self, channels: int, condition: int) -> None:
        super().__init__()
        self.norm = nn.BatchNorm2d(channels, affine=False)
        self.gain = linear(condition, channels, bias=False)
        self.offset = linear(condition, channels, bias=False)

    def forward(self, features: torch.Tensor, condition: torch.Tensor) -> torch.Tensor:
        """Return the normalised features, of the same shape."""
        gain, offset = self.gain(condition), self.offset(condition)
        normal: torch.Tensor = self.norm(features)
        return torch.addcmul(offset[:, :, None, None], normal, 1 + gain[:, :, None, None])


class UpBlock(nn.Module):
    """A residual block of the generator: twice the height and width."""

    def __init__(self, inputs: int, outputs: int, condition: int) -> None:
        super().__init__()
        self.norm1 = ConditionalBatchNorm(inputs, condition)
        self.conv1 = convolution(inputs, outputs, 3)
        self.norm2 = ConditionalBatchNorm(outputs, condition)
        self.conv2 = convolution(outputs, outputs, 3)
        self.shortcut = convolution(inputs, outputs, 1)

    def forward(self, features: torch.Tensor, condition: torch.Tensor) -> torch.Tensor:
        """Map (N, ``inputs``, H, W) to (N, ``outputs``, 2H, 2W)."""
        hidden = functional.interpolate(functional.relu(self.norm1(features, condition)), scale_factor=2.0)
        hidden = self.conv2(functional.relu(self.norm2(self.conv1(hidden), condition)))
        # A 1x1 convolution before the doubling gives what it gives after it, at a quarter of the work.
        return torch.add(hidden, functional.interpolate(self.shortcut(features), scale_factor=2.0))


class DownBlock(nn.Module):
    """A residual block of the discriminator.

    Args:
        inputs: Channels that come in.
        outputs: Channels that go out.
        halve: Whether height and width are halved.
        first: Whether it sees the image itself, to which no ReLU is applied.
    """

    def __init__(self, inputs: int, outputs: int, *, halve: bool, first: bool = False) -> None:
        super().__init__()
        self.conv1 = convolution(inputs, outputs, 3)
        self.conv2 = convolution(outputs, outputs, 3)
        self.shortcut = convolution(inputs, outputs, 1)
        self._halve = halve
        self._first = first

    def forward(self, features: torch.Tensor) -> torch.Tensor:
        """Map (N, ``inputs``, H, W) to (N, ``outputs``, H, W) or half of both."""
        hidden = features if self._first else functional.relu(features)
        hidden = self.conv2(functional.relu(self.conv1(hidden)))
        if self._halve:
            hidden, features = functional.avg_pool2d(hidden, 2), functional.avg_pool2d(features, 2)
        return torch.add(hidden, self.shortcut(features))
