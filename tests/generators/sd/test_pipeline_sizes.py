"""The sizes of known pipelines equal those counted on their networks."""

from collections.abc import Callable

import pytest
import torch
from diffusers import AutoencoderKL, UNet2DConditionModel
from torch.utils.flop_counter import FlopCounterMode
from transformers import CLIPTextConfig, CLIPTextModel

from suite.generators.sd.pipeline_sizes import (
    AUTOENCODER_TRAINING,
    DENOISER_TRAINING,
    KNOWN_PIPELINES,
    TEXT_ENCODER_TRAINING,
    TINY_PIPELINE,
)
from suite.generators.sd.tiny.autoencoder import make_autoencoder
from suite.generators.sd.tiny.denoiser import make_denoiser
from suite.generators.sd.tiny.glyphs import render
from suite.generators.sd.tiny.text_encoder import ContrastivePair, tokenize
from suite.generators.sd.tiny.tokenizer import make_tokenizer


def count_operations(run: Callable[[], object], images: int = 1) -> float:
    with FlopCounterMode(display=False) as counter:
        run()
    return counter.get_total_flops() / images


def parameters(*networks: torch.nn.Module) -> int:
    return sum(weight.numel() for network in networks for weight in network.parameters())


def test_the_size_of_the_tiny_pipeline() -> None:
    _, captions = render(60, 0)
    denoiser, autoencoder, tokenizer = make_denoiser(), make_autoencoder(), make_tokenizer(captions)
    pair, ids = ContrastivePair(tokenizer), tokenize(tokenizer, captions[:8])
    latents, texts = torch.zeros(8, 4, 4, 4), torch.zeros(8, ids.shape[1], 64)
    images = torch.zeros(8, 3, 16, 16)
    tiny = TINY_PIPELINE
    assert tiny.parameters == pytest.approx(parameters(denoiser, autoencoder, pair.text), rel=0.02)
    for run, expected in (
        (lambda: pair.text(ids), tiny.encoding),
        (lambda: denoiser(latents, torch.zeros(8), texts), tiny.evaluation),
        (lambda: autoencoder.decode(latents), tiny.decoding),
        (lambda: pair.loss(images, ids).backward(), TEXT_ENCODER_TRAINING),
        (lambda: autoencoder(images).sample.sum().backward(), AUTOENCODER_TRAINING),
        (lambda: denoiser(latents, torch.zeros(8), texts).sample.sum().backward(), DENOISER_TRAINING),
    ):
        assert expected == pytest.approx(count_operations(run, 8), rel=0.1)


def test_the_size_of_the_pipeline_of_the_paper_profile() -> None:
    """Uses the published configuration without weights: on torch's meta device nothing is computed."""
    with torch.device("meta"):
        text = CLIPTextModel(
            CLIPTextConfig(
                vocab_size=49408,
                hidden_size=768,
                intermediate_size=3072,
                num_hidden_layers=12,
                num_attention_heads=12,
                max_position_embeddings=77,
            )
        )
        denoiser = UNet2DConditionModel(sample_size=64, cross_attention_dim=768, attention_head_dim=8)
        blocks = {"down_block_types": ("DownEncoderBlock2D",) * 4, "up_block_types": ("UpDecoderBlock2D",) * 4}
        decoder = AutoencoderKL(block_out_channels=(128, 256, 512, 512), layers_per_block=2, **blocks)
        latents, texts = torch.zeros(1, 4, 64, 64), torch.zeros(1, 77, 768)
        ids = torch.zeros(1, 77, dtype=torch.long)
        size = KNOWN_PIPELINES["stable-diffusion-v1-5/stable-diffusion-v1-5"]
        assert size.parameters == parameters(text, denoiser, decoder)
        assert size.encoding == pytest.approx(count_operations(lambda: text(ids)), rel=0.05)
        assert size.evaluation == pytest.approx(
            count_operations(lambda: denoiser(latents, torch.tensor(1), texts)), rel=0.05
        )
        assert size.decoding == pytest.approx(count_operations(lambda: decoder.decode(latents)), rel=0.05)
