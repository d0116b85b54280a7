"""Minibatches of images that stay in memory: endless epochs, each step's batch a function of its number."""

from typing import TYPE_CHECKING

import numpy as np
import torch

from suite.images.labelled import LabelledImages
from suite.randomness import torch_generator

if TYPE_CHECKING:
    from numpy.typing import NDArray


class Minibatches:
    """The training images as one uint8 tensor on the device, and the batch of every step.

    The batches follow one another through a new permutation of all images every epoch, so that each image is seen
    equally often, and a batch may span two epochs. Every batch has exactly ``batch_size`` images.

    Args:
        real: The images to learn from.
        batch_size: Images of one step.
        seed: Seed of the order and of the flips.
        flip: Whether each image is mirrored left to right with probability one half.
        device: Name of the torch device.
    """

    def __init__(self, real: LabelledImages, *, batch_size: int, seed: int, flip: bool, device: str) -> None:
        self.images = torch.from_numpy(real.images).permute(0, 3, 1, 2).contiguous().to(device)
        self.labels = torch.from_numpy(real.labels).to(device)
        self._batch_size = batch_size
        self._seed = seed
        self._flip = flip
        self._orders: dict[int, NDArray[np.int64]] = {}

    def __call__(self, step: int) -> tuple[torch.Tensor, torch.Tensor]:
        """Return step ``step``'s images, float32 (B, 3, H, W) in [-1, 1], and labels, int64 (B,)."""
        indices = torch.from_numpy(self.indices(step)).to(self.labels.device)
        images = self.images[indices].float().div_(127.5).sub_(1.0)
        if self._flip:
            coins = torch.rand(len(indices), generator=torch_generator(self._seed, "flip", step)) < 0.5
            images = torch.where(coins.to(images.device)[:, None, None, None], images.flip(-1), images)
        return images, self.labels[indices]

    def indices(self, step: int) -> "NDArray[np.int64]":
        """Return which images step ``step`` takes: int64, (B,)."""
        positions = np.arange(step * self._batch_size, (step + 1) * self._batch_size)
        epochs, within = np.divmod(positions, len(self.labels))
        orders = {epoch: self._order(epoch) for epoch in range(epochs[0], epochs[-1] + 1)}
        self._orders = {epochs[-1]: orders[epochs[-1]]}
        return np.array([orders[epoch][place] for epoch, place in zip(epochs, within, strict=True)], dtype=np.int64)

    def _order(self, epoch: int) -> "NDArray[np.int64]":
        if epoch in self._orders:
            return self._orders[epoch]
        order: NDArray[np.int64] = torch.randperm(
            len(self.labels), generator=torch_generator(self._seed, "order", epoch)
        ).numpy()
        return order
