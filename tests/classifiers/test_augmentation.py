"""Augmentation: crops and flips contain only pixels of the image and its reflection."""

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from suite.classifiers.augmentation import Augmentation
from suite.classifiers.plugins.resnet18 import ResNet18Settings
from suite.randomness import torch_generator


def augment(images: torch.Tensor, *, padding: int = 0, flip: bool = False, seed: int = 0) -> torch.Tensor:
    """Augment every image once, in order; returns NHWC."""
    names = (("crop",) if padding else ()) + (("flip",) if flip else ())
    settings = ResNet18Settings.model_validate({"augmentation": names, "crop_padding": padding})
    random = torch_generator(seed, "augmentation")
    return Augmentation(settings)(images, torch.arange(len(images)), random).permute(0, 2, 3, 1)


def numbered(images: int, height: int, width: int) -> torch.Tensor:
    """Return images with distinct pixel values, as far as uint8 allows."""
    pixels = torch.arange(images * height * width) % 251
    return pixels.reshape(images, height, width, 1).expand(-1, -1, -1, 3).to(torch.uint8)


def all_crops(image: np.ndarray, padding: int, *, flip: bool) -> set[bytes]:
    """Return every possible result of the augmentation of one image, computed with numpy's reflection padding."""
    height, width = image.shape[:2]
    bordered = np.pad(image, ((padding, padding), (padding, padding), (0, 0)), mode="reflect")
    crops = set()
    for top in range(2 * padding + 1):
        for left in range(2 * padding + 1):
            crop = bordered[top : top + height, left : left + width]
            crops |= {crop.tobytes(), crop[:, ::-1].tobytes()} if flip else {crop.tobytes()}
    return crops


def test_without_augmentation_the_images_do_not_change() -> None:
    images = numbered(5, 4, 6)
    assert torch.equal(augment(images), images)


@given(
    height=st.integers(2, 6),
    width=st.integers(2, 6),
    padding=st.integers(0, 9),
    flip=st.booleans(),
    seed=st.integers(0, 1000),
)
def test_every_result_is_a_crop_of_the_reflected_image(
    height: int, width: int, padding: int, flip: bool, seed: int
) -> None:
    images = numbered(4, height, width)
    augmented = augment(images, padding=padding, flip=flip, seed=seed)
    for image, result in zip(images.numpy(), augmented.numpy(), strict=True):
        assert result.dtype == np.uint8
        assert np.ascontiguousarray(result).tobytes() in all_crops(image, padding, flip=flip)


def test_every_possible_crop_occurs() -> None:
    images = numbered(1, 5, 5).expand(2000, -1, -1, -1)
    found = {np.ascontiguousarray(image).tobytes() for image in augment(images, padding=1, flip=True).numpy()}
    assert found == all_crops(images[0].numpy(), 1, flip=True)


def test_half_of_the_images_are_flipped() -> None:
    images = numbered(1, 4, 4).expand(4000, -1, -1, -1)
    flipped = (augment(images, flip=True) != images).flatten(1).any(1)
    assert 0.46 < flipped.float().mean() < 0.54


def test_the_result_depends_on_the_seed_only() -> None:
    images = numbered(20, 8, 8)
    first, repeated, other = (augment(images, padding=2, flip=True, seed=seed) for seed in (1, 1, 2))
    assert torch.equal(first, repeated)
    assert not torch.equal(first, other)


def test_the_augmentation_of_an_image_depends_on_its_position_in_the_batch_and_not_on_other_images() -> None:
    images, others = numbered(6, 5, 5), numbered(6, 5, 5).flip(0).clone()
    others[2] = images[2]
    first, second = (augment(batch, padding=1, flip=True) for batch in (images, others))
    assert torch.equal(first[2], second[2])


@pytest.mark.parametrize("indices", [[3, 3, 0], [5]])
def test_images_are_selected_by_index(indices: list[int]) -> None:
    images = numbered(6, 3, 3)
    augmentation = Augmentation(ResNet18Settings(augmentation=()))
    selected = augmentation(images, torch.tensor(indices), torch_generator(0, "augmentation"))
    assert torch.equal(selected.permute(0, 2, 3, 1), images[indices])
