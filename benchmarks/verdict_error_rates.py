"""Simulate how often verdicts are wrong, and how often and with how many seeds they are reached.

    python benchmarks/verdict_error_rates.py
    python benchmarks/verdict_error_rates.py --datasets 10000

Prints the tables of ``docs/statistics.md``; ``tests/statistics/test_acceptance.py`` asserts the same simulations.
Nothing is trained: ``tests/helpers/simulated_datasets.py`` draws the statistics of the comparisons.
"""

import argparse
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
from tabulate import tabulate

sys.path.insert(0, str(Path(__file__).parents[1] / "tests" / "helpers"))
from simulated_datasets import (
    CIFAR10,
    DOCUMENTED,
    SCENARIOS,
    SYN,
    Scenario,
    decided,
    final,
    outcomes,
    simulate,
    stopped,
    worst_stop_rate,
)
from simulated_probes import DESIGNS, simulate_probes

from suite.statistics.looks import cell_level
from suite.statistics.verdict import HELPS, HURTS, half_width

SMALLEST_EFFECT = 1.0  # percentage points, as in profile cpu
CAP = 12
GENERATOR_STD = 0.5


def main() -> None:
    """Run the simulations and print the tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--datasets", type=int, default=2000, help="simulated datasets of each row (default: 2,000)")
    datasets = parser.parse_args().datasets
    effects = "no effect", f"+{SMALLEST_EFFECT:g} point", f"-{SMALLEST_EFFECT:g} point"
    _print("Datasets with any wrong verdict, %, whatever stopped them", ("scenario", *effects), _errors(datasets))
    powers = [f"{effect:g} points" for effect in (0, 1, 2, 5, 15)]
    _print("Correctly decided, %; mean seeds; stopped, %", ("cells", *powers), _power(datasets))
    _print("Cells with a wrong verdict about the method, %", ("seeds", "wrong"), _generators(datasets))
    _print("Linear probe: intervals that miss, %", ("design", "at 5 %", "at 1.33 %", "divided by 20"), _probes())


def _print(title: str, headers: tuple[str, ...], rows: Iterator[tuple[str | float, ...]]) -> None:
    print(f"{title}\n\n{tabulate(rows, headers, tablefmt='github', floatfmt='.1f')}\n", flush=True)


def _errors(datasets: int) -> Iterator[tuple[str | float, ...]]:
    for name, scenario in {**SCENARIOS, **DOCUMENTED}.items():
        estimates = simulate(scenario, datasets, cap=32)
        yield (
            name,
            *(
                100 * worst_stop_rate(outcomes(estimates, effect, SMALLEST_EFFECT), effect, SMALLEST_EFFECT)
                for effect in (0.0, SMALLEST_EFFECT, -SMALLEST_EFFECT)
            ),
        )


def _power(datasets: int) -> Iterator[tuple[str, ...]]:
    for name in ("CIFAR-10", "Imagenette", "melanoma"):
        estimates = simulate(SCENARIOS[name], datasets, CAP)
        for mode, cells in (("MIX", ~SYN), ("SYN", SYN)):
            row = []
            for effect in (0.0, 1.0, 2.0, 5.0, 15.0):
                found = outcomes(estimates, effect, SMALLEST_EFFECT)
                share, seeds = decided(found, effect, SMALLEST_EFFECT, cells)
                row.append(f"{100 * share:.0f}; {seeds:.1f}; {100 * stopped(found, cells):.0f}")
            yield (f"{name} {mode}", *row)


def _generators(datasets: int) -> Iterator[tuple[str, float]]:
    """MIX cells of CIFAR-10, with a standard deviation of half a point between trained generators."""

    def wrong(scenario: Scenario, effect: float | np.ndarray) -> float:
        found = final(outcomes(simulate(scenario, datasets, CAP), effect, SMALLEST_EFFECT))[0]
        return 100 * float(np.isin(found[:, ~SYN], (HELPS, HURTS)).mean())

    paired = CIFAR10.mix._replace(seeds=float(np.hypot(CIFAR10.mix.seeds, GENERATOR_STD)))
    yield "a generator for every classifier seed", wrong(replace(CIFAR10, mix=paired), 0.0)
    one = np.random.default_rng(0).normal(0, GENERATOR_STD, (datasets, len(SYN)))
    yield "one generator for all", wrong(CIFAR10, one)


def _probes() -> Iterator[tuple[str | float, ...]]:
    for name, design in DESIGNS.items():
        estimate, true = simulate_probes(design, 1000)
        row: list[float] = []
        for level, divided_by in ((0.05, 1), (cell_level(3, syn=False), 1), (0.05, 20)):
            half = half_width(estimate._replace(seed_variance=estimate.seed_variance / divided_by), level, looks=1)
            row.append(100 * float((np.abs(estimate.difference - true) > half).mean()))
        yield name, *row


if __name__ == "__main__":
    main()
