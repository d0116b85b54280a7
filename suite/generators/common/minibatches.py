"""Minibatches of images kept in device memory. The batch of a step depends only on the seed and the step number."""

from typing import TYPE_CHECKING

import numpy as np
import torch

from suite.devices import to_device
from suite.images.labelled import LabelledImages
from suite.randomness import torch_generator

if TYPE_CHECKING:
    from numpy.typing import NDArray


class Minibatches:
    """Training images as one uint8 tensor on the device, and the minibatch of every step.

    Every epoch is a new permutation of all images, so that each image is used equally often. A batch may span two
    epochs and always has exactly ``batch_size`` images.

    Args:
        real: Training images.
        batch_size: Images per step.
        seed: Seed of the order and of the flips.
        flip: Whether each image is flipped horizontally with probability 0.5.
        device: Name of the torch device.

    Attributes:
        images: uint8, (N, 3, H, W), on the device.
        labels: int64, (N,), on the device.
    """

    def __init__(self, real: LabelledImages, *, batch_size: int, seed: int, flip: bool, device: str) -> None:
        self.images = torch.from_numpy(real.images).permute(0, 3, 1, 2).contiguous().to(device)
        self.labels = torch.from_numpy(real.labels).to(device)
        self._batch_size = batch_size
        self._seed = seed
        self._flip = flip
        self._orders: dict[int, NDArray[np.int64]] = {}

    def __call__(self, step: int) -> tuple[torch.Tensor, torch.Tensor]:
        """Return the images of a step, float32 (B, 3, H, W) in [-1, 1], and their labels, int64 (B,)."""
        indices = to_device(torch.from_numpy(self.indices(step)), self.labels.device)
        images = self.images[indices].float().div_(127.5).sub_(1.0)
        if self._flip:
            flipped = torch.rand(len(indices), generator=torch_generator(self._seed, "flip", step)) < 0.5
            images = torch.where(to_device(flipped, images.device)[:, None, None, None], images.flip(-1), images)
        return images, self.labels[indices]

    def indices(self, step: int) -> "NDArray[np.int64]":
        """Return the indices of a step's images, int64 (B,)."""
        positions = np.arange(step * self._batch_size, (step + 1) * self._batch_size)
        epochs, offsets = np.divmod(positions, len(self.labels))
        orders = {epoch: self._order(epoch) for epoch in range(epochs[0], epochs[-1] + 1)}
        self._orders = {epochs[-1]: orders[epochs[-1]]}
        return np.array([orders[epoch][offset] for epoch, offset in zip(epochs, offsets, strict=True)], dtype=np.int64)

    def _order(self, epoch: int) -> "NDArray[np.int64]":
        if epoch in self._orders:
            return self._orders[epoch]
        order: NDArray[np.int64] = torch.randperm(
            len(self.labels), generator=torch_generator(self._seed, "order", epoch)
        ).numpy()
        return order
