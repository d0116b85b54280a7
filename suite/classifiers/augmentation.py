"""Random crop and flip of a batch of uint8 images, without a Python loop over images."""

import torch

from suite.classifiers.settings import TrainingSettings
from suite.devices import to_device


class Augmentation:
    """Random crop and horizontal flip of a whole batch in one indexing operation.

    A crop is taken from the image with a reflected border. The border is not stored: indices beyond the edge are
    reflected instead.

    Args:
        settings: Selects the augmentations and the width of the border.
    """

    def __init__(self, settings: TrainingSettings) -> None:
        self._flip = "flip" in settings.augmentation
        self._padding = settings.crop_padding if "crop" in settings.augmentation else 0

    def __call__(self, images: torch.Tensor, indices: torch.Tensor, random: torch.Generator) -> torch.Tensor:
        """Select and augment images.

        Args:
            images: uint8, (N, H, W, 3), on any device.
            indices: int64, (B,), the images to select, on the same device.
            random: CPU generator of this step, so that the draws are the same on every device.

        Returns:
            uint8, (B, 3, H, W), in channels-last memory format.
        """
        batch_size, (height, width) = len(indices), images.shape[1:3]
        rows = self._shifted_indices(batch_size, height, random)
        columns = self._shifted_indices(batch_size, width, random)
        if self._flip:
            flipped = torch.rand(batch_size, 1, generator=random) < 0.5
            columns = torch.where(flipped, columns.flip(1), columns)
        rows, columns = to_device(rows, images.device), to_device(columns, images.device)
        augmented = images[indices[:, None, None], rows[:, :, None], columns[:, None, :]]
        return augmented.permute(0, 3, 1, 2)

    def _shifted_indices(self, batch_size: int, length: int, random: torch.Generator) -> torch.Tensor:
        """Return each image's pixel indices along one axis, shifted and reflected: int64, (B, length)."""
        shift = torch.randint(-self._padding, self._padding + 1, (batch_size, 1), generator=random)
        index = (torch.arange(length) + shift).abs() % max(1, 2 * (length - 1))  # a border may be wider than the image
        return (length - 1) - (length - 1 - index).abs()
