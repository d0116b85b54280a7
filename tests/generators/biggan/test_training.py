from collections.abc import Callable

import pytest
import torch
from torch.nn import functional

from suite.artifacts import BuildContext, DataPaths, Store
from suite.engines.build import build_all
from suite.generators.biggan.recipes import TrainGan
from suite.generators.biggan.settings import WEIGHTS, GanTraining
from suite.generators.biggan.training import AdversarialTraining, rate_factor
from suite.generators.generator import Request


def tiny(**changes: object) -> GanTraining:
    base = {"bottom": 2, "channels": 4, "noise": 3, "embedding": 4, "batch_size": 4, "steps": 3, "ema": 0.5}
    return GanTraining.model_validate({**base, "generator_rate": 0.01, "discriminator_rate": 0.02, **changes})


@pytest.fixture
def training(request_for: Callable[..., Request]) -> Callable[..., TrainGan]:
    def make(**changes: object) -> TrainGan:
        asked = request_for(1, 1)
        return TrainGan(real=asked.real, classes=2, settings=tiny(**changes), seed=3, compute=asked.compute)

    return make


def duel_of(recipe: TrainGan, store: Store) -> AdversarialTraining:
    build_all(store, [recipe.real])
    return AdversarialTraining(recipe, BuildContext(store, recipe, device="cpu", data_paths=DataPaths()))


def test_three_steps_are_those_of_a_plain_loop(store: Store, training: Callable[..., TrainGan]) -> None:
    """Fresh gradients every turn, each network stepped by its own loss only, weights and statistics averaged.

    Biases before a batch normalisation have no gradient but rounding, which Adam makes a step of: same kernel, then.
    """
    recipe = training(discriminator_steps=2)
    plain = duel_of(recipe, store)
    generator, discriminator = plain.generator, plain.discriminator
    adams = {
        network: torch.optim.Adam(network.parameters(), betas=recipe.settings.betas, fused=True)
        for network in (generator, discriminator)
    }

    def descend(network: torch.nn.Module, loss: torch.Tensor, rate: float) -> None:
        weights = list(network.parameters())
        for weight, gradient in zip(weights, torch.autograd.grad(loss, weights), strict=True):
            weight.grad = gradient
        adams[network].param_groups[0]["lr"] = rate
        adams[network].step()

    averages: dict[str, torch.Tensor] = {}
    for step in range(3):
        factor = rate_factor(recipe.settings, step)
        for turn in (2 * step, 2 * step + 1):
            descend(discriminator, plain.discriminator_loss(turn), 0.02 * factor)
        descend(generator, plain.generator_loss(step), 0.01 * factor)
        for name, value in generator.state_dict().items():
            averages[name] = (0.5 * averages.get(name, value) + 0.5 * value).clone()
    made = build_all(store, [recipe])[0].tensors(WEIGHTS)
    statistics = [name for name in made if name.endswith("running_mean")]
    assert len(statistics) == 5
    for name, expected in averages.items():
        if not name.endswith("num_batches_tracked"):
            torch.testing.assert_close(torch.from_numpy(made[name]), expected, rtol=1e-3, atol=1e-5)
    assert any(not torch.equal(generator.state_dict()[name], torch.from_numpy(made[name])) for name in statistics)


def test_the_losses_are_hinges(store: Store, training: Callable[..., TrainGan]) -> None:
    duel = duel_of(training(), store)
    seen: list[torch.Tensor] = []
    duel.discriminator.register_forward_hook(lambda _, __, scores: seen.append(scores.detach()))
    found = duel.discriminator_loss(0), duel.generator_loss(0)
    real, fake = seen[0].chunk(2)
    torch.testing.assert_close(found[0], functional.relu(1 - real).mean() + functional.relu(1 + fake).mean())
    torch.testing.assert_close(found[1], -seen[1].mean())


def test_one_batch_of_real_images_is_shown_with_its_labels(store: Store, training: Callable[..., TrainGan]) -> None:
    duel = duel_of(training(batch_size=6), store)
    shown: list[torch.Tensor] = []
    duel.discriminator.register_forward_pre_hook(lambda _, given: shown.extend(given))
    duel.discriminator_loss(5)
    images, labels = duel._batches(5)
    assert torch.equal(shown[0][:6], images)
    assert torch.equal(shown[1][:6], labels)
    assert len(shown[0]) == 12


def test_made_labels_are_as_frequent_as_the_real_ones(store: Store, training: Callable[..., TrainGan]) -> None:
    duel = duel_of(training(batch_size=400), store)
    duel._batches.labels = torch.tensor([0, 0, 0, 1])
    with torch.no_grad():
        _, labels = duel._make(0, "for the generator")
        _, others = duel._make(1, "for the generator")
    assert float(labels.float().mean()) == pytest.approx(0.25, abs=0.07)
    assert not torch.equal(labels, others)


def test_the_rates_stay_and_then_fall_linearly() -> None:
    settings = tiny(steps=100, decay_start=0.5, final_rate=0.05)
    factors = [rate_factor(settings, step) for step in range(101)]
    assert factors[:51] == [1.0] * 51
    assert factors[75] == pytest.approx(0.525)
    assert factors[100] == pytest.approx(0.05)
    assert rate_factor(tiny(steps=10, decay_start=1.0), 9) == 1.0
