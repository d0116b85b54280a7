"""Training a classifier: its speed as a share of the machine's matrix rate, and against a bare training loop."""

import shutil
from collections.abc import Callable
from typing import Any

import pytest
from noise import Noise

from suite.artifacts import BuildContext, DataPaths, Store
from suite.classifiers.network import TrainedNetwork
from suite.classifiers.plugins.resnet18 import ResNet18, ResNet18Settings
from suite.engines.build import build
from suite.planning.profiles import load_profile

STEPS = 20


def recipe(profile: str, steps: int) -> TrainedNetwork:
    """Return a classifier with a profile's network, batch and augmentation, trained on noise.

    Args:
        profile: Name of the profile.
        steps: Number of optimiser steps.

    Returns:
        The recipe.
    """
    budget = load_profile(profile).base
    settings = ResNet18Settings(**budget.classifier["resnet18"], steps=steps)
    images = Noise(per_class=(max(200, settings.batch_size),) * 10, size=budget.data.image_size)
    return TrainedNetwork(
        network="resnet18",
        size=budget.data.image_size,
        training_set=images,
        classes=10,
        settings=settings,
        seed=0,
        compute=budget.compute,
    )


@pytest.mark.benchmark(group="classifier training, profile cpu")
def test_the_loop_of_the_suite(benchmark: Any, store: Store, matrix_rate: float, flops: Callable[..., int]) -> None:
    classifier = recipe("cpu", STEPS)
    build(store, classifier.training_set)
    classifier.compute.apply()

    def run() -> None:
        # a checkpoint would shorten the next round
        shutil.rmtree(store.root / "tmp" / classifier.key, ignore_errors=True)
        classifier.build(BuildContext(store, classifier, device="cpu", data_paths=DataPaths()))

    benchmark.pedantic(run, rounds=5, warmup_rounds=1)
    _report(benchmark, flops(run), matrix_rate)


@pytest.mark.benchmark(group="classifier training, profile cpu")
def test_a_bare_loop(benchmark: Any, matrix_rate: float, flops: Callable[..., int]) -> None:
    """The same network on one batch in memory: no data loading, no augmentation, no checkpoint or history."""
    import torch

    budget = load_profile("cpu").base
    settings = ResNet18Settings(**budget.classifier["resnet18"])
    torch.set_num_threads(budget.compute.threads)
    network = budget.compute.format(ResNet18().make(10, settings)).train()
    optimiser = torch.optim.SGD(network.parameters(), lr=1e-3, momentum=0.9, nesterov=True)
    size = budget.data.image_size
    images = budget.compute.layout(torch.randn(settings.batch_size, 3, size, size))
    labels = torch.randint(10, (settings.batch_size,))

    def run() -> None:
        for _ in range(STEPS):
            optimiser.zero_grad()
            torch.nn.functional.cross_entropy(network(images), labels).backward()
            optimiser.step()

    benchmark.pedantic(run, rounds=5, warmup_rounds=1)
    _report(benchmark, flops(run), matrix_rate)


def _report(benchmark: Any, operations: int, matrix_rate: float) -> None:
    rate = operations / benchmark.stats.stats.median
    benchmark.extra_info.update(
        gflops=round(rate / 1e9, 1), matrix_gflops=round(matrix_rate / 1e9, 1), share=round(rate / matrix_rate, 3)
    )
    print(f"\n{rate / 1e9:.1f} of {matrix_rate / 1e9:.1f} GFLOP/s: {rate / matrix_rate:.0%} of the matrix rate")
