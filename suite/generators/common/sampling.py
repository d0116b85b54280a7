"""Generation of a synthetic image set: exact counts, one random generator per image, full batches, resumable."""

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from suite.artifacts import BuildContext
from suite.artifacts.files import read_tensors, temporary_path, write_tensors
from suite.errors import Diverged
from suite.images.labelled import LabelledImages
from suite.randomness import torch_generator

OUT_OF_RANGE = 10.0  # a sampler may overshoot [-1, 1] a little; larger values mean another scale, such as 0 to 255

Draw = Callable[[torch.Tensor, list[torch.Generator]], torch.Tensor]


def make_images(
    context: BuildContext, draw: Draw, *, counts: Sequence[int], batch_size: int, seed: int
) -> LabelledImages:
    """Make ``counts[k]`` images of each class k, in label order.

    An image depends only on ``seed``, its class and its index within the class, not on the other images of its batch
    or on their number. A larger set therefore contains the images of a smaller one. The last batch is padded to
    ``batch_size``, because another batch size may round differently. Finished batches are saved in the context's
    scratch directory, and an interrupted build resumes after the last of them.

    Args:
        context: Build context of the recipe.
        draw: Takes labels, int64 (B,) on the context's device, and one random generator per label; returns images,
            float (B, 3, H, W), expected to lie in [-1, 1].
        counts: Number of images per class.
        batch_size: Images per batch.
        seed: Seed of the images.

    Raises:
        Diverged: If a value is not finite, if most values of a batch are far outside [-1, 1], or if all images of a
            class are the same or of a single colour.
    """
    labels = np.repeat(np.arange(len(counts)), counts)
    indices = np.concatenate([np.arange(count) for count in counts])
    batches = []
    for start in range(0, len(labels), batch_size):
        rows = np.arange(start, start + batch_size).clip(max=len(labels) - 1)
        path = context.scratch / f"images-{start:09d}.safetensors"
        images = _read_batch(path)
        if images is None:
            generators = [torch_generator(seed, f"image of class {labels[row]}", int(indices[row])) for row in rows]
            images = _to_uint8(draw(torch.from_numpy(labels[rows]).to(context.device), generators), context)
            new = temporary_path(path)
            write_tensors(new, {"images": images})
            new.replace(path)
        batches.append(images)
        context.progress(min(start + batch_size, len(labels)), len(labels))
    result = LabelledImages(np.concatenate(batches)[: len(labels)], labels)
    if alike := result.find_degenerate_class():
        raise Diverged(f"{context.recipe.label}: {alike}: change the settings")
    return result


def _read_batch(path: Path) -> NDArray[np.uint8] | None:
    """Return a finished batch, or None if it does not exist or is damaged."""
    try:
        return read_tensors(path)["images"]
    except (OSError, KeyError, ValueError):
        return None


def _to_uint8(images: torch.Tensor, context: BuildContext) -> NDArray[np.uint8]:
    """Convert float NCHW in [-1, 1] to uint8 NHWC; values outside are clipped."""
    if not bool(torch.isfinite(images).all()):
        raise Diverged(f"{context.recipe.label}: the network returns values that are not finite: change the settings")
    if float((images.abs() > OUT_OF_RANGE).float().mean()) > 0.5:
        low, high = float(images.min()), float(images.max())
        raise Diverged(
            f"{context.recipe.label}: values from {low:.3g} to {high:.3g}, expected -1 to 1: scale the images"
        )
    levels = (images.float() + 1.0).mul(127.5).round().clamp(0, 255).to(torch.uint8)
    array: NDArray[np.uint8] = levels.permute(0, 2, 3, 1).contiguous().cpu().numpy()
    return array
