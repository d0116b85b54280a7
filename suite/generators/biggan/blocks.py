"""Building blocks of BigGAN's networks: layers with spectral normalisation, and residual blocks."""

import torch
from torch import nn
from torch.nn import functional
from torch.nn.utils.parametrizations import spectral_norm


def convolution(inputs: int, outputs: int, kernel: int) -> nn.Module:
    """Return a spectrally normalised convolution that keeps height and width."""
    return _normalised(nn.Conv2d(inputs, outputs, kernel, padding=kernel // 2))


def linear(inputs: int, outputs: int, *, bias: bool = True) -> nn.Module:
    """Return a spectrally normalised linear layer."""
    return _normalised(nn.Linear(inputs, outputs, bias=bias))


def embedding(classes: int, length: int) -> nn.Module:
    """Return a spectrally normalised embedding with one vector per class."""
    return _normalised(nn.Embedding(classes, length))


def _normalised(layer: nn.Conv2d | nn.Linear | nn.Embedding) -> nn.Module:
    """Initialise the weight orthogonally and the bias to 0, and add spectral normalisation (arXiv 1802.05957)."""
    nn.init.orthogonal_(layer.weight)
    if getattr(layer, "bias", None) is not None:
        nn.init.zeros_(layer.bias)  # type: ignore[arg-type]
    return spectral_norm(layer)


class ConditionalBatchNorm(nn.Module):
    """Batch normalisation whose gain and offset are linear functions of a condition (arXiv 1707.00683).

    Args:
        channels: Channels of the features.
        condition: Length of the condition vector.
    """

    def __init__(self, channels: int, condition: int) -> None:
        super().__init__()
        self.norm = nn.BatchNorm2d(channels, affine=False)
        self.gain = linear(condition, channels, bias=False)
        self.offset = linear(condition, channels, bias=False)

    def forward(self, features: torch.Tensor, condition: torch.Tensor) -> torch.Tensor:
        """Map features (N, C, H, W) and conditions (N, ``condition``) to features of the same shape."""
        gain, offset = self.gain(condition), self.offset(condition)
        normal: torch.Tensor = self.norm(features)
        return torch.addcmul(offset[:, :, None, None], normal, 1 + gain[:, :, None, None])


class UpBlock(nn.Module):
    """Residual block of the generator; doubles height and width.

    Args:
        inputs: Input channels.
        outputs: Output channels.
        condition: Length of the condition vector.
    """

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
        # A 1x1 convolution gives the same result before the upsampling as after it, at a quarter of the cost.
        return torch.add(hidden, functional.interpolate(self.shortcut(features), scale_factor=2.0))


class DownBlock(nn.Module):
    """Residual block of the discriminator.

    Args:
        inputs: Input channels.
        outputs: Output channels.
        halve: Whether height and width are halved.
        first: Whether the input is the image itself, to which no ReLU is applied.
    """

    def __init__(self, inputs: int, outputs: int, *, halve: bool, first: bool = False) -> None:
        super().__init__()
        self.conv1 = convolution(inputs, outputs, 3)
        self.conv2 = convolution(outputs, outputs, 3)
        self.shortcut = convolution(inputs, outputs, 1)
        self._halve = halve
        self._first = first

    def forward(self, features: torch.Tensor) -> torch.Tensor:
        """Map (N, ``inputs``, H, W) to (N, ``outputs``, H, W), or (N, ``outputs``, H/2, W/2) if it halves."""
        hidden = features if self._first else functional.relu(features)
        hidden = self.conv2(functional.relu(self.conv1(hidden)))
        if self._halve:
            hidden, features = functional.avg_pool2d(hidden, 2), functional.avg_pool2d(features, 2)
        return torch.add(hidden, self.shortcut(features))
