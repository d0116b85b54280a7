import numpy as np
import pytest

from suite.generators.common.resizing import resized
from suite.images.labelled import LabelledImages


def ramp(size: int) -> LabelledImages:
    row = np.linspace(0, 255, size).round().astype(np.uint8)
    return LabelledImages(np.tile(row[None, None, :, None], (2, size, 1, 3)), np.array([1, 0]))


@pytest.mark.parametrize("size", [None, 8])
def test_images_of_the_size_are_not_touched(size: int | None) -> None:
    images = ramp(8)
    assert resized(images, size) is images


def test_a_ramp_stays_a_ramp_both_ways() -> None:
    for start, end in ((16, 8), (8, 16)):
        made = resized(ramp(start), end)
        assert made.images.shape == (2, end, end, 3)
        assert made.labels.tolist() == [1, 0]
        assert abs(made.images.astype(int) - ramp(end).images.astype(int)).max() <= 12
        assert (np.diff(made.images[0, 0, :, 0].astype(int)) >= 0).all()
