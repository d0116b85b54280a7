"""Modules around extractor networks: from batches of uint8 images to features and logits."""

import torch
from torch import nn
from torch.nn import functional
from torch_fidelity.interpolate_compat_tensorflow import interpolate_bilinear_2d_like_tensorflow1x


def resize_images(images: torch.Tensor, side: int) -> torch.Tensor:
    """Resize images bilinearly with half-pixel centres, antialiased when shrinking, without rounding to bytes.

    Parmar et al., "On aliased resizing and surprising subtleties in GAN evaluation", CVPR 2022. Images that already
    have the size are not resampled.

    Args:
        images: uint8, N x H x W x 3.
        side: Height and width of the result in pixels.

    Returns:
        float32, N x 3 x side x side, 0 to 255.
    """
    batch = images.permute(0, 3, 1, 2).to(torch.float32)
    if batch.shape[2:] == (side, side):
        return batch
    return functional.interpolate(batch, size=(side, side), mode="bilinear", align_corners=False, antialias=True)


class ClassifierNetwork(nn.Module):
    """A timm classifier with resizing and normalisation of its input.

    Args:
        network: The classifier; its features are the input of its last layer.
        side: Height and width of its input in pixels.
        mean: Mean for normalisation, 0 to 255.
        std: Standard deviation for normalisation, in the same units.
    """

    def __init__(self, network: nn.Module, side: int, mean: float, std: float) -> None:
        super().__init__()
        self.network = network.eval().requires_grad_(False)
        self.side = side
        self.mean = mean
        self.std = std

    def forward(self, images: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """Map images (uint8, N x H x W x 3) to pooled features (N x D) and logits (N x K)."""
        batch = (resize_images(images, self.side) - self.mean) / self.std
        features = self.network.forward_head(self.network.forward_features(batch), pre_logits=True)  # type: ignore[operator]
        return features, self.network.get_classifier()(features)  # type: ignore[operator]


class TorchFidelityNetwork(nn.Module):
    """A torch-fidelity extractor, which takes uint8 images in NCHW layout and resizes them itself.

    Args:
        network: The extractor, configured to return features and, if it has classes, logits.
    """

    def __init__(self, network: nn.Module) -> None:
        super().__init__()
        self.network = network

    def forward(self, images: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """Map images (uint8, N x H x W x 3) to features (N x D) and logits (N x K)."""
        features, *logits = self.network(images.permute(0, 3, 1, 2).contiguous())
        return features, logits[0] if logits else features[:, :0]


class FlattenedPixels(nn.Module):
    """Flattens resized images; the features are the pixel values.

    Args:
        side: Height and width to which images are resized.
    """

    def __init__(self, side: int) -> None:
        super().__init__()
        self.side = side

    def forward(self, images: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """Map images (uint8, N x H x W x 3) to values of 0 to 1 (N x 3 side side) and empty logits (N x 0)."""
        features = (resize_images(images, self.side) / 255).flatten(1)
        return features, features[:, :0]


class ClassTokenNetwork(nn.Module):
    """A timm vision transformer with torch-fidelity's resizing and normalisation of its input.

    Args:
        network: The transformer; the features are its class token after the last norm.
        side: Height and width of its input in pixels.
        mean: Mean of red, green and blue for normalisation, 0 to 1.
        std: Standard deviation of red, green and blue for normalisation, in the same units.
    """

    mean: torch.Tensor
    std: torch.Tensor

    def __init__(
        self, network: nn.Module, side: int, mean: tuple[float, float, float], std: tuple[float, float, float]
    ) -> None:
        super().__init__()
        self.network = network.eval().requires_grad_(False)
        self.side = side
        self.register_buffer("mean", 255 * torch.tensor(mean).view(1, 3, 1, 1), persistent=False)
        self.register_buffer("std", 255 * torch.tensor(std).view(1, 3, 1, 1), persistent=False)

    def forward(self, images: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """Map images (uint8, N x H x W x 3) to class tokens (N x D) and empty logits (N x 0)."""
        batch = images.permute(0, 3, 1, 2).to(torch.float32).contiguous()
        batch = interpolate_bilinear_2d_like_tensorflow1x(batch, size=(self.side, self.side), align_corners=False)
        features = self.network.forward_features((batch - self.mean) / self.std)[:, 0]  # type: ignore[operator]
        return features, features[:, :0]
