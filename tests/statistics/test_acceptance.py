"""Error rates and power of the verdict procedure, on simulated datasets.

Each test also shows what the procedure would do without the part that the test is about: it would fail.
"""

from functools import cache, partial

import numpy as np
import pytest
from scipy import stats
from simulated_datasets import (
    CELLS,
    CIFAR10,
    DOCUMENTED,
    IMAGENETTE,
    SCENARIOS,
    SYN,
    Arm,
    Scenario,
    decided,
    error_rate,
    final,
    outcomes,
    simulate,
    true_variance,
    worst_stop_rate,
)
from simulated_probes import DESIGNS, simulate_probes

from suite.statistics.comparison import compare
from suite.statistics.looks import LOOKS, cell_level
from suite.statistics.variance import seed_df
from suite.statistics.verdict import FUTILE, VERDICTS, Estimate, apply_rules, half_width, judge

DATASETS = 2000
SMALLEST_EFFECT = 1.0
PROMISE = 0.05 + 2 * np.sqrt(0.05 * 0.95 / DATASETS)  # 6.0 %: with the error of the simulation
DOCUMENTED_LIMIT = 0.08


@cache
def estimates(name: str) -> dict[int, Estimate]:
    """Return the estimates of a scenario, up to the last look for one of them."""
    return simulate({**SCENARIOS, **DOCUMENTED}[name], DATASETS, cap=32 if name == "CIFAR-10" else 20)


@pytest.mark.thorough
@pytest.mark.parametrize("effect", [0.0, SMALLEST_EFFECT, -SMALLEST_EFFECT])
@pytest.mark.parametrize("name", SCENARIOS)
def test_any_wrong_verdict_on_a_dataset(name: str, effect: float) -> None:
    found = outcomes(estimates(name), effect, SMALLEST_EFFECT)
    assert error_rate(found, effect, SMALLEST_EFFECT) <= PROMISE
    assert worst_stop_rate(found, effect, SMALLEST_EFFECT) <= PROMISE  # whatever made the run stop


@pytest.mark.thorough
@pytest.mark.parametrize("name", DOCUMENTED)
def test_assumptions_that_do_not_hold(name: str) -> None:
    for effect in (0.0, SMALLEST_EFFECT):
        assert worst_stop_rate(outcomes(estimates(name), effect, SMALLEST_EFFECT), effect, SMALLEST_EFFECT) <= (
            DOCUMENTED_LIMIT
        )


@pytest.mark.thorough
def test_looks_at_the_full_level_would_break_the_promise() -> None:
    undivided = partial(apply_rules, looks=1)
    found = outcomes(estimates("cells vary 4 times as much"), 0.0, SMALLEST_EFFECT, undivided)
    assert error_rate(found, 0.0, SMALLEST_EFFECT) > PROMISE


def test_tails_of_one_look_if_one_standard_deviation_is_four_times_the_other() -> None:
    """Seeds alone: the tail of SYN is at its level, where Welch's would be far above it."""
    trials, seeds, level = 2_000_000, 5, cell_level(CELLS, syn=True)
    rng = np.random.default_rng(0)
    org, case = (std**2 * rng.chisquare(seeds - 1, trials) / (seeds - 1) for std in (1.0, 4.0))
    difference = np.sqrt((1 + 16) / seeds) * rng.standard_normal(trials)

    def ratio(*, syn: bool) -> float:
        # the quantile at rounded degrees of freedom: within 1 % of the exact one, and much faster
        df, inverse = np.unique(np.round(seed_df(case, org, seeds, syn=syn), 2), return_inverse=True)
        half = half_width(Estimate(0.0, 1.0, df, 0.0), level)[inverse] * np.sqrt((org + case) / seeds)
        return float((np.abs(difference) > half).mean() / (level / len(LOOKS)))

    assert ratio(syn=True) < 1.15
    assert ratio(syn=False) > 1.4


@pytest.mark.parametrize("images", [2_000, 10_000])
@pytest.mark.parametrize("ratio", [1.5, 4.0])
def test_variance_is_unbiased(images: int, ratio: float) -> None:
    """The seed variance is a multiple of the answer noise, and the images vary little, so that both matter."""
    arm = Arm(np.sqrt(ratio / images) * 25.0, 8.0, 25.0)
    scenario = Scenario(images, arm, arm, arm)
    noise = 2 * arm.noise**2 / images
    for seeds, estimate in simulate(scenario, 500, cap=8).items():
        found = (estimate.seed_variance + estimate.image_variance).mean()
        true = true_variance(scenario, seeds)[0]
        assert found == pytest.approx(true, rel=0.1)
        assert found + noise / seeds > 1.1 * true, "the answer noise, if it were not subtracted"
        assert estimate.difference.var() == pytest.approx(true, rel=0.15)


