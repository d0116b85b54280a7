"""Autoencoder of the tiny pipeline (Kingma and Welling, arXiv 1312.6114) with the weak prior of latent diffusion."""

import torch
from diffusers.models.autoencoders.autoencoder_kl import AutoencoderKL

from suite.devices import to_device
from suite.generators.sd.tiny.glyphs import SIDE
from suite.randomness import torch_generator

CHANNELS = (8, 16, 32)
LATENT_CHANNELS = 4
PRIOR_WEIGHT = 1e-4
ENCODING_BATCH_SIZE = 500


def make_autoencoder() -> AutoencoderKL:
    """Return an untrained autoencoder between images (N, 3, 16, 16) and latents (N, 4, 4, 4)."""
    return AutoencoderKL(
        down_block_types=("DownEncoderBlock2D",) * len(CHANNELS),
        up_block_types=("UpDecoderBlock2D",) * len(CHANNELS),
        block_out_channels=CHANNELS,
        latent_channels=LATENT_CHANNELS,
        norm_num_groups=8,
        sample_size=SIDE,
    )


def reconstruction_loss(network: AutoencoderKL, images: torch.Tensor, seed: int, step: int) -> torch.Tensor:
    """Return the mean squared error of the reconstruction plus a small KL divergence to a standard normal.

    Args:
        network: The autoencoder.
        images: float32 (B, 3, 16, 16) in [-1, 1].
        seed: Seed of the noise of the sampled latents.
        step: Number of the step; selects the noise.
    """
    posterior = network.encode(images).latent_dist
    # Not posterior.sample(generator): its copy of the noise to a GPU waits for the queued work.
    noise = torch.randn(posterior.mean.shape, generator=torch_generator(seed, "autoencoder noise", step))
    latents = posterior.mean + posterior.std * to_device(noise, images.device)
    decoded = network.decode(latents).sample
    divergence = posterior.kl().mean() / posterior.mean[0].numel()
    loss: torch.Tensor = torch.nn.functional.mse_loss(decoded, images) + PRIOR_WEIGHT * divergence
    return loss


@torch.no_grad()
def encode(network: AutoencoderKL, images: torch.Tensor) -> torch.Tensor:
    """Return the latents of images, scaled to a standard deviation of 1.

    The scale is saved in the network's configuration as ``scaling_factor``.

    Args:
        network: The trained autoencoder.
        images: uint8 (N, 3, 16, 16).

    Returns:
        float32 (N, 4, 4, 4).
    """
    batches = torch.split(images, ENCODING_BATCH_SIZE)
    latents = torch.cat([network.encode(batch.float() / 127.5 - 1).latent_dist.mean for batch in batches])
    scale = round(1 / float(latents.std()), 6)
    network.register_to_config(scaling_factor=scale)
    return latents * scale
