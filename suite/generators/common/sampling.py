"""Making a set of synthetic images: exact counts, one random generator an image, whole batches, resumable."""

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from suite.artifacts import BuildContext
from suite.artifacts.files import beside, read_tensors, write_tensors
from suite.errors import Diverged
from suite.images.labelled import LabelledImages
from suite.randomness import torch_generator

FAR = 10.0  # a sampler may overshoot; pixels of 0 to 255 are another mistake

Draw = Callable[[torch.Tensor, list[torch.Generator]], torch.Tensor]


def make_images(
    context: BuildContext, draw: Draw, *, counts: Sequence[int], batch_size: int, seed: int
) -> LabelledImages:
    """Make ``counts[k]`` images of each class k, in the order of the labels.

    An image is a function of ``seed``, its class and its number within the class: it depends neither on the images
    made beside it nor on how many there are, so that a larger set begins with a smaller one's images. The last batch
    is filled up to ``batch_size``, because another batch size may round differently. Finished batches are kept in the
    workbench's scratch directory, and an interrupted run goes on after the last of them.

    Args:
        context: The build context of the recipe that wants the images.
        draw: Takes labels, int64 (B,) on the workbench's device, and as many random generators; returns images,
            float (B, 3, H, W), meant to lie in [-1, 1].
        counts: Images per class.
        batch_size: Images a batch.
        seed: Seed of the images.

    Raises:
        Diverged: If a value is not finite, most lie far outside of [-1, 1], or all images of a class are alike.
    """
    labels = np.repeat(np.arange(len(counts)), counts)
    numbers = np.concatenate([np.arange(count) for count in counts])
    made = []
    for start in range(0, len(labels), batch_size):
        rows = np.arange(start, start + batch_size).clip(max=len(labels) - 1)
        path = context.scratch / f"images-{start:09d}.safetensors"
        images = _kept(path)
        if images is None:
            generators = [torch_generator(seed, f"image of class {labels[row]}", int(numbers[row])) for row in rows]
            images = _to_uint8(draw(torch.from_numpy(labels[rows]).to(context.device), generators), context)
            new = beside(path)
            write_tensors(new, {"images": images})
            new.replace(path)
        made.append(images)
        context.progress(min(start + batch_size, len(labels)), len(labels))
    result = LabelledImages(np.concatenate(made)[: len(labels)], labels)
    if alike := result.alike():
        raise Diverged(f"{context.recipe.label}: {alike}: train it otherwise")
    return result


def _kept(path: Path) -> NDArray[np.uint8] | None:
    """Return a finished batch; None if there is none, or if what is there cannot be read."""
    try:
        return read_tensors(path)["images"]
    except (OSError, KeyError, ValueError):
        return None


def _to_uint8(images: torch.Tensor, context: BuildContext) -> NDArray[np.uint8]:
    """Turn float NCHW in [-1, 1] into uint8 NHWC; what lies outside is clipped."""
    if not bool(torch.isfinite(images).all()):
        raise Diverged(f"{context.recipe.label}: the network makes values that are not finite: train it otherwise")
    if float((images.abs() > FAR).float().mean()) > 0.5:
        low, high = float(images.min()), float(images.max())
        raise Diverged(
            f"{context.recipe.label}: values from {low:.3g} to {high:.3g}, where -1 to 1 is meant: scale them"
        )
    levels = (images.float() + 1.0).mul(127.5).round().clamp(0, 255).to(torch.uint8)
    array: NDArray[np.uint8] = levels.permute(0, 2, 3, 1).contiguous().cpu().numpy()
    return array
