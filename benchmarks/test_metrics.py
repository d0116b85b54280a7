"""Metrics: the Fréchet distance against torch-fidelity's, and all metrics against the feature pass that they need."""

from typing import Any

import numpy as np
import pytest
from noise import Noise

from suite.artifacts import Store
from suite.compute import Compute
from suite.engines.build import build, build_all
from suite.metrics.recipes import plan_fidelity

DIMENSIONS, IMAGES = 2048, 1000
MANY = 5000


@pytest.fixture(scope="module")
def features() -> tuple[np.ndarray, np.ndarray]:
    """Two sets of correlated features, float32 (1000, 2048) each."""
    random = np.random.default_rng(0)
    mixing = random.normal(size=(DIMENSIONS, DIMENSIONS)) / np.sqrt(DIMENSIONS)
    first, second = ((random.normal(size=(IMAGES, DIMENSIONS)) @ mixing).astype(np.float32) for _ in range(2))
    return first, second + np.float32(0.1)


@pytest.mark.benchmark(group=f"Fréchet distance, D={DIMENSIONS}, N={IMAGES}")
def test_frechet_of_the_suite(benchmark: Any, features: tuple[np.ndarray, np.ndarray]) -> None:
    from suite.metrics.frechet import fit_gaussian, frechet_distance

    Compute().apply()
    distance = benchmark.pedantic(lambda: frechet_distance(*map(fit_gaussian, features)), rounds=5, warmup_rounds=1)
    benchmark.extra_info["distance"] = distance


@pytest.mark.benchmark(group=f"Fréchet distance, D={DIMENSIONS}, N={IMAGES}")
def test_frechet_of_torch_fidelity(benchmark: Any, features: tuple[np.ndarray, np.ndarray]) -> None:
    import torch
    from torch_fidelity.metric_fid import fid_features_to_statistics, fid_statistics_to_metric

    Compute().apply()

    def run() -> float:
        first, second = (fid_features_to_statistics(torch.from_numpy(part.astype(np.float64))) for part in features)
        return float(fid_statistics_to_metric(first, second, False)["frechet_inception_distance"])

    benchmark.extra_info["distance"] = benchmark.pedantic(run, rounds=3, warmup_rounds=0)


def test_all_metrics_against_the_feature_pass(store: Store) -> None:
    """Print the ratio of (feature pass + statistics + metrics) to the feature pass; the reference is built before."""
    synthetic, reference = (Noise(per_class=(MANY // 10,) * 10, size=32, seed=seed) for seed in (0, 1))
    fidelity = plan_fidelity(synthetic, reference, "efficientnet-lite0", Compute(), natural=True)
    build_all(store, [fidelity.reference, synthetic])
    seconds = {}
    for recipe in (fidelity.synthetic.features, fidelity.synthetic, fidelity):
        artifact = build(store, recipe)
        assert artifact is not None
        seconds[recipe.step] = artifact.run["seconds"]
    ratio = sum(seconds.values()) / seconds["features"]
    print(f"\n{MANY} images: {seconds}, {ratio:.2f} times the feature pass alone")
