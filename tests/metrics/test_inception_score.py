"""The Inception Score: its range, its splits, and whose it is."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from suite.metrics.inception_score import inception_score, splits_for


def logits(seed, count=60, classes=10, scale=3.0):
    return (scale * np.random.default_rng(seed).standard_normal((count, classes))).astype(np.float32)


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 2**32 - 1), st.integers(2, 20), st.floats(0, 50), st.integers(1, 5))
def test_between_one_and_the_number_of_classes(seed, classes, scale, splits):
    value, std = inception_score(logits(seed, 40, classes, scale), splits, seed=0)
    assert 1 - 1e-9 <= value <= classes + 1e-9
    assert std >= 0


def test_a_perfect_generator_has_as_many_as_classes():
    sure = np.eye(10, dtype=np.float32)[np.arange(1000) % 10] * 100
    assert inception_score(sure, 1, seed=0)[0] == pytest.approx(10)


def test_a_generator_of_one_class_has_one():
    sure = np.eye(10, dtype=np.float32)[np.zeros(1000, int)] * 100
    assert inception_score(sure, 1, seed=0)[0] == pytest.approx(1)


@pytest.mark.parametrize(("count", "splits"), [(10, 1), (999, 1), (1000, 2), (4999, 9), (5000, 10), (50_000, 10)])
def test_no_split_holds_fewer_than_five_hundred(count, splits):
    assert splits_for(count) == splits


def test_small_splits_would_cheat_a_perfect_generator():
    sure = np.eye(10, dtype=np.float32)[np.arange(100) % 10] * 100
    assert inception_score(sure, 10, seed=0)[0] < 7
    assert inception_score(sure, splits_for(100), seed=0)[0] == pytest.approx(10)


def test_seeded_and_nothing_else():
    np.random.seed(1)  # noqa: NPY002 - the global state that must not matter
    first = inception_score(logits(0), 3, seed=1)
    np.random.seed(2)  # noqa: NPY002
    assert inception_score(logits(0), 3, seed=1) == first
    assert inception_score(logits(0), 3, seed=2) != first


def test_one_split_needs_no_seed():
    assert inception_score(logits(0), 1, seed=1)[0] == pytest.approx(
        inception_score(logits(0), 1, seed=2)[0], rel=1e-12
    )


def test_more_splits_than_images_is_an_error_not_a_nan():
    with pytest.raises(ValueError, match="5 images cannot be cut into 10 splits"):
        inception_score(logits(0, 5), 10, seed=0)
