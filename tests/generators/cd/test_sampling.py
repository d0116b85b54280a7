from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch

from suite.compute import Compute
from suite.generators.cd.network import denoiser
from suite.generators.cd.sampling import Solver
from suite.generators.cd.settings import DiffusionSampling, DiffusionTraining
from suite.images.labelled import LabelledImages
from suite.randomness import initialising

TINY = {"channels": (4, 8), "layers": 1, "attention": (), "norm_groups": 2}


@pytest.fixture
def solver() -> Callable[..., Solver]:
    """Function that makes a solver with an untrained network of two classes."""

    def make(prediction: str = "v_prediction", **settings: Any) -> Solver:
        training = DiffusionTraining.model_validate({**TINY, "prediction": prediction})
        with initialising(0, "initial weights"):
            network = denoiser(training, 2)
        return Solver(
            network, training, DiffusionSampling(**settings), classes=2, size=8, compute=Compute(), device="cpu"
        )

    return make


def calls_of(solver: Solver) -> list[tuple[int, list[int]]]:
    calls: list[tuple[int, list[int]]] = []
    solver._network.register_forward_pre_hook(lambda _, inputs: calls.append((len(inputs[0]), inputs[2].tolist())))
    return calls


def draw(solver: Solver) -> torch.Tensor:
    return solver.draw(torch.tensor([0, 1]), [torch.Generator().manual_seed(seed) for seed in (0, 1)])


@pytest.mark.parametrize("name", ["dpm-solver++", "ddim", "ddpm"])
def test_each_step_is_one_forward_pass_and_guidance_doubles_its_batch(solver: Callable[..., Solver], name: str) -> None:
    plain, guided = solver(solver=name, steps=3), solver(solver=name, steps=3, guidance=1.5)
    plain_calls, guided_calls = calls_of(plain), calls_of(guided)
    draw(plain)
    draw(guided)
    assert plain_calls == [(2, [0, 1])] * 3
    assert guided_calls == [(4, [0, 1, 2, 2])] * 3
    assert plain._settings.evaluations == 3
    assert guided._settings.evaluations == 6


@pytest.mark.parametrize("name", ["dpm-solver++", "ddim", "ddpm"])
def test_a_small_strength_stays_near_the_images_of_the_class(solver: Callable[..., Solver], name: str) -> None:
    grey = np.repeat(np.array([40, 200], dtype=np.uint8), 3)[:, None, None, None] * np.ones((1, 8, 8, 3), np.uint8)
    real = LabelledImages(grey, np.repeat([0, 1], 3))
    distances = []
    for strength in (0.1, 0.3, 0.9):
        some = solver(solver=name, steps=20, strength=strength)
        calls = calls_of(some)
        generators = [torch.Generator().manual_seed(seed) for seed in (0, 1)]
        drawn = some.draw_from(some.starts(real), torch.tensor([0, 1]), generators)
        assert len(calls) == some._settings.evaluations == 20 * strength
        starts = torch.tensor([40, 200])[:, None, None, None] / 127.5 - 1
        distances.append(float((drawn - starts).abs().mean()))
    assert distances == sorted(distances)
    assert distances[0] < 0.2 < distances[-1]


def test_the_first_image_depends_only_on_its_own_generator(solver: Callable[..., Solver]) -> None:
    some = solver(steps=4, strength=0.5)
    images = torch.rand(10, 8, 8, 3, generator=torch.Generator().manual_seed(5)).mul(255).byte().numpy()
    starts = some.starts(LabelledImages(images, np.repeat([0, 1], 5)))
    pairs = [
        some.draw_from(starts, torch.tensor([0, 1]), [torch.Generator().manual_seed(seed) for seed in (0, other)])
        for other in (1, 2)
    ]
    assert torch.equal(pairs[0][0], pairs[1][0])
    assert not torch.equal(pairs[0][1], pairs[1][1])


def test_guidance_extrapolates_from_the_unconditional_prediction(solver: Callable[..., Solver]) -> None:
    images, labels = torch.randn(2, 3, 8, 8, generator=torch.Generator().manual_seed(0)), torch.tensor([0, 1])
    plain, guided = solver(), solver(guidance=3.0)
    with torch.no_grad():
        conditional = plain._predict(images, torch.tensor(500), labels)
        unconditional = plain._predict(images, torch.tensor(500), torch.tensor([2, 2]))
        prediction = guided._predict(images, torch.tensor(500), labels)
    assert not torch.equal(conditional, unconditional)
    torch.testing.assert_close(prediction, 3 * conditional - 2 * unconditional, rtol=1e-4, atol=1e-5)


TARGET = torch.linspace(-0.9, 0.9, 192).reshape(1, 3, 8, 8)


class Oracle(torch.nn.Module):
    """Predicts the same image from any noise, with a constant error."""

    def __init__(self, alphas: torch.Tensor, prediction: str, error: float) -> None:
        super().__init__()
        self._alphas, self._prediction, self._error = alphas, prediction, error
        self.largest = 0.0

    def forward(self, noisy: torch.Tensor, time: torch.Tensor, labels: torch.Tensor) -> object:  # noqa: ARG002
        self.largest = max(self.largest, float(noisy.square().mean()))
        a, s = self._alphas[int(time)].sqrt(), (1 - self._alphas[int(time)]).sqrt()
        noise = (noisy - a * TARGET) / s
        prediction = noise if self._prediction == "epsilon" else a * noise - s * TARGET
        return type("Output", (), {"sample": prediction + self._error})


@pytest.mark.parametrize("prediction", ["v_prediction", "epsilon"])
@pytest.mark.parametrize("name", ["dpm-solver++", "ddim", "ddpm"])
@pytest.mark.parametrize(("error", "distance"), [(0.0, 0.002), (0.01, 0.1)])
def test_every_solver_converges_to_the_image_that_the_network_predicts(
    solver: Callable[..., Solver], name: str, prediction: str, error: float, distance: float
) -> None:
    oracle_solver = solver(prediction, solver=name, steps=8)
    oracle_solver._network = oracle = Oracle(oracle_solver._scheduler.alphas_cumprod, prediction, error)
    torch.testing.assert_close(draw(oracle_solver), TARGET.expand(2, -1, -1, -1), rtol=0, atol=distance)
    assert oracle.largest < 1.5, "the network is trained on inputs of unit variance only"
