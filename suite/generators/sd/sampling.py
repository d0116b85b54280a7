"""Sampling of images from a text-to-image pipeline."""

import inspect
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from numpy.typing import NDArray

from suite.artifacts import BuildContext
from suite.errors import Diverged, UsageError
from suite.generators.common.sampling import make_images
from suite.generators.sd.memory import within_memory
from suite.generators.sd.settings import SUMMARY, TextToImageSampling
from suite.images.image_set import IMAGES
from suite.images.resizing import resized

if TYPE_CHECKING:
    from diffusers.pipelines.pipeline_utils import DiffusionPipeline


def sample(
    pipeline: "DiffusionPipeline",
    context: BuildContext,
    *,
    prompts: tuple[tuple[str, ...], ...],
    per_class: tuple[int, ...],
    size: int,
    settings: TextToImageSampling,
    seed: int,
) -> None:
    """Sample images and write them with a summary.

    Images are generated prompt by prompt. In the payload they are in label order, and within a class the prompts
    alternate.

    Args:
        pipeline: The loaded pipeline.
        context: Build context that the payload is written to.
        prompts: Prompts of each class.
        per_class: Number of images of each class.
        size: Height and width of the finished images in pixels.
        settings: Sampling settings.
        seed: Seed of the images.

    Raises:
        Unavailable: If a single image does not fit into memory.
        UsageError: If the pipeline does not accept one of the settings.
        Diverged: If image values are not finite, or all images of a class are equal.
    """
    label = context.recipe.label
    all_prompts, counts, order = assign_prompts(prompts, per_class)
    sampler = ImageSampler(pipeline, all_prompts, settings, size=size, label=label)
    data = make_images(
        context,
        within_memory(sampler.draw, label=label, device=context.device),
        counts=counts,
        batch_size=settings.batch_size,
        seed=seed,
    )
    labels = np.repeat(np.arange(len(per_class)), per_class)
    context.write_tensors(IMAGES, {"images": data.images[order], "labels": labels})
    summary = {
        "n": len(data),
        "pipeline": type(pipeline).__name__,
        "scheduler": type(pipeline.scheduler).__name__,
        "steps": settings.steps,
        "guidance": settings.guidance,
        "evaluations_per_image": settings.evaluations,
    }
    context.write_json(SUMMARY, summary)


def assign_prompts(
    prompts: tuple[tuple[str, ...], ...], per_class: tuple[int, ...]
) -> tuple[list[str], list[int], NDArray[np.int64]]:
    """Assign image i of a class to prompt i modulo the number of prompts of the class.

    Args:
        prompts: Prompts of each class.
        per_class: Number of images of each class.

    Returns:
        All prompts, class by class; the number of images of each prompt; and the indices (int64, (N,)) that bring
        images from prompt order into label order, sorted by their number within the class.
    """
    all_prompts = [prompt for class_prompts in prompts for prompt in class_prompts]
    numbers_by_prompt = [
        range(first, count, len(class_prompts))
        for class_prompts, count in zip(prompts, per_class, strict=True)
        for first in range(len(class_prompts))
    ]
    classes = np.repeat(np.arange(len(prompts)), per_class)
    numbers = np.array([number for numbers in numbers_by_prompt for number in numbers], dtype=np.int64)
    return all_prompts, [len(numbers) for numbers in numbers_by_prompt], np.lexsort((numbers, classes))


class ImageSampler:
    """Calls a pipeline with fixed settings and the prompts of a batch.

    Args:
        pipeline: The loaded pipeline.
        prompts: All prompts.
        settings: Sampling settings.
        size: Height and width of the finished images in pixels.
        label: Label of the recipe, for messages.
    """

    def __init__(
        self,
        pipeline: "DiffusionPipeline",
        prompts: list[str],
        settings: TextToImageSampling,
        *,
        size: int,
        label: str,
    ) -> None:
        self._pipeline = pipeline
        self._prompts = prompts
        self._size = size
        self._label = label
        self._arguments: dict[str, Any] = {
            "num_inference_steps": settings.steps,
            "guidance_scale": settings.guidance,
            "output_type": "pt",
        }
        if settings.size is not None:
            self._arguments |= {"height": settings.size, "width": settings.size}
        self._negative_prompt = settings.negative_prompt
        required = {*self._arguments, *(("negative_prompt",) if self._negative_prompt else ())}
        unknown = sorted(required - inspect.signature(pipeline.__call__).parameters.keys())
        if unknown:
            raise UsageError(
                f"{self._label}: {type(pipeline).__name__} does not accept {unknown[0]}: remove the setting"
            )

    @torch.inference_mode()
    def draw(self, prompt_indices: torch.Tensor, generators: list[torch.Generator]) -> torch.Tensor:
        """Generate one image for each prompt index.

        Args:
            prompt_indices: int64, (B,), indices into the prompts.
            generators: Random generator of each image.

        Returns:
            float32, (B, 3, H, W), in [-1, 1], at the size of the finished images.

        Raises:
            Diverged: If the pipeline returns values that are not finite.
        """
        arguments = dict(self._arguments)
        if self._negative_prompt:
            arguments["negative_prompt"] = [self._negative_prompt] * len(prompt_indices)
        prompts = [self._prompts[index] for index in prompt_indices.tolist()]
        images = self._pipeline(prompts, generator=generators, **arguments).images
        if not bool(torch.isfinite(images).all()):
            raise Diverged(f"{self._label}: the pipeline returns values that are not finite: use another precision")
        levels = (images.float() * 255).round().to(torch.uint8).permute(0, 2, 3, 1).contiguous().cpu().numpy()
        finished = np.stack([resized(image, self._size) for image in levels])
        return torch.from_numpy(finished).permute(0, 3, 1, 2).float() / 127.5 - 1
