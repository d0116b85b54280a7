from collections.abc import Callable
from typing import Any

import pytest
import torch

from suite.artifacts import Places, Store, Workbench
from suite.engines.build import build_all
from suite.generators.cd import DiffusionSampling, DiffusionTraining, SampleDiffusion, TrainDiffusion
from suite.generators.diffusion.sampling import Solver
from suite.generators.generator import Request


@pytest.fixture
def solver(store: Store, request_for: Callable[..., Request]) -> Callable[..., Solver]:
    """A solver over a network of two classes that has hardly been trained."""
    asked = request_for(1, 1)
    training = DiffusionTraining(channels=(4, 8), layers=1, attention=(), norm_groups=2, batch_size=4, steps=1)
    trained = TrainDiffusion(real=asked.real, classes=2, settings=training, seed=0, compute=asked.compute)
    build_all(store, [trained])

    def make(**settings: Any) -> Solver:
        recipe = SampleDiffusion(
            trained=trained,
            size=8,
            per_class=(1, 1),
            settings=DiffusionSampling(**settings),
            seed=0,
            compute=asked.compute,
        )
        return Solver(recipe, Workbench(store, recipe, device="cpu", places=Places()))

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
    with torch.no_grad():
        conditional = solver()._predict(images, torch.tensor(500), labels)
        free = solver()._predict(images, torch.tensor(500), torch.tensor([2, 2]))
        guided = solver(guidance=3.0)._predict(images, torch.tensor(500), labels)
    assert not torch.equal(conditional, free)
    torch.testing.assert_close(guided, 3 * conditional - 2 * free, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("kind", ["dpm-solver++", "ddim", "ddpm"])
def test_a_perfect_network_is_solved_exactly(solver: Callable[..., Solver], kind: str) -> None:
    """If the velocity always points to one image, every solver arrives at that image."""
    made = solver(solver=kind, steps=8)
    goal = torch.linspace(-0.9, 0.9, 192).reshape(1, 3, 8, 8)
    alphas = made._scheduler.alphas_cumprod

    class Oracle(torch.nn.Module):
        def forward(self, noisy: torch.Tensor, time: torch.Tensor, labels: torch.Tensor) -> object:  # noqa: ARG002
            a, s = alphas[int(time)].sqrt(), (1 - alphas[int(time)]).sqrt()
            return type("Output", (), {"sample": a * (noisy - a * goal) / s - s * goal})

    made._network = Oracle()
    torch.testing.assert_close(draw(made), goal.expand(2, -1, -1, -1), rtol=0, atol=2e-3)
