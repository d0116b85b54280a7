from collections.abc import Callable

import pytest
import torch

from suite.artifacts import BuildContext, DataPaths, Store
from suite.engines.build import build_all
from suite.generators.cd.network import denoiser
from suite.generators.cd.recipes import TrainDiffusion
from suite.generators.cd.settings import HISTORY, WEIGHTS, DiffusionTraining
from suite.generators.cd.training import DenoisingLoss, learning_rate, train
from suite.generators.common.minibatches import Minibatches
from suite.generators.generator import Request
from suite.randomness import initialising


def tiny(steps: int, **changes: object) -> DiffusionTraining:
    base = {"channels": (4, 8), "layers": 1, "attention": (), "norm_groups": 2, "batch_size": 4, "warmup": 1}
    return DiffusionTraining.model_validate({**base, "steps": steps, "ema": 0.5, "learning_rate": 0.01, **changes})


@pytest.fixture
def training(request_for: Callable[..., Request]) -> Callable[..., TrainDiffusion]:
    def make(steps: int, **changes: object) -> TrainDiffusion:
        request = request_for(1, 1)
        return TrainDiffusion(
            real=request.real, classes=2, settings=tiny(steps, **changes), seed=3, compute=request.compute
        )

    return make


def loss_of(recipe: TrainDiffusion, store: Store) -> DenoisingLoss:
    settings = recipe.settings
    build_all(store, [recipe.real])
    real = recipe.real.open(store)
    batches = Minibatches(real, batch_size=settings.batch_size, seed=recipe.seed, flip=settings.flip, device="cpu")
    return DenoisingLoss(batches, settings, classes=recipe.classes, seed=recipe.seed, compute=recipe.compute)


def test_three_steps_equal_those_of_a_plain_loop(store: Store, training: Callable[..., TrainDiffusion]) -> None:
    """Cleared and clipped gradients, AdamW and averaged weights; the test fails if any of them is missing."""
    recipe = training(3, clip=0.5, weight_decay=0.1)
    loss = loss_of(recipe, store)
    with initialising(3, "initial weights"):
        network = denoiser(recipe.settings, 2)
    adam = torch.optim.AdamW(network.parameters(), weight_decay=0.1)
    averages: list[torch.Tensor] = []
    for step in range(3):
        weights = list(network.parameters())
        gradients = torch.autograd.grad(loss(network, step), weights)
        norm = torch.stack([gradient.norm() for gradient in gradients]).norm()
        for weight, gradient in zip(weights, gradients, strict=True):
            weight.grad = gradient * min(1.0, 0.5 / (float(norm) + 1e-6))
        adam.param_groups[0]["lr"] = learning_rate(recipe.settings, step)
        adam.step()
        updated = [weight.detach().clone() for weight in weights]
        averages = [0.5 * old + 0.5 * new for old, new in zip(averages, updated, strict=True)] if averages else updated
    trained = build_all(store, [recipe])[0].tensors(WEIGHTS)
    names = [name for name, _ in network.named_parameters()]
    for name, expected in zip(names, averages, strict=True):
        torch.testing.assert_close(torch.from_numpy(trained[name]), expected, rtol=1e-4, atol=1e-6)


def test_the_learning_rate_warms_up_and_decays_to_zero() -> None:
    settings = tiny(100, warmup=10)
    rates = [learning_rate(settings, step) for step in range(100)]
    assert rates[0] == pytest.approx(0.001)
    assert max(rates) == rates[10] == pytest.approx(0.01)
    assert rates[55] == pytest.approx(0.005)
    assert 0 < rates[-1] < 1e-5


def test_a_training_may_be_shorter_than_its_warm_up(store: Store, training: Callable[..., TrainDiffusion]) -> None:
    assert build_all(store, [training(2, warmup=5)])[0].json(HISTORY)["steps"] == 2


@pytest.mark.parametrize("share", [0.0, 0.3])
def test_label_dropout_replaces_a_share_of_the_labels(
    store: Store, training: Callable[..., TrainDiffusion], share: float
) -> None:
    recipe = training(1, batch_size=500, label_dropout=share)
    arguments: list[torch.Tensor] = []

    class Recorder(torch.nn.Module):
        def forward(self, images: torch.Tensor, times: torch.Tensor, labels: torch.Tensor) -> object:
            arguments.extend((labels, times))
            return type("Output", (), {"sample": images * 0})

    loss_of(recipe, store)(Recorder(), 0)
    labels, times = arguments
    assert (labels == 2).float().mean() == pytest.approx(share, abs=0.06)
    assert set(labels.tolist()) - {2} == {0, 1}
    assert times.min() < 30
    assert times.max() > 970


@pytest.mark.parametrize("prediction", ["epsilon", "v_prediction"])
def test_a_perfect_prediction_has_no_loss(
    store: Store, training: Callable[..., TrainDiffusion], prediction: str
) -> None:
    """The perfect velocity is v = a e - s x for the noisy image a x + s e, with a^2 + s^2 = 1."""
    recipe = training(1, prediction=prediction)
    loss = loss_of(recipe, store)
    images, _ = loss._batches(0)
    alphas = loss._schedule.alphas_cumprod

    class Oracle(torch.nn.Module):
        def forward(self, noisy: torch.Tensor, times: torch.Tensor, labels: torch.Tensor) -> object:  # noqa: ARG002
            a, s = (part.sqrt()[:, None, None, None] for part in (alphas[times], 1 - alphas[times]))
            noise = (noisy - a * images) / s
            return type("Output", (), {"sample": noise if prediction == "epsilon" else a * noise - s * images})

    assert float(loss(Oracle(), 0)) < 1e-4


@pytest.mark.parametrize("prediction", ["epsilon", "v_prediction"])
def test_min_snr_weights_errors_of_the_image_estimate(
    store: Store, training: Callable[..., TrainDiffusion], prediction: str
) -> None:
    """An error d of the image estimate is an error of d a / s of the noise, or of d / s of the velocity."""
    recipe = training(1, prediction=prediction, batch_size=64, snr_limit=5.0)
    loss = loss_of(recipe, store)
    images, _ = loss._batches(0)
    alphas, ratios = loss._schedule.alphas_cumprod, []

    class Estimate(torch.nn.Module):
        def forward(self, noisy: torch.Tensor, times: torch.Tensor, labels: torch.Tensor) -> object:  # noqa: ARG002
            a, s = (part.sqrt()[:, None, None, None] for part in (alphas[times], 1 - alphas[times]))
            ratios.append(alphas[times] / (1 - alphas[times]))
            estimate = images + 0.1
            noise = (noisy - a * estimate) / s
            return type("Output", (), {"sample": noise if prediction == "epsilon" else a * noise - s * estimate})

    value = float(loss(Estimate(), 0))
    assert ratios[0].min() < 5 < ratios[0].max()
    assert value == pytest.approx(float((ratios[0].clamp(max=5.0) * 0.01).mean()), rel=1e-3)


def test_progress_is_reported_after_every_step(store: Store, training: Callable[..., TrainDiffusion]) -> None:
    recipe = training(3)
    build_all(store, [recipe.real])
    reported: list[tuple[int, int]] = []
    context = BuildContext(
        store, recipe, device="cpu", data_paths=DataPaths(), progress=lambda *progress: reported.append(progress)
    )
    train(
        context,
        recipe.real.open(store),
        classes=recipe.classes,
        settings=recipe.settings,
        seed=recipe.seed,
        compute=recipe.compute,
    )
    assert reported == [(1, 3), (2, 3), (3, 3)]
