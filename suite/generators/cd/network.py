"""The denoising network and the noise it is trained against."""

from typing import Any

from diffusers.models.unets.unet_2d import UNet2DModel

from suite.generators.cd.settings import DiffusionTraining

TIMESTEPS = 1000


def denoiser(settings: DiffusionTraining, classes: int) -> UNet2DModel:
    """Return a UNet with an embedding for each class and, at index ``classes``, one for "no class".

    It maps noisy images (N, 3, H, W), timesteps (N,) and labels (N,) to predictions (N, 3, H, W).
    """
    levels = range(len(settings.channels))
    down = tuple("AttnDownBlock2D" if level in settings.attention else "DownBlock2D" for level in levels)
    up = tuple("AttnUpBlock2D" if level in settings.attention else "UpBlock2D" for level in reversed(levels))
    return UNet2DModel(
        block_out_channels=settings.channels,
        layers_per_block=settings.layers,
        down_block_types=down,
        up_block_types=up,
        add_attention=bool(settings.attention),
        norm_num_groups=settings.norm_groups,
        num_class_embeds=classes + 1,
    )


def noise_schedule(settings: DiffusionTraining) -> dict[str, Any]:
    """Return what all of diffusers' schedulers must be told alike: in training and in sampling."""
    return {
        "num_train_timesteps": TIMESTEPS,
        "beta_schedule": "squaredcos_cap_v2",
        "prediction_type": settings.prediction,
    }
