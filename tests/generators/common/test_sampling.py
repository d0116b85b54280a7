from collections.abc import Callable
from typing import ClassVar

import numpy as np
import pytest
import torch

from suite.artifacts import BuildContext, Recipe, Store
from suite.errors import Diverged
from suite.generators.common.sampling import make_images
from suite.images.labelled import LabelledImages

Transform = Callable[[torch.Tensor], torch.Tensor]


class Drawing(Recipe):
    """A recipe for the build context."""

    step: ClassVar[str] = "drawing"
    version: ClassVar[int] = 1

    def build(self, context: BuildContext) -> None:
        raise NotImplementedError


class ImageSampler:
    """Draws noise whose first channel is the label, and records the batch sizes."""

    def __init__(self, transform: Transform = lambda images: images) -> None:
        self.batches: list[int] = []
        self._transform = transform

    def __call__(self, labels: torch.Tensor, generators: list[torch.Generator]) -> torch.Tensor:
        self.batches.append(len(labels))
        noise = torch.stack([torch.rand(3, 4, 4, generator=generator) for generator in generators])
        noise[:, 0] = labels[:, None, None] / 127.5 - 1
        return self._transform(noise)


@pytest.fixture
def context(store: Store) -> BuildContext:
    return BuildContext(store, Drawing(), device="cpu", data_paths=None)


def make(
    context: BuildContext, sampler: ImageSampler, *counts: int, seed: int = 0, batch_size: int = 4
) -> LabelledImages:
    for batch in context.scratch.iterdir():
        batch.unlink()
    return make_images(context, sampler, counts=counts, batch_size=batch_size, seed=seed)


def test_counts_are_exact_and_labels_are_in_order(context: BuildContext) -> None:
    result = make(context, ImageSampler(), 3, 0, 2, 1)
    assert result.labels.tolist() == [0, 0, 0, 2, 2, 3]
    assert result.images[:, 0, 0, 0].tolist() == [0, 0, 0, 2, 2, 3]
    assert result.images.shape == (6, 4, 4, 3)


def test_batches_are_always_full(context: BuildContext) -> None:
    sampler = ImageSampler()
    make(context, sampler, 5, 4)
    assert sampler.batches == [4, 4, 4]


def test_an_image_depends_only_on_seed_class_and_index(context: BuildContext) -> None:
    few, many = make(context, ImageSampler(), 2, 3), make(context, ImageSampler(), 5, 6, batch_size=3)
    for label, count in ((0, 2), (1, 3)):
        assert np.array_equal(few.images[few.labels == label], many.images[many.labels == label][:count])
    assert not np.array_equal(make(context, ImageSampler(), 2, 3, seed=1).images, few.images)
    assert len(np.unique(many.images[..., 1:].reshape(11, -1), axis=0)) == 11


def test_an_interrupted_build_resumes_after_the_last_batch(context: BuildContext) -> None:
    uninterrupted = make(context, ImageSampler(), 5, 4)

    def interrupt(images: torch.Tensor) -> torch.Tensor:
        if len(first.batches) == 3:
            raise KeyboardInterrupt
        return images

    first, second = ImageSampler(interrupt), ImageSampler()
    with pytest.raises(KeyboardInterrupt):
        make(context, first, 5, 4)
    resumed = make_images(context, second, counts=(5, 4), batch_size=4, seed=0)
    assert second.batches == [4]
    assert np.array_equal(resumed.images, uninterrupted.images)


def test_a_damaged_batch_is_drawn_again(context: BuildContext) -> None:
    uninterrupted = make(context, ImageSampler(), 5, 4)
    (context.scratch / "images-000000004.safetensors").write_bytes(b"half")
    sampler = ImageSampler()
    assert np.array_equal(
        make_images(context, sampler, counts=(5, 4), batch_size=4, seed=0).images, uninterrupted.images
    )
    assert sampler.batches == [4]


def test_values_are_converted_to_levels(context: BuildContext) -> None:
    levels = torch.linspace(-1, 1, 256).repeat(3).reshape(3, 16, 16)
    result = make(context, ImageSampler(lambda images: levels.expand(len(images), -1, -1, -1) * 1.0), 1)
    assert result.images[0, ..., 0].flatten().tolist() == list(range(256))


def test_values_outside_the_range_are_clipped(context: BuildContext) -> None:
    result = make(context, ImageSampler(lambda images: images * 9 - 3), 2)
    assert result.images.min() == 0
    assert result.images.max() == 255


@pytest.mark.parametrize("value", [torch.nan, torch.inf])
def test_values_that_are_not_finite_are_an_error(context: BuildContext, value: float) -> None:
    def insert(images: torch.Tensor) -> torch.Tensor:
        images[1, 2, 3, 0] = value
        return images

    with pytest.raises(Diverged, match=r"drawing: .*not finite"):
        make(context, ImageSampler(insert), 3)


def test_images_of_a_single_colour_are_an_error(context: BuildContext) -> None:
    with pytest.raises(Diverged, match="all 2 images of class 1 have a single colour"):
        make(
            context,
            ImageSampler(lambda images: torch.where(images[:, :1] > -1, 0.5 * images[:, :, :1, :1], images)),
            2,
            2,
        )


def test_identical_images_are_an_error(context: BuildContext) -> None:
    with pytest.raises(Diverged, match="all 3 images of class 0 are the same"):
        make(context, ImageSampler(lambda images: images[:1].expand_as(images)), 3)
