"""From images as bytes to features: what stands around an extractor's network."""

import torch
from torch import nn
from torch.nn import functional
from torch_fidelity.interpolate_compat_tensorflow import interpolate_bilinear_2d_like_tensorflow1x


def resized(images: torch.Tensor, side: int) -> torch.Tensor:
    """Return images (uint8, N x H x W x 3) as float32, N x 3 x side x side, 0 to 255.

    Bilinear with half-pixel centres, antialiased where that shrinks them, and never rounded to bytes again (Parmar et
    al., "On aliased resizing and surprising subtleties in GAN evaluation", CVPR 2022). Images that have the size are
    not touched.
    """
    batch = images.permute(0, 3, 1, 2).to(torch.float32)
    if batch.shape[2:] == (side, side):
        return batch
    return functional.interpolate(batch, size=(side, side), mode="bilinear", align_corners=False, antialias=True)


class ClassifierNetwork(nn.Module):
    """A timm classifier, with the resize and the scaling of its input.

    Args:
        network: The network; its features are what its last layer sees.
        side: Height and width of its input in pixels.
        mean: Subtracted from the bytes.
        deviation: The difference is divided by it.
    """

    def __init__(self, network: nn.Module, side: int, mean: float, deviation: float) -> None:
        super().__init__()
        self.network = network.eval().requires_grad_(False)
        self.side = side
        self.mean = mean
        self.deviation = deviation

    def forward(self, images: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """Map images (uint8, N x H x W x 3) to pooled features (N x D) and logits (N x K)."""
        batch = (resized(images, self.side) - self.mean) / self.deviation
        features = self.network.forward_head(self.network.forward_features(batch), pre_logits=True)  # type: ignore[operator]
        return features, self.network.get_classifier()(features)  # type: ignore[operator]


class Planar(nn.Module):
    """A torch-fidelity extractor, which takes N x 3 x H x W bytes and resizes them itself.

    Args:
        network: The extractor, asked for its features and, where it knows classes, its logits.
    """

    def __init__(self, network: nn.Module) -> None:
        super().__init__()
        self.network = network

    def forward(self, images: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """Map images (uint8, N x H x W x 3) to features (N x D) and logits (N x K)."""
        features, *logits = self.network(images.permute(0, 3, 1, 2).contiguous())
        return features, logits[0] if logits else features[:, :0]


class Flat(nn.Module):
    """The pixels themselves.

    Args:
        side: Height and width to which images are resized.
    """

    def __init__(self, side: int) -> None:
        super().__init__()
        self.side = side

    def forward(self, images: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """Map images (uint8, N x H x W x 3) to values of 0 to 1 (N x 3 side side), and no logits (N x 0)."""
        features = (resized(images, self.side) / 255).flatten(1)
        return features, features[:, :0]


class ClassToken(nn.Module):
    """A timm vision transformer, with torch-fidelity's resize and the scaling of its input.

    Args:
        network: The network; its feature is the class token after the last norm.
        side: Height and width of its input in pixels.
        mean: Mean of the red, green and blue values of 0 to 1 that it was trained on.
        deviation: Their deviation.
    """

    mean: torch.Tensor
    deviation: torch.Tensor

    def __init__(
        self, network: nn.Module, side: int, mean: tuple[float, float, float], deviation: tuple[float, float, float]
    ) -> None:
        super().__init__()
        self.network = network.eval().requires_grad_(False)
        self.side = side
        self.register_buffer("mean", 255 * torch.tensor(mean).view(1, 3, 1, 1), persistent=False)
        self.register_buffer("deviation", 255 * torch.tensor(deviation).view(1, 3, 1, 1), persistent=False)

    def forward(self, images: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """Map images (uint8, N x H x W x 3) to class tokens (N x D), and no logits (N x 0)."""
        batch = images.permute(0, 3, 1, 2).to(torch.float32).contiguous()
        batch = interpolate_bilinear_2d_like_tensorflow1x(batch, size=(self.side, self.side), align_corners=False)
        features = self.network.forward_features((batch - self.mean) / self.deviation)[:, 0]  # type: ignore[operator]
        return features, features[:, :0]
