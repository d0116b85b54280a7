from collections.abc import Callable
from typing import Any

import pytest
import torch

from suite.artifacts import BuildContext, DataPaths, Store
from suite.engines.build import build_all
from suite.generators.cd.recipes import SampleDiffusion, TrainDiffusion
from suite.generators.cd.sampling import Solver
from suite.generators.cd.settings import DiffusionSampling, DiffusionTraining
from suite.generators.generator import Request


@pytest.fixture
def solver(store: Store, request_for: Callable[..., Request]) -> Callable[..., Solver]:
    """A solver over a network of two classes that has hardly been trained."""
    asked = request_for(1, 1)
    tiny = {"channels": (4, 8), "layers": 1, "attention": (), "norm_groups": 2, "batch_size": 4, "steps": 1}

    def make(prediction: str = "v_prediction", **settings: Any) -> Solver:
        training = DiffusionTraining.model_validate({**tiny, "prediction": prediction})
        trained = TrainDiffusion(real=asked.real, classes=2, settings=training, seed=0, compute=asked.compute)
        build_all(store, [trained])
        recipe = SampleDiffusion(
            trained=trained,
            size=8,
            per_class=(1, 1),
            settings=DiffusionSampling(**settings),
            seed=0,
            compute=asked.compute,
        )
        return Solver(recipe, BuildContext(store, recipe, device="cpu", data_paths=DataPaths()))

    return make


def calls_of(solver: Solver) -> list[tuple[int, list[int]]]:
    calls: list[tuple[int, list[int]]] = []
    solver._network.register_forward_pre_hook(lambda _, given: calls.append((len(given[0]), given[2].tolist())))
    return calls


def draw(solver: Solver) -> torch.Tensor:
    return solver.draw(torch.tensor([0, 1]), [torch.Generator().manual_seed(seed) for seed in (0, 1)])


@pytest.mark.parametrize("kind", ["dpm-solver++", "ddim", "ddpm"])
def test_each_step_is_one_pass_or_one_doubled_pass(solver: Callable[..., Solver], kind: str) -> None:
    plain, guided = solver(solver=kind, steps=3), solver(solver=kind, steps=3, guidance=1.5)
    plain_calls, guided_calls = calls_of(plain), calls_of(guided)
    draw(plain)
    draw(guided)
    assert plain_calls == [(2, [0, 1])] * 3
    assert guided_calls == [(4, [0, 1, 2, 2])] * 3
    assert plain._settings.evaluations == 3
    assert guided._settings.evaluations == 6


def test_guidance_goes_from_the_free_prediction_past_the_conditional_one(solver: Callable[..., Solver]) -> None:
    images, labels = torch.randn(2, 3, 8, 8, generator=torch.Generator().manual_seed(0)), torch.tensor([0, 1])
    plain, guiding = solver(), solver(guidance=3.0)
    with torch.no_grad():
        conditional = plain._predict(images, torch.tensor(500), labels)
        free = plain._predict(images, torch.tensor(500), torch.tensor([2, 2]))
        guided = guiding._predict(images, torch.tensor(500), labels)
    assert not torch.equal(conditional, free)
    torch.testing.assert_close(guided, 3 * conditional - 2 * free, rtol=1e-4, atol=1e-5)


GOAL = torch.linspace(-0.9, 0.9, 192).reshape(1, 3, 8, 8)


class Oracle(torch.nn.Module):
    """Sees one image behind all noise, and is wrong by a constant."""

    def __init__(self, alphas: torch.Tensor, prediction: str, error: float) -> None:
        super().__init__()
        self._alphas, self._prediction, self._error = alphas, prediction, error
        self.largest = 0.0

    def forward(self, noisy: torch.Tensor, time: torch.Tensor, labels: torch.Tensor) -> object:  # noqa: ARG002
        self.largest = max(self.largest, float(noisy.square().mean()))
        a, s = self._alphas[int(time)].sqrt(), (1 - self._alphas[int(time)]).sqrt()
        noise = (noisy - a * GOAL) / s
        answer = noise if self._prediction == "epsilon" else a * noise - s * GOAL
        return type("Output", (), {"sample": answer + self._error})


@pytest.mark.parametrize("prediction", ["v_prediction", "epsilon"])
@pytest.mark.parametrize("kind", ["dpm-solver++", "ddim", "ddpm"])
@pytest.mark.parametrize(("error", "distance"), [(0.0, 0.002), (0.01, 0.1)])
def test_every_solver_arrives_where_the_network_points(
    solver: Callable[..., Solver], kind: str, prediction: str, error: float, distance: float
) -> None:
    made = solver(prediction, solver=kind, steps=8)
    made._network = oracle = Oracle(made._scheduler.alphas_cumprod, prediction, error)
    torch.testing.assert_close(draw(made), GOAL.expand(2, -1, -1, -1), rtol=0, atol=distance)
    assert oracle.largest < 1.5, "the network was trained on unit variance and knows nothing else"
