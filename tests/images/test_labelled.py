"""One image format: uint8, NHWC, RGB."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from suite.images.labelled import LabelledImages


def made(labels: list[int], size: int = 2) -> LabelledImages:
    """Return images whose pixels are their own number."""
    numbers = np.arange(len(labels), dtype=np.uint8)
    images = np.broadcast_to(numbers[:, None, None, None], (len(labels), size, size, 3)).copy()
    return LabelledImages(images, np.array(labels, dtype=np.int64))


@pytest.mark.parametrize(
    ("images", "labels"),
    [
        (np.zeros((2, 4, 4, 3), np.float32), np.zeros(2, np.int64)),
        (np.zeros((2, 3, 4, 4), np.uint8), np.zeros(2, np.int64)),
        (np.zeros((4, 4, 3), np.uint8), np.zeros(4, np.int64)),
        (np.zeros((2, 4, 4, 3), np.uint8), np.zeros(3, np.int64)),
        (np.zeros((2, 4, 4, 3), np.uint8), np.zeros(2, np.int32)),
        (np.zeros((2, 4, 4, 3), np.uint8), np.zeros((2, 1), np.int64)),
    ],
)
def test_any_other_format_is_refused(images: np.ndarray, labels: np.ndarray) -> None:
    with pytest.raises(ValueError, match="must be"):
        LabelledImages(images, labels)


@given(st.lists(st.integers(0, 4), min_size=1, max_size=30), st.data())
def test_taking_keeps_image_and_label_together(labels: list[int], data: st.DataObject) -> None:
    images = made(labels)
    indices = np.array(data.draw(st.lists(st.integers(0, len(labels) - 1), max_size=40)), dtype=np.int64)
    taken = images.take(indices)
    assert taken.images[:, 0, 0, 0].tolist() == indices.tolist()
    assert taken.labels.tolist() == [labels[index] for index in indices]


@given(st.lists(st.lists(st.integers(0, 4), max_size=10), min_size=1, max_size=4))
def test_concatenating_adds_counts(parts: list[list[int]]) -> None:
    whole = LabelledImages.concatenate([made(labels) for labels in parts])
    assert len(whole) == sum(map(len, parts))
    assert whole.counts(5) == tuple(sum(labels.count(label) for labels in parts) for label in range(5))
    assert whole.labels.tolist() == [label for labels in parts for label in labels]


def test_images_of_two_sizes_cannot_be_one_set() -> None:
    with pytest.raises(ValueError):
        LabelledImages.concatenate([made([0], size=2), made([0], size=3)])
