import numpy as np
import pytest

from suite.images.labelled import LabelledImages
from suite.images.resizing import resize_images


def ramp(size: int) -> LabelledImages:
    row = np.linspace(0, 255, size).round().astype(np.uint8)
    return LabelledImages(np.tile(row[None, None, :, None], (2, size, 1, 3)), np.array([1, 0]))


@pytest.mark.parametrize("size", [None, 8])
def test_images_of_the_requested_size_are_returned_unchanged(size: int | None) -> None:
    images = ramp(8)
    assert resize_images(images, size) is images


def test_a_ramp_stays_a_ramp_when_reduced_and_when_enlarged() -> None:
    for start, end in ((16, 8), (8, 16)):
        images = resize_images(ramp(start), end)
        assert images.images.shape == (2, end, end, 3)
        assert images.labels.tolist() == [1, 0]
        assert abs(images.images.astype(int) - ramp(end).images.astype(int)).max() <= 12
        assert (np.diff(images.images[0, 0, :, 0].astype(int)) >= 0).all()
