"""Labelled images: uint8, NHWC, RGB."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from suite.images.labelled import LabelledImages


def images_with(labels: list[int], size: int = 2) -> LabelledImages:
    """Return images whose pixels all equal the index of the image."""
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
def test_other_formats_are_refused(images: np.ndarray, labels: np.ndarray) -> None:
    with pytest.raises(ValueError, match="must be"):
        LabelledImages(images, labels)


@given(st.lists(st.integers(0, 4), min_size=1, max_size=30), st.data())
def test_take_keeps_image_and_label_together(labels: list[int], data: st.DataObject) -> None:
    images = images_with(labels)
    indices = np.array(data.draw(st.lists(st.integers(0, len(labels) - 1), max_size=40)), dtype=np.int64)
    taken = images.take(indices)
    assert taken.images[:, 0, 0, 0].tolist() == indices.tolist()
    assert taken.labels.tolist() == [labels[index] for index in indices]


@given(st.lists(st.lists(st.integers(0, 4), max_size=10), min_size=1, max_size=4))
def test_concatenate_adds_counts(parts: list[list[int]]) -> None:
    whole = LabelledImages.concatenate([images_with(labels) for labels in parts])
    assert len(whole) == sum(map(len, parts))
    assert whole.counts(5) == tuple(sum(labels.count(label) for labels in parts) for label in range(5))
    assert whole.labels.tolist() == [label for labels in parts for label in labels]


@pytest.mark.parametrize(
    ("second_class", "problem"),
    [
        ([[1, 2, 3], [1, 2, 3]], "all 2 images of class 1 are the same"),
        ([[5, 5, 5], [6, 6, 6]], "all 2 images of class 1 have a single colour"),
        ([[1, 2, 3], [1, 2, 4]], ""),
        ([[1, 2, 3]], ""),
    ],
)
def test_a_degenerate_class_is_found(second_class: list[list[int]], problem: str) -> None:
    rows = np.array([[1, 2, 3], [4, 5, 6], *second_class], dtype=np.uint8)
    images = np.repeat(rows[:, None, :, None], 3, axis=3)
    labels = np.array([0, 0] + [1] * len(second_class), dtype=np.int64)
    assert LabelledImages(images, labels).find_degenerate_class() == problem


def test_images_of_different_sizes_cannot_be_concatenated() -> None:
    with pytest.raises(ValueError):
        LabelledImages.concatenate([images_with([0], size=2), images_with([0], size=3)])
