"""Batches that fit: fewer images at once where a batch does not fit into memory."""

import warnings

import torch

from suite.errors import Unavailable
from suite.generators.common.sampling import Draw


def within_memory(draw: Draw, *, who: str, device: str) -> Draw:
    """Return a ``draw`` that parts its batches once one of them does not fit into memory, and says so in a warning.

    A part is drawn again from the beginning of its images' generators, so that each image is made of the same random
    numbers however many are made at once; only rounding may differ, where a library's kernels depend on the size.

    Args:
        draw: Makes a batch; see ``make_images``.
        who: The recipe's label, for the messages.
        device: The device's name, for the messages.
    """
    at_once = 0

    def careful(labels: torch.Tensor, generators: list[torch.Generator]) -> torch.Tensor:
        nonlocal at_once
        at_once = min(at_once or len(labels), len(labels))
        while True:
            made = _attempt(draw, labels, generators, at_once)
            if made is not None:
                return made
            if at_once == 1:
                raise Unavailable(
                    f"{who}: not even one image at a time fits into the memory of {device}: "
                    "generate smaller images, or use a device with more memory"
                )
            less = max(part for part in range(1, at_once) if len(labels) % part == 0)
            warnings.warn(
                f"{who}: {at_once} images at once do not fit into the memory of {device}, going on with {less}: "
                "set sampling.batch_size lower",
                stacklevel=2,
            )
            at_once = less

    return careful


def _attempt(draw: Draw, labels: torch.Tensor, generators: list[torch.Generator], at_once: int) -> torch.Tensor | None:
    """Return the batch made in parts of ``at_once`` images, or None if memory did not suffice."""
    fresh = [torch.Generator(one.device).manual_seed(one.initial_seed()) for one in generators]
    parts = [slice(start, start + at_once) for start in range(0, len(labels), at_once)]
    try:
        return torch.cat([draw(labels[part], fresh[part]) for part in parts])
    except (RuntimeError, MemoryError) as error:
        if not _is_out_of_memory(error):
            raise
        return None


def _is_out_of_memory(error: Exception) -> bool:
    """Return whether an error means that memory did not suffice; CPU and MPS say so in words only."""
    words = ("out of memory", "can't allocate memory", "not enough memory", "alloc_failed")
    return isinstance(error, torch.OutOfMemoryError | MemoryError) or any(word in str(error).lower() for word in words)
