"""Drawing images from a text-to-image pipeline."""

import inspect
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from numpy.typing import NDArray

from suite.artifacts import BuildContext
from suite.datasets.real import resized
from suite.errors import Diverged, UsageError
from suite.generators.common.sampling import make_images
from suite.generators.sd.loading import load
from suite.generators.sd.memory import within_memory
from suite.images.image_set import IMAGES

if TYPE_CHECKING:
    from diffusers.pipelines.pipeline_utils import DiffusionPipeline

    from suite.generators.sd.recipes import SampleTextToImage

SUMMARY = "summary.json"


def sample(recipe: "SampleTextToImage", context: BuildContext) -> None:
    """Draw the images ``recipe`` asks for and write them with a summary.

    The images of one prompt are made together; in the payload, a class's prompts take turns.

    Raises:
        Unavailable: If the pipeline is not on this machine, or does not fit into memory.
        BadData: If it is no text-to-image pipeline, or cannot be loaded safely.
        UsageError: If it cannot be asked what the settings ask.
        Diverged: If images are not finite, or all alike.
    """
    pipeline = load(recipe, context)
    prompts, counts, order = in_turn(recipe.prompts, recipe.per_class)
    painter = ImageSampler(pipeline, recipe, prompts)
    made = make_images(
        context,
        within_memory(painter.draw, who=recipe.label, device=context.device),
        counts=counts,
        batch_size=recipe.settings.batch_size,
        seed=recipe.seed,
    )
    labels = np.repeat(np.arange(len(recipe.per_class)), recipe.per_class)
    context.write_tensors(IMAGES, {"images": made.images[order], "labels": labels})
    summary = {
        "n": len(made),
        "pipeline": type(pipeline).__name__,
        "scheduler": type(pipeline.scheduler).__name__,
        "steps": recipe.settings.steps,
        "guidance": recipe.settings.guidance,
        "evaluations_per_image": recipe.settings.evaluations,
    }
    context.write_json(SUMMARY, summary)


def in_turn(
    prompts: tuple[tuple[str, ...], ...], per_class: tuple[int, ...]
) -> tuple[list[str], list[int], NDArray[np.int64]]:
    """Deal images to prompts: image i of a class goes to prompt i modulo the class's number of prompts.

    Args:
        prompts: The prompts of each class.
        per_class: Images of each class.

    Returns:
        All prompts, class by class; how many images each gets; and where each image, in the order of classes and
        numbers, lies among the images in the order of prompts.
    """
    every = [prompt for those in prompts for prompt in those]
    dealt = [
        range(turn, count, len(those))
        for those, count in zip(prompts, per_class, strict=True)
        for turn in range(len(those))
    ]
    classes = np.repeat(np.arange(len(prompts)), per_class)
    numbers = np.array([number for numbers in dealt for number in numbers], dtype=np.int64)
    return every, [len(numbers) for numbers in dealt], np.lexsort((numbers, classes))


class ImageSampler:
    """A pipeline and all that it is told with every batch but the prompts."""

    def __init__(self, pipeline: "DiffusionPipeline", recipe: "SampleTextToImage", prompts: list[str]) -> None:
        settings = recipe.settings
        self._pipeline = pipeline
        self._prompts = prompts
        self._size = recipe.size
        self._who = recipe.label
        self._told: dict[str, Any] = {
            "num_inference_steps": settings.steps,
            "guidance_scale": settings.guidance,
            "output_type": "pt",
        }
        if settings.size is not None:
            self._told |= {"height": settings.size, "width": settings.size}
        self._negative = settings.negative_prompt
        wanted = {*self._told, *(("negative_prompt",) if self._negative else ())}
        unknown = sorted(wanted - inspect.signature(pipeline.__call__).parameters.keys())
        if unknown:
            raise UsageError(f"{self._who}: a {type(pipeline).__name__} takes no {unknown[0]}: leave it out")

    @torch.inference_mode()
    def draw(self, kinds: torch.Tensor, generators: list[torch.Generator]) -> torch.Tensor:
        """Return an image for the prompt of each number, float32 (B, 3, H, W) in [-1, 1], at the dataset's size."""
        told = dict(self._told)
        if self._negative:
            told["negative_prompt"] = [self._negative] * len(kinds)
        images = self._pipeline([self._prompts[kind] for kind in kinds.tolist()], generator=generators, **told).images
        if not bool(torch.isfinite(images).all()):
            raise Diverged(f"{self._who}: the pipeline makes values that are not finite: use another precision")
        levels = (images.float() * 255).round().to(torch.uint8).permute(0, 2, 3, 1).contiguous().cpu().numpy()
        small = np.stack([resized(image, self._size) for image in levels])
        return torch.from_numpy(small).permute(0, 3, 1, 2).float() / 127.5 - 1
