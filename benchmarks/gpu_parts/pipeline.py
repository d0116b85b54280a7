"""A text-to-image pipeline with the architecture of Stable Diffusion 1.5 and random weights."""

from pathlib import Path
from typing import TYPE_CHECKING

from suite.generators.sd.progress_bars import disable_progress_bars
from suite.generators.sd.tiny.tokenizer import make_tokenizer

if TYPE_CHECKING:
    import torch

TOKENS = 77


def random_networks(device: str, *, tiny: bool) -> "dict[str, torch.nn.Module]":
    """Return the three networks in bfloat16, in the published configuration unless ``tiny``.

    Args:
        device: Device on which the weights are drawn.
        tiny: Whether the networks have a few channels only.
    """
    import torch
    from diffusers.models.autoencoders.autoencoder_kl import AutoencoderKL
    from diffusers.models.unets.unet_2d_condition import UNet2DConditionModel
    from transformers import CLIPTextConfig, CLIPTextModel

    width, heads, layers = (32, 2, 1) if tiny else (768, 12, 12)
    text_settings = CLIPTextConfig(
        vocab_size=49408,
        hidden_size=width,
        intermediate_size=4 * width,
        num_hidden_layers=layers,
        num_attention_heads=heads,
        max_position_embeddings=TOKENS,
    )
    denoiser_channels = (32, 32, 64, 64) if tiny else (320, 640, 1280, 1280)
    decoder_channels = (32, 32, 32, 32) if tiny else (128, 256, 512, 512)
    with torch.device(device):
        networks = {
            "text_encoder": CLIPTextModel(text_settings),
            "unet": UNet2DConditionModel(
                sample_size=64, block_out_channels=denoiser_channels, cross_attention_dim=width, attention_head_dim=8
            ),
            "vae": AutoencoderKL(
                block_out_channels=decoder_channels,
                layers_per_block=2,
                down_block_types=("DownEncoderBlock2D",) * 4,
                up_block_types=("UpDecoderBlock2D",) * 4,
            ),
        }
    return {name: network.to(torch.bfloat16) for name, network in networks.items()}


def save_random_pipeline(folder: Path, device: str, *, tiny: bool) -> None:
    """Save a pipeline with random weights as diffusers does: 2.1 GB, if tiny 9 MB.

    It is the published one, except that the tokenizer knows fewer words, because it is made without a download.

    Args:
        folder: Directory to write.
        device: Device on which the weights are drawn.
        tiny: Whether the networks have a few channels only.
    """
    from diffusers.pipelines.stable_diffusion.pipeline_stable_diffusion import StableDiffusionPipeline
    from diffusers.schedulers.scheduling_pndm import PNDMScheduler

    disable_progress_bars()
    tokenizer = make_tokenizer(["a photo of a dog", "a photo of a ship"])
    tokenizer.model_max_length = TOKENS
    scheduler = PNDMScheduler(
        beta_start=0.00085,
        beta_end=0.012,
        beta_schedule="scaled_linear",
        skip_prk_steps=True,
        set_alpha_to_one=False,
        steps_offset=1,
    )
    pipeline = StableDiffusionPipeline(
        **random_networks(device, tiny=tiny),
        tokenizer=tokenizer,
        scheduler=scheduler,
        safety_checker=None,
        feature_extractor=None,
        requires_safety_checker=False,
    )
    pipeline.save_pretrained(folder, safe_serialization=True)