@pytest.mark.parametrize(
    ("scenario", "cells", "effect", "least", "most_seeds"),
    [
        (CIFAR10, ~SYN, 0.0, 0.85, 9.5),
        (CIFAR10, ~SYN, 1.0, 0.85, 9.0),
        (CIFAR10, ~SYN, 2.0, 0.99, 6.0),
        (IMAGENETTE, ~SYN, 2.0, 0.97, 7.5),
        (CIFAR10, SYN, -15.0, 0.99, 5.5),
    ],
)
def test_power(scenario: Scenario, cells: np.ndarray, effect: float, least: float, most_seeds: float) -> None:
    found = outcomes(simulate(scenario, 1000, cap=12), effect, SMALLEST_EFFECT)
    share, seeds = decided(found, effect, SMALLEST_EFFECT, cells)
    assert share >= least
    assert seeds <= most_seeds


@pytest.mark.thorough
def test_binary_answers_agree_with_the_gaussian_model() -> None:
    """Right and wrong predictions, compared and judged one cell at a time, give the same variances and verdicts."""
    images, trials, smallest_effect, seed_std = 400, 400, 5.0, 2.0
    easy, hard, changed, effect = 0.93, 0.57, 0.1, 3.0
    rng = np.random.default_rng(0)
    verdicts, variances = [], []

    def answers(probability: np.ndarray) -> np.ndarray:
        shifted = probability + seed_std / 100 * rng.standard_normal((8, 1))
        return rng.random((8, images)) < shifted

    for _ in range(trials):
        is_easy, moves = rng.random(images) < 0.7, rng.random(images)
        to_other = np.where(is_easy, moves < changed / 0.7, moves < changed / 0.3)
        org = answers(np.where(is_easy, easy, hard))
        case = answers(np.where(is_easy ^ to_other, easy, hard) + effect / 100)
        labels = np.arange(images) % 4
        found = [compare(case[:seeds], org[:seeds], labels) for seeds in (5, 8)]
        verdicts.append(judge(found, cell_level(CELLS, syn=False), smallest_effect, syn=False))
        variances.append([(look.seed_variance, look.org_seed_variance, look.image_variance) for look in found])

    noise = 100 * np.sqrt(0.7 * easy * (1 - easy) + 0.3 * hard * (1 - hard))
    arm = Arm(np.sqrt(seed_std**2 + noise**2 / images), 100 * (easy - hard) * np.sqrt(changed), noise)
    gaussian = simulate(Scenario(images, arm, arm, arm), 1000, cap=8)
    for look, (seeds, estimate) in zip(np.moveaxis(np.array(variances), 1, 0), gaussian.items(), strict=True):
        assert look[:, :2].sum(axis=1).mean() / seeds == pytest.approx(estimate.seed_variance.mean(), rel=0.1)
        assert look[:, 2].mean() == pytest.approx(estimate.image_variance.mean(), rel=0.1)
    outcome, _ = final(outcomes(gaussian, effect, smallest_effect))
    for number, verdict in enumerate(VERDICTS):
        futile = number == FUTILE
        binary = np.mean([j.verdict is verdict and (j.cannot_show_less_than is not None) == futile for j in verdicts])
        share = (outcome[:, ~SYN] == number).mean()
        assert abs(binary - share) <= 3 * np.sqrt(share * (1 - share) / trials) + 0.01, (number, binary, share)


@pytest.mark.thorough
@pytest.mark.parametrize("name", DESIGNS)
def test_intervals_of_linear_probes(name: str) -> None:
    estimate, true = simulate_probes(DESIGNS[name], 1000)

    def missed(level: float, divided_by: int = 1) -> float:
        half = half_width(estimate._replace(seed_variance=estimate.seed_variance / divided_by), level, looks=1)
        return float((np.abs(estimate.difference - true) > half).mean())

    assert missed(0.05) <= 0.06
    assert missed(cell_level(CELLS, syn=False)) <= 0.025
    assert missed(0.05, divided_by=20) > 0.1
    assert missed(cell_level(CELLS, syn=False), divided_by=20) > 0.05


@pytest.mark.thorough
def test_one_generator_says_little_about_its_method() -> None:
    """With a deviation of half a point between trained generators, a verdict on one is often wrong about the method."""
    rng, level = np.random.default_rng(0), cell_level(CELLS, syn=False)
    one = rng.normal(0, 0.5, (DATASETS, 2 * CELLS))
    single = final(outcomes(estimates("CIFAR-10"), one, SMALLEST_EFFECT))[0][:, ~SYN]
    paired_arm = CIFAR10.mix._replace(seeds=float(np.hypot(CIFAR10.mix.seeds, 0.5)))
    paired = outcomes(simulate(Scenario(10_000, CIFAR10.org, paired_arm, CIFAR10.syn), 1000, 20), 0.0, 1.0)
    assert np.isin(final(paired)[0][:, ~SYN], (0, 1)).mean() <= level
    assert np.isin(single, (0, 1)).mean() > 2 * level


def test_level_is_that_of_students_t() -> None:
    """At one look with seed variance alone, the rules are Student's t test at the level of the look."""
    difference, variance, df = 1.0, np.geomspace(0.001, 1.0, 200), 8.0
    p = 2 * stats.t.sf(difference / np.sqrt(variance), df)
    helps = apply_rules(Estimate(difference, variance, df, 0.0), 0.05, 0.5) == 0
    assert helps.tolist() == (p < 0.05 / len(LOOKS)).tolist()
