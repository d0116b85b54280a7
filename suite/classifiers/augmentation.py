"""Batches of uint8 images as augmented floats, without a Python loop over images."""

import torch

from suite.classifiers.settings import ClassifierSettings


class Augmentation:
    """Random crop and flip of a whole batch, as one gather.

    The crop is that of an image with a reflected border, found by reflecting indices instead of padding pixels.

    Args:
        settings: Which augmentations, and the width of the border.
    """

    def __init__(self, settings: ClassifierSettings) -> None:
        self._flip = "flip" in settings.augmentation
        self._padding = settings.crop_padding if "crop" in settings.augmentation else 0

    def __call__(self, images: torch.Tensor, indices: torch.Tensor, random: torch.Generator) -> torch.Tensor:
        """Take and augment images.

        Args:
            images: uint8, (N, H, W, 3), on any device.
            indices: int64, (B,), which images to take.
            random: CPU generator of this step; the same draws on every device.

        Returns:
            uint8, (B, 3, H, W), laid out as channels last.
        """
        batch, (height, width) = len(indices), images.shape[1:3]
        rows = self._shifted(batch, height, random)
        columns = self._shifted(batch, width, random)
        if self._flip:
            flipped = torch.rand(batch, 1, generator=random) < 0.5
            columns = torch.where(flipped, columns.flip(1), columns)
        rows, columns = rows.to(images.device), columns.to(images.device)
        taken = images[indices.to(images.device)[:, None, None], rows[:, :, None], columns[:, None, :]]
        return taken.permute(0, 3, 1, 2)

    def _shifted(self, batch: int, length: int, random: torch.Generator) -> torch.Tensor:
        shift = torch.randint(-self._padding, self._padding + 1, (batch, 1), generator=random)
        index = (torch.arange(length) + shift).abs() % max(1, 2 * (length - 1))  # a border may be wider than the image
        return (length - 1) - (length - 1 - index).abs()
