"""Sampling images from a trained GAN generator."""

from collections.abc import Sequence

import torch

from suite.artifacts import BuildContext
from suite.compute import Compute
from suite.generators.biggan.network import GanGenerator
from suite.generators.biggan.settings import SUMMARY, GanSampling
from suite.generators.common.sampling import make_images
from suite.images.image_set import IMAGES
from suite.images.resizing import resize_images


def sample(
    context: BuildContext,
    network: GanGenerator,
    *,
    settings: GanSampling,
    counts: Sequence[int],
    size: int,
    seed: int,
    compute: Compute,
) -> None:
    """Sample images and write them with a summary.

    Args:
        context: Build context that receives the files.
        network: Trained generator network.
        settings: Settings of the sampling.
        counts: Number of images per class.
        size: Height and width of the written images in pixels.
        seed: Seed of the noise.
        compute: Precision, memory format and threads.

    Raises:
        Diverged: If samples are not finite, or all images of a class are the same.
    """
    compute.format(network.to(context.device).eval())

    @torch.inference_mode()
    def draw(labels: torch.Tensor, generators: list[torch.Generator]) -> torch.Tensor:
        noise = torch.stack([_noise(network.noise, settings.truncation, generator) for generator in generators])
        with compute.autocast(context.device):
            images: torch.Tensor = network(noise.to(context.device), labels)
        return images

    images = make_images(context, draw, counts=counts, batch_size=settings.batch_size, seed=seed)
    images = resize_images(images, size)
    context.write_tensors(IMAGES, {"images": images.images, "labels": images.labels})
    context.write_json(SUMMARY, {"n": len(images), "truncation": settings.truncation, "evaluations_per_image": 1})


def _noise(length: int, truncation: float | None, generator: torch.Generator) -> torch.Tensor:
    """Return standard normal noise, (``length``,), limited to [-truncation, truncation] unless that is None."""
    if truncation is None:
        return torch.randn(length, generator=generator)
    return torch.nn.init.trunc_normal_(torch.empty(length), a=-truncation, b=truncation, generator=generator)
