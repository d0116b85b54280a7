"""The denoising network and its noise schedule."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import torch
from diffusers.models.unets.unet_2d import UNet2DModel, UNet2DOutput
from torch.nn.functional import pixel_shuffle, pixel_unshuffle

from suite.generators.cd.settings import DiffusionTraining

if TYPE_CHECKING:
    import numpy as np

TIMESTEPS = 1000


class PatchUNet(UNet2DModel):  # type: ignore[misc]
    """A UNet on patches of pixels: each position has the values of one patch as channels.

    The rearrangement (pixel unshuffle, Shi et al., arXiv 1609.05158) loses nothing, and noise, noise levels and squared
    errors are the same before and after it.

    Attributes:
        patch: Height and width of a patch in pixels.
    """

    patch: int

    def forward(self, images: torch.Tensor, times: torch.Tensor, labels: torch.Tensor) -> UNet2DOutput:
        """Map noisy images (N, 3, H, W), time steps (N,) and labels (N,) to predictions (N, 3, H, W)."""
        output = super().forward(pixel_unshuffle(images, self.patch), times, labels).sample
        return UNet2DOutput(sample=pixel_shuffle(output, self.patch))


def denoiser(settings: DiffusionTraining, classes: int) -> UNet2DModel:
    """Return a UNet with an embedding per class and, at index ``classes``, one for "no class".

    It maps noisy images (N, 3, H, W), time steps (N,) and labels (N,) to predictions (N, 3, H, W).

    Args:
        settings: Settings of the network.
        classes: Number of classes.
    """
    levels = range(len(settings.channels))
    down = tuple("AttnDownBlock2D" if level in settings.attention else "DownBlock2D" for level in levels)
    up = tuple("AttnUpBlock2D" if level in settings.attention else "UpBlock2D" for level in reversed(levels))
    values = 3 * settings.patch**2
    network = PatchUNet(
        in_channels=values,
        out_channels=values,
        block_out_channels=settings.channels,
        layers_per_block=settings.layers,
        down_block_types=down,
        up_block_types=up,
        add_attention=bool(settings.attention),
        norm_num_groups=settings.norm_groups,
        num_class_embeds=classes + 1,
    )
    network.patch = settings.patch
    return network


def load_denoiser(settings: DiffusionTraining, classes: int, weights: "Mapping[str, np.ndarray]") -> UNet2DModel:
    """Return a trained network.

    Args:
        settings: Settings of the network.
        classes: Number of classes.
        weights: Weights by parameter name.
    """
    network = denoiser(settings, classes)
    network.load_state_dict({name: torch.from_numpy(value) for name, value in weights.items()})
    return network


def noise_schedule(settings: DiffusionTraining) -> dict[str, Any]:
    """Return the arguments that diffusers' schedulers share in training and sampling."""
    return {
        "num_train_timesteps": TIMESTEPS,
        "beta_schedule": "squaredcos_cap_v2",
        "prediction_type": settings.prediction,
    }
