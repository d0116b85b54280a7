"""Out-of-memory handling: sample a batch in smaller parts if it does not fit into memory."""

import warnings

import torch

from suite.errors import Unavailable
from suite.generators.common.sampling import Draw

OUT_OF_MEMORY_MESSAGES = ("out of memory", "can't allocate memory", "not enough memory", "alloc_failed")


def within_memory(draw: Draw, *, label: str, device: str) -> Draw:
    """Wrap ``draw`` so that it splits a batch that does not fit into memory, with a warning.

    After a failure, all parts are drawn again with fresh copies of the images' random generators, so that each image
    uses the same random numbers regardless of the batch size. Only rounding may differ, if a kernel of a library
    depends on the batch size. The smaller size is kept for later batches.

    Args:
        draw: Samples a batch; see ``make_images``.
        label: Label of the recipe, for messages.
        device: Name of the device, for messages.

    Returns:
        A function with the same arguments and result as ``draw``. It raises Unavailable if a single image does not
        fit into memory.
    """
    part_size = 0  # images per call of draw; 0 before the first batch

    def draw_within_memory(labels: torch.Tensor, generators: list[torch.Generator]) -> torch.Tensor:
        nonlocal part_size
        part_size = min(part_size or len(labels), len(labels))
        while True:
            images = _draw_in_parts(draw, labels, generators, part_size)
            if images is not None:
                return images
            if part_size == 1:
                raise Unavailable(
                    f"{label}: a single image does not fit into the memory of {device}: "
                    "generate smaller images, or use a device with more memory"
                )
            smaller = max(size for size in range(1, part_size) if len(labels) % size == 0)
            warnings.warn(
                f"{label}: a batch of {part_size} images does not fit into the memory of {device}, continuing with "
                f"{smaller}: set a lower sampling.batch_size",
                stacklevel=2,
            )
            part_size = smaller

    return draw_within_memory


def _draw_in_parts(
    draw: Draw, labels: torch.Tensor, generators: list[torch.Generator], part_size: int
) -> torch.Tensor | None:
    """Return the batch, drawn in parts of ``part_size`` images, or None if memory was not sufficient."""
    fresh = [torch.Generator(generator.device).manual_seed(generator.initial_seed()) for generator in generators]
    parts = [slice(start, start + part_size) for start in range(0, len(labels), part_size)]
    try:
        return torch.cat([draw(labels[part], fresh[part]) for part in parts])
    except (RuntimeError, MemoryError) as error:
        if not _is_out_of_memory(error):
            raise
        return None


def _is_out_of_memory(error: Exception) -> bool:
    """Return whether an error means that memory was not sufficient. CPU and MPS have no exception type for it."""
    if isinstance(error, torch.OutOfMemoryError | MemoryError):
        return True
    return any(message in str(error).lower() for message in OUT_OF_MEMORY_MESSAGES)
