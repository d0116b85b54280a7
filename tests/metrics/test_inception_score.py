"""The Inception Score: range, splits and seed."""

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


def test_a_perfect_generator_scores_the_number_of_classes():
    confident = np.eye(10, dtype=np.float32)[np.arange(1000) % 10] * 100
    assert inception_score(confident, 1, seed=0)[0] == pytest.approx(10)


def test_a_generator_of_one_class_scores_one():
    confident = np.eye(10, dtype=np.float32)[np.zeros(1000, int)] * 100
    assert inception_score(confident, 1, seed=0)[0] == pytest.approx(1)


@pytest.mark.parametrize(("count", "splits"), [(10, 1), (999, 1), (1000, 2), (4999, 9), (5000, 10), (50_000, 10)])
def test_a_split_has_at_least_500_images(count, splits):
    assert splits_for(count) == splits


def test_small_splits_lower_the_score_of_a_perfect_generator():
    confident = np.eye(10, dtype=np.float32)[np.arange(100) % 10] * 100
    assert inception_score(confident, 10, seed=0)[0] < 7
    assert inception_score(confident, splits_for(100), seed=0)[0] == pytest.approx(10)


def test_only_the_seed_changes_the_result():
    np.random.seed(1)  # noqa: NPY002 - global random state, which must not matter
    first = inception_score(logits(0), 3, seed=1)
    np.random.seed(2)  # noqa: NPY002
    assert inception_score(logits(0), 3, seed=1) == first
    assert inception_score(logits(0), 3, seed=2) != first


def test_one_split_does_not_depend_on_the_seed():
    assert inception_score(logits(0), 1, seed=1)[0] == pytest.approx(
        inception_score(logits(0), 1, seed=2)[0], rel=1e-12
    )


def test_more_splits_than_images_are_an_error():
    with pytest.raises(ValueError, match="5 images cannot be divided into 10 splits"):
        inception_score(logits(0, 5), 10, seed=0)
