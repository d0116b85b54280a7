"""Variance over seeds and over test images, compared with statsmodels and with definitions written out."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from suite.statistics.variance import (
    answer_noise,
    between_images,
    cluster_numbers,
    image_variance,
    seed_df,
    seed_variance,
    welch_df,
)


def answers(seeds: int, images: int, seed: int = 0) -> np.ndarray:
    rng = np.random.default_rng(seed)
    difficulty, skill = rng.uniform(0.2, 1.0, images), rng.normal(0, 0.05, (seeds, 1))
    return 100 * (rng.random((seeds, images)) < difficulty + skill).astype(np.int16)


def test_answer_noise_is_the_residual_mean_square_of_a_two_way_analysis() -> None:
    api = pytest.importorskip("statsmodels.api", reason="install statsmodels to compare with it")
    table = answers(4, 15)
    seed, image = (index.ravel() for index in np.indices(table.shape))
    factors = np.hstack([np.eye(4)[seed], np.eye(15)[image][:, 1:]])
    assert answer_noise(table) == pytest.approx(api.OLS(table.ravel(), factors).fit().mse_resid / 15)


@given(st.integers(2, 6), st.integers(2, 30), st.integers(0, 10**6))
def test_answer_noise_by_its_definition(seeds: int, images: int, seed: int) -> None:
    table = answers(seeds, images, seed).astype(float)
    residuals = table - table.mean(axis=0) - table.mean(axis=1, keepdims=True) + table.mean()
    expected = (residuals**2).sum() / ((seeds - 1) * (images - 1)) / images
    assert answer_noise(table) == pytest.approx(expected, abs=1e-8)
    assert answer_noise(np.stack([table, table[::-1]])) == pytest.approx([expected] * 2, abs=1e-8)


def test_answer_noise_is_zero_without_interaction() -> None:
    """Seeds that differ by as many points on every image have no answer noise; and it is never negative."""
    assert answer_noise(np.array([[0], [5], [7]]) + np.arange(9) / 3) == pytest.approx(0, abs=1e-10)
    assert answer_noise(np.full((3, 9), 0.1)) >= 0


def test_seed_variance_is_at_least_the_answer_noise() -> None:
    accuracies = np.array([[60.0, 61.0, 65.0], [60.0, 60.0, 60.0]])
    assert seed_variance(accuracies, np.array([0.5, 0.5])).tolist() == [7.0, 0.5]


def test_variance_between_images_is_the_squared_standard_error() -> None:
    means = answers(3, 50).mean(axis=0)
    assert between_images(means) == pytest.approx(stats.sem(means) ** 2)
    assert between_images(np.stack([means, 2 * means]))[1] == pytest.approx(4 * stats.sem(means) ** 2)


def test_variance_between_groups_is_the_cluster_robust_one() -> None:
    api = pytest.importorskip("statsmodels.api", reason="install statsmodels to compare with it")
    rng = np.random.default_rng(0)
    groups = np.concatenate([rng.integers(0, 12, 40), np.full(20, -1)])
    means = rng.normal(size=13)[groups] + rng.normal(size=60)
    clusters = np.where(groups < 0, 100 + np.arange(60), groups)
    fit = api.OLS(means, np.ones(60)).fit(cov_type="cluster", cov_kwds={"groups": clusters})
    count = len(np.unique(clusters))
    assert between_images(means, groups) == pytest.approx(fit.bse[0] ** 2, rel=1e-9)
    assert cluster_numbers(groups)[1] == count
    assert between_images(means, groups) > between_images(means)


@given(st.integers(2, 40), st.integers(0, 10**6))
def test_groups_of_one_image_are_no_groups(images: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    means = rng.normal(size=(2, images))
    for groups in (
        np.full(images, -1),
        rng.permutation(images),
        np.where(np.arange(images) % 2, -1, np.arange(images)),
    ):
        assert between_images(means, groups) == pytest.approx(between_images(means))


def test_whole_groups_of_copies_count_once() -> None:
    """If every image is there three times, the variance is that of the images without their copies."""
    means = np.random.default_rng(0).normal(size=20)
    tripled = between_images(np.repeat(means, 3), np.repeat(np.arange(20), 3))
    assert tripled == pytest.approx(between_images(means))


def test_image_variance_subtracts_the_answer_noise_and_adds_one_image() -> None:
    assert image_variance(0.5, 0.2, 200) == pytest.approx(0.3 + 0.25)
    assert image_variance(0.1, 0.2, 200) == 0.25


def test_welch_df_agrees_with_scipy() -> None:
    rng = np.random.default_rng(0)
    first, second = rng.normal(0, 1, 8), rng.normal(0, 3, 8)
    expected = stats.ttest_ind(first, second, equal_var=False).df
    assert welch_df(first.var(ddof=1), second.var(ddof=1), 8) == pytest.approx(expected)


@given(st.floats(0, 1e6), st.floats(0, 1e6), st.integers(2, 40))
def test_degrees_of_freedom_are_between_one_arm_and_both(first: float, second: float, seeds: int) -> None:
    df = float(welch_df(first, second, seeds))
    assert seeds - 1 - 1e-9 <= df <= 2 * (seeds - 1) + 1e-9
    assert seed_df(first, second, seeds, syn=True) == seeds - 1
    assert seed_df(first, second, seeds, syn=False) == df
