from typing import get_args

import pytest
import torch

from suite.generators.biggan.augmentation import augment
from suite.generators.biggan.flops import AUGMENTATION_OUTPUTS
from suite.generators.biggan.settings import Augmentation

NAMES = get_args(Augmentation)


def seeded(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def images(count: int, side: int = 16) -> torch.Tensor:
    """Images without the value 0, which fills up what translation and cutout remove."""
    return torch.rand(count, 3, side, side, generator=seeded(9)) * 0.8 + 0.1


def test_without_names_the_images_are_unchanged() -> None:
    assert torch.equal(augment(images(2), (), seeded()), images(2))


@pytest.mark.parametrize("name", NAMES)
def test_every_image_has_its_own_random_numbers_from_the_generator(name: Augmentation) -> None:
    same = images(1).expand(6, -1, -1, -1)
    augmented = augment(same, (name,), seeded(0))
    assert augmented.shape == same.shape
    assert torch.equal(augmented, augment(same, (name,), seeded(0)))
    assert not torch.equal(augmented, augment(same, (name,), seeded(1)))
    assert len(augmented.flatten(1).unique(dim=0)) >= 5


@pytest.mark.parametrize("name", NAMES)
def test_gradients_flow_through_the_augmentation(name: Augmentation) -> None:
    """Numerically, for each pixel: a gradient that is cut off or wrong makes the test fail."""
    small = images(2, 4).double().requires_grad_()
    assert torch.autograd.gradcheck(lambda inputs: augment(inputs, (name,), seeded()), small)
    (gradient,) = torch.autograd.grad(augment(small, (name,), seeded()).sum(), small)
    assert gradient.any()


def test_color_changes_brightness_saturation_and_contrast_within_the_published_limits() -> None:
    inputs = images(1).expand(2000, -1, -1, -1)
    outputs = augment(inputs, ("color",), seeded())
    shift = (outputs - inputs).mean((1, 2, 3))
    contrast = outputs.mean(1).std((1, 2)) / inputs.mean(1).std((1, 2))
    saturation = outputs.std(1).mean((1, 2)) / inputs.std(1).mean((1, 2)) / contrast
    for values, low, high in ((shift, -0.5, 0.5), (saturation, 0.0, 2.0), (contrast, 0.5, 1.5)):
        assert float(values.min()) == pytest.approx(low, abs=0.02)
        assert float(values.max()) == pytest.approx(high, abs=0.02)


def test_translation_shifts_by_up_to_an_eighth_and_fills_up_with_grey() -> None:
    inputs = images(300)
    outputs, found = augment(inputs, ("translation",), seeded()), set()
    for image, output in zip(inputs, outputs, strict=True):
        rows, columns = (
            int(kept.nonzero()[0]) - int(15 - kept.nonzero()[-1]) for kept in (output[0].any(1), output[0].any(0))
        )
        expected = torch.zeros_like(image)
        targets, sources = (
            tuple(slice(max(0, sign * shift), 16 + min(0, sign * shift)) for shift in (rows, columns))
            for sign in (1, -1)
        )
        expected[:, *targets] = image[:, *sources]
        assert torch.equal(output, expected)
        found.add((rows, columns))
    assert found == {(rows, columns) for rows in range(-2, 3) for columns in range(-2, 3)}


def test_cutout_sets_one_square_of_half_the_side_to_grey() -> None:
    inputs = images(400)
    outputs = augment(inputs, ("cutout",), seeded())
    removed = (outputs == 0).all(1)
    assert torch.equal(outputs, inputs * ~removed[:, None])
    heights, widths = removed.any(2).sum(1), removed.any(1).sum(1)
    assert torch.equal(removed.sum((1, 2)), heights * widths), "it is a rectangle"
    assert {*heights.tolist(), *widths.tolist()} == {4, 5, 6, 7, 8}, "it may lie partly outside"
    assert removed.float().mean(0).min() > 0.02, "every pixel can be removed"


def test_the_cost_estimate_knows_every_augmentation() -> None:
    assert set(AUGMENTATION_OUTPUTS) == set(NAMES)
