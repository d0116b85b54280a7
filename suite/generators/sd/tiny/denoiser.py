"""Denoising network of the tiny pipeline, conditioned on text (Rombach et al., arXiv 2112.10752)."""

import torch
from diffusers.models.unets.unet_2d_condition import UNet2DConditionModel
from diffusers.schedulers.scheduling_ddpm import DDPMScheduler
from diffusers.schedulers.scheduling_dpmsolver_multistep import DPMSolverMultistepScheduler

from suite.devices import to_device
from suite.generators.sd.tiny.autoencoder import CHANNELS as AUTOENCODER_CHANNELS
from suite.generators.sd.tiny.autoencoder import LATENT_CHANNELS
from suite.generators.sd.tiny.glyphs import SIDE
from suite.generators.sd.tiny.text_encoder import WIDTH
from suite.randomness import torch_generator

TIMESTEPS = 1000
SCHEDULE = {
    "num_train_timesteps": TIMESTEPS,
    "beta_schedule": "squaredcos_cap_v2",
    "prediction_type": "v_prediction",
}


def make_denoiser() -> UNet2DConditionModel:
    """Return an untrained UNet of 1.0 million parameters for latents (N, 4, 4, 4)."""
    return UNet2DConditionModel(
        sample_size=SIDE // 2 ** (len(AUTOENCODER_CHANNELS) - 1),
        in_channels=LATENT_CHANNELS,
        out_channels=LATENT_CHANNELS,
        block_out_channels=(32, 64),
        down_block_types=("DownBlock2D", "CrossAttnDownBlock2D"),
        up_block_types=("CrossAttnUpBlock2D", "UpBlock2D"),
        layers_per_block=1,
        cross_attention_dim=WIDTH,
        attention_head_dim=4,  # diffusers uses it as the number of heads
        norm_num_groups=8,
    )


def make_scheduler() -> DPMSolverMultistepScheduler:
    """Return the scheduler that the pipeline is saved with: DPM-Solver++ (arXiv 2211.01095)."""
    # The squared cosine schedule ends in almost pure noise, where the solver's log-SNR must be bounded.
    return DPMSolverMultistepScheduler(**SCHEDULE, lambda_min_clipped=-5.1, steps_offset=1)


class DenoisingTask:
    """Training task of the denoising network: noise, noise levels and captions are functions of the step number.

    Args:
        latents: float32 (N, 4, 4, 4).
        embeddings: Embeddings of the captions, float32 (captions + 1, L, width); the last is the empty caption.
        dropout: Fraction of the captions replaced by the empty caption.
        seed: Seed of noise, noise levels and dropped captions.
    """

    def __init__(self, latents: torch.Tensor, embeddings: torch.Tensor, *, dropout: float, seed: int) -> None:
        self._latents = latents
        self._embeddings = embeddings
        self._dropout = dropout
        self._seed = seed
        self._schedule = DDPMScheduler(**SCHEDULE)

    def loss(
        self, network: UNet2DConditionModel, step: int, indices: torch.Tensor, captions: torch.Tensor
    ) -> torch.Tensor:
        """Return the mean squared error of the predicted velocity (arXiv 2202.00512).

        Args:
            network: The denoising network.
            step: Number of the step.
            indices: Indices of the latents, int64 (B,).
            captions: Index of the caption of each, int64 (B,).
        """
        latents, device, seed = self._latents[indices], self._latents.device, self._seed
        noise = to_device(torch.randn(latents.shape, generator=torch_generator(seed, "denoiser noise", step)), device)
        times = torch.randint(TIMESTEPS, (len(latents),), generator=torch_generator(seed, "times", step))
        dropped = torch.rand(len(latents), generator=torch_generator(seed, "captions", step)) < self._dropout
        times = to_device(times, device)
        captions = captions.masked_fill(to_device(dropped, device), len(self._embeddings) - 1)
        noisy = self._schedule.add_noise(latents, noise, times)
        prediction = network(noisy, times, self._embeddings[captions]).sample
        return torch.nn.functional.mse_loss(prediction, self._schedule.get_velocity(latents, noise, times))
