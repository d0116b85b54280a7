"""Differentiable augmentation of a discriminator's inputs: DiffAugment, Zhao et al., arXiv 2006.10738.

Real and generated images are augmented alike in the steps of both networks, so that the discriminator cannot learn the
few real images by heart and the generator does not learn the augmentations.
"""

from collections.abc import Callable, Sequence

import torch
from torch.nn import functional

from suite.devices import to_device
from suite.generators.biggan.settings import Augmentation

MAX_SHIFT = 1 / 8  # of height and width
CUTOUT = 1 / 2  # of height and width


def augment(images: torch.Tensor, names: Sequence[Augmentation], generator: torch.Generator) -> torch.Tensor:
    """Augment every image with its own random numbers; gradients flow to the images.

    Args:
        images: Images, (N, 3, S, S) in [-1, 1].
        names: Names of the augmentations, in the order in which they are applied.
        generator: Random generator on the CPU.

    Returns:
        Images of the same shape. ``color`` may exceed [-1, 1].
    """
    for name in names:
        images = _AUGMENTATIONS[name](images, generator)
    return images


def _color(images: torch.Tensor, generator: torch.Generator) -> torch.Tensor:
    """Add -0.5 to 0.5 to the brightness, and multiply saturation by 0 to 2 and contrast by 0.5 to 1.5."""
    factors = torch.rand(3, len(images), 1, 1, 1, generator=generator).to(images.dtype)
    brightness, saturation, contrast = to_device(factors, images.device)
    images = images + (brightness - 0.5)
    images = torch.lerp(images.mean(dim=1, keepdim=True), images, 2 * saturation)
    return torch.lerp(images.mean(dim=(1, 2, 3), keepdim=True), images, contrast + 0.5)


def _translation(images: torch.Tensor, generator: torch.Generator) -> torch.Tensor:
    """Shift by up to an eighth of height and width, and fill up with 0 (grey)."""
    count, _, side, _ = images.shape
    most = int(side * MAX_SHIFT + 0.5)
    shifts = to_device(torch.randint(-most, most + 1, (2, count, 1), generator=generator), images.device)
    rows, columns = (torch.arange(side, device=images.device) + shifts + most).unbind()
    padded = functional.pad(images, (most, most, most, most)).permute(0, 2, 3, 1)
    index = torch.arange(count, device=images.device)[:, None, None]
    return padded[index, rows[:, :, None], columns[:, None, :]].permute(0, 3, 1, 2)


def _cutout(images: torch.Tensor, generator: torch.Generator) -> torch.Tensor:
    """Set a square of half of height and width to 0 (grey); it may lie partly outside the image."""
    count, _, side, _ = images.shape
    length = int(side * CUTOUT + 0.5)
    starts = torch.randint(-(length // 2), side + 1 - length + length // 2, (2, count, 1), generator=generator)
    distance = torch.arange(side) - starts
    rows, columns = ((distance >= 0) & (distance < length)).unbind()
    kept = ~(rows[:, None, :, None] & columns[:, None, None, :])
    return images * to_device(kept, images.device)


_AUGMENTATIONS: dict[Augmentation, Callable[[torch.Tensor, torch.Generator], torch.Tensor]] = {
    "color": _color,
    "translation": _translation,
    "cutout": _cutout,
}
