from pathlib import Path
from typing import ClassVar

import pytest
import torch

from suite.artifacts import BuildContext, DataPaths, Recipe, Store
from suite.errors import Diverged
from suite.generators.sd.tiny.settings import StageSettings
from suite.generators.sd.tiny.stages import Stages, learning_rate


class Fitting(Recipe):
    """A recipe for the build context of a test."""

    step: ClassVar[str] = "fitting"
    version: ClassVar[int] = 1

    def build(self, context: BuildContext) -> None:
        raise NotImplementedError


STAGE = StageSettings(steps=40, batch_size=2, learning_rate=0.1)


def test_the_learning_rate_rises_to_its_peak_and_falls_to_zero() -> None:
    rates = [learning_rate(STAGE, step) for step in range(40)]
    assert max(rates) == pytest.approx(0.1, rel=0.01)
    assert rates.index(max(rates)) == 4
    assert rates[0] < 0.03
    assert rates[-1] < 1e-3
    assert rates[4:] == sorted(rates[4:], reverse=True)


def test_a_finished_stage_is_not_repeated(store: Store) -> None:
    steps: list[int] = []
    progress: list[tuple[int, int]] = []

    def run(name: str) -> torch.Tensor:
        torch.manual_seed(0)
        network = torch.nn.Linear(1, 1)
        stages = Stages(context, 80)

        def loss(step: int) -> torch.Tensor:
            steps.append(step)
            return (network.weight - 3).square().sum() + network.bias.square().sum()

        trained = stages.run(name, STAGE, network, loss)
        assert isinstance(trained, torch.nn.Linear)
        return trained.weight

    context = BuildContext(
        store,
        Fitting(),
        device="cpu",
        data_paths=DataPaths(),
        progress=lambda done, total: progress.append((done, total)),
    )
    first = run("one")
    assert 1.5 < float(first) < 3.5
    assert not first.requires_grad
    assert steps == list(range(40))
    assert progress[-1] == (40, 80)
    assert torch.equal(run("one"), first)
    assert len(steps) == 40, "the checkpoint of a finished stage has all steps"
    run("two")
    assert len(steps) == 80, "another stage has a separate checkpoint"


def test_averaged_weights_lag_behind_the_weights(store: Store) -> None:
    context = BuildContext(store, Fitting(), device="cpu", data_paths=DataPaths())
    network = torch.nn.Linear(1, 1)
    with torch.no_grad():
        network.weight.fill_(0)
    averaged = Stages(context, 40).run("one", STAGE, network, lambda _: (network.weight - 3).square().sum(), ema=0.99)
    assert isinstance(averaged, torch.nn.Linear)
    assert 0 < averaged.weight.item() < network.weight.item() - 0.5


def test_a_loss_that_is_not_finite_raises_an_error_with_the_name_of_the_stage(store: Store, tmp_path: Path) -> None:
    context = BuildContext(store, Fitting(), device="cpu", data_paths=DataPaths(cache=tmp_path))
    network = torch.nn.Linear(1, 1)
    with pytest.raises(Diverged, match="fitting, denoiser: the loss is nan by step 40"):
        Stages(context, 40).run("denoiser", STAGE, network, lambda _: network.weight.sum() * float("nan"))
