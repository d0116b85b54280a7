"""Rank correlation: comparison with scipy, and validity with few cells."""

import numpy as np
import pytest
from scipy import stats

from suite.statistics.correlation import rank_correlation


def test_agrees_with_scipy_with_and_without_ties() -> None:
    rng = np.random.default_rng(0)
    for metric in (rng.normal(size=15), rng.integers(0, 5, 15).astype(float)):
        usefulness = metric + rng.normal(size=15)
        found = rank_correlation(metric.tolist(), usefulness.tolist(), alpha=0.05, seed=0)
        assert found.spearman == pytest.approx(stats.spearmanr(metric, usefulness).statistic)
        assert found.kendall == pytest.approx(stats.kendalltau(metric, usefulness).statistic)
        assert found.interval[0] < found.spearman < found.interval[1]
        assert found.p == pytest.approx(stats.spearmanr(metric, usefulness).pvalue, abs=0.02)


def test_p_value_is_exact_for_few_cells() -> None:
    """Of the 24 orders of four cells, one has a correlation of 1 and one of -1."""
    found = rank_correlation([1, 2, 3, 4], [10, 20, 30, 40], alpha=0.05, seed=0)
    assert found.spearman == found.kendall == 1
    assert found.p == pytest.approx(2 / 24)
    assert found.interval[0] < 0
    assert found.interval[1] == 1


def test_negating_the_metric_negates_the_correlation() -> None:
    metric, usefulness = [3.0, 1.0, 4.0, 1.5, 9.0, 2.6], [2.0, 7.0, 1.0, 8.0, 2.8, 1.8]
    forward = rank_correlation(metric, usefulness, alpha=0.05, seed=0)
    reverse = rank_correlation([-value for value in metric], usefulness, alpha=0.05, seed=0)
    assert reverse.spearman == pytest.approx(-forward.spearman)
    assert reverse.interval == pytest.approx((-forward.interval[1], -forward.interval[0]))
    assert reverse.p == pytest.approx(forward.p)


def test_cells_without_both_values_do_not_count() -> None:
    metric = [1.0, None, 3.0, float("nan"), 5.0, 2.0, 8.0]
    usefulness = [1.0, 2.0, 3.0, 4.0, None, 2.5, 9.0]
    found = rank_correlation(metric, usefulness, alpha=0.05, seed=0)
    assert found.n == 4
    assert found.spearman == rank_correlation([1, 3, 2, 8], [1, 3, 2.5, 9], alpha=0.05, seed=0).spearman


@pytest.mark.parametrize(
    ("metric", "usefulness", "reason"),
    [
        ([], [], "0 cells"),
        ([1.0, 2.0, 3.0], [1.0, 2.0, 3.0], "3 cells"),
        ([1.0] * 6, [1.0, 2.0, 3.0, 4.0, 5.0, 6.0], "all 6 cells are tied"),
    ],
)
def test_an_undefined_correlation_has_a_reason(metric: list[float], usefulness: list[float], reason: str) -> None:
    found = rank_correlation(metric, usefulness, alpha=0.05, seed=0)
    assert found.spearman is found.interval is found.p is found.kendall is None
    assert reason in found.reason


@pytest.mark.parametrize("true", [0.0, 0.8])
@pytest.mark.parametrize("cells", [5, 12])
def test_interval_covers_the_true_correlation(true: float, cells: int) -> None:
    rng = np.random.default_rng(1)
    rho = 6 / np.pi * np.arcsin(true / 2)  # Spearman's rho of a bivariate normal
    covered = 0
    for _ in range(100):
        metric = rng.normal(size=cells)
        usefulness = true * metric + np.sqrt(1 - true**2) * rng.normal(size=cells)
        low, high = rank_correlation(metric.tolist(), usefulness.tolist(), alpha=0.05, seed=0).interval
        covered += low <= rho <= high
    assert covered >= 88
