import numpy as np
import pytest
import torch

from suite.generators.common.minibatches import Minibatches
from suite.images.labelled import LabelledImages


def batches(size: int = 4, *, seed: int = 0, flip: bool = False, images: int = 10) -> Minibatches:
    pixels = np.zeros((images, 2, 2, 3), dtype=np.uint8)
    pixels[:, :, 0] = np.arange(images, dtype=np.uint8)[:, None, None] + 1
    labels = np.arange(images, dtype=np.int64)
    return Minibatches(LabelledImages(pixels, labels), batch_size=size, seed=seed, flip=flip, device="cpu")


@pytest.mark.parametrize("size", [3, 4, 10, 25])
def test_every_epoch_has_each_image_once(size: int) -> None:
    minibatches = batches(size)
    indices = np.concatenate([minibatches.indices(step) for step in range(20)])
    epochs = indices[: len(indices) // 10 * 10].reshape(-1, 10)
    assert (np.sort(epochs, axis=1) == np.arange(10)).all()
    assert not (epochs[0] == epochs[1]).all()


def test_a_batch_depends_only_on_seed_and_step() -> None:
    in_order, out_of_order = batches(), batches()
    expected = [in_order.indices(step) for step in range(9)]
    assert all((out_of_order.indices(step) == expected[step]).all() for step in (8, 2, 5))
    assert not (batches(seed=1).indices(0) == expected[0]).all()


def test_images_have_their_labels_and_lie_between_minus_one_and_one() -> None:
    images, labels = batches()(0)
    assert images.shape == (4, 3, 2, 2)
    assert images.dtype == torch.float32
    torch.testing.assert_close(images[:, 0, 0, 0], (labels + 1) / 127.5 - 1)
    assert (images[..., 1] == -1).all()


def test_about_half_of_the_images_are_flipped() -> None:
    minibatches = batches(100, flip=True)
    images, labels = minibatches(0)
    flipped = images[:, 0, 0, 1] > images[:, 0, 0, 0]
    assert 30 < int(flipped.sum()) < 70
    again = minibatches(0)[0]
    assert torch.equal(images, again)
    assert not torch.equal(flipped, minibatches(1)[0][:, 0, 0, 1] > minibatches(1)[0][:, 0, 0, 0])
    torch.testing.assert_close(images.amax((1, 2, 3)), (labels + 1) / 127.5 - 1)
