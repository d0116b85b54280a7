"""Rank correlation: comparison with scipy, and validity with few generators."""

import numpy as np
import pytest
from scipy import stats

from suite.statistics.correlation import MIN_GENERATORS, rank_correlation


def test_agrees_with_scipy_with_and_without_ties() -> None:
    rng = np.random.default_rng(0)
    for metric in (rng.normal(size=15), rng.integers(0, 5, 15).astype(float)):
        usefulness = metric + rng.normal(size=15)
        found = rank_correlation(metric.tolist(), usefulness.tolist(), alpha=0.05, seed=0)
        assert found.spearman == pytest.approx(stats.spearmanr(metric, usefulness).statistic)
        assert found.kendall == pytest.approx(stats.kendalltau(metric, usefulness).statistic)
        assert found.interval[0] < found.spearman < found.interval[1]
        assert found.p == pytest.approx(stats.spearmanr(metric, usefulness).pvalue, abs=0.02)


def test_perfect_order_of_few_generators() -> None:
    """Of the 40,320 orders of eight generators, one has a correlation of 1 and one of -1."""
    values = [float(value) for value in range(8)]
    found = rank_correlation(values, [10 * value for value in values], alpha=0.05, seed=0)
    assert (found.spearman, found.kendall) == pytest.approx((1, 1))
    assert found.p <= 0.001
    assert 0 < found.interval[0] < 1
    assert found.interval[1] == 1


def test_negating_the_metric_negates_the_correlation() -> None:
    metric, usefulness = [3.0, 1.0, 4.0, 1.5, 9.0, 2.6, 5.0, 3.5], [2.0, 7.0, 1.0, 8.0, 2.8, 1.8, 4.0, 6.0]
    forward = rank_correlation(metric, usefulness, alpha=0.05, seed=0)
    reverse = rank_correlation([-value for value in metric], usefulness, alpha=0.05, seed=0)
    assert reverse.spearman == pytest.approx(-forward.spearman)
    assert reverse.interval == pytest.approx((-forward.interval[1], -forward.interval[0]))
    assert reverse.p == pytest.approx(forward.p, abs=0.01)


def test_generators_without_both_values_do_not_count() -> None:
    whole = [1.0, 3.0, 2.0, 8.0, 5.0, 4.0, 7.0, 6.0]
    usefulness = [1.0, 3.0, 2.5, 9.0, 4.0, 6.0, 5.0, 7.0]
    found = rank_correlation([None, float("nan"), 5.0, *whole], [2.0, 4.0, None, *usefulness], alpha=0.05, seed=0)
    assert found == rank_correlation(whole, usefulness, alpha=0.05, seed=0)
    assert found.n == MIN_GENERATORS == 8


@pytest.mark.parametrize(
    ("metric", "usefulness", "reason"),
    [
        ([], [], "0 generators have both values; a rank correlation needs 8"),
        ([1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0], [1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0], "7 generators have both values"),
        ([1.0] * 8, [1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0], "all 8 generators are tied"),
    ],
)
def test_an_undefined_correlation_has_a_reason(metric: list[float], usefulness: list[float], reason: str) -> None:
    found = rank_correlation(metric, usefulness, alpha=0.05, seed=0)
    assert found.spearman is found.interval is found.p is found.kendall is None
    assert reason in found.reason


@pytest.mark.parametrize("true", [0.0, 0.8])
@pytest.mark.parametrize("generators", [8, 12])
def test_interval_covers_the_true_correlation(true: float, generators: int) -> None:
    rng = np.random.default_rng(1)
    rho = 6 / np.pi * np.arcsin(true / 2)  # Spearman's rho of a bivariate normal
    covered = 0
    for _ in range(100):
        metric = rng.normal(size=generators)
        usefulness = true * metric + np.sqrt(1 - true**2) * rng.normal(size=generators)
        low, high = rank_correlation(metric.tolist(), usefulness.tolist(), alpha=0.05, seed=0).interval
        covered += low <= rho <= high
    assert covered >= 88
