from collections.abc import Callable

import pytest
import torch
from torch.nn import functional

from suite.artifacts import Store
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
        request = request_for(1, 1)
        return TrainGan(real=request.real, classes=2, settings=tiny(**changes), seed=3, compute=request.compute)

    return make


def adversarial_training(recipe: TrainGan, store: Store) -> AdversarialTraining:
    build_all(store, [recipe.real])
    return AdversarialTraining(
        recipe.real.open(store),
        classes=recipe.classes,
        settings=recipe.settings,
        seed=recipe.seed,
        compute=recipe.compute,
        device="cpu",
    )


def test_three_steps_equal_those_of_a_plain_loop(store: Store, training: Callable[..., TrainGan]) -> None:
    """Gradients are cleared, each network is updated by its own loss only, weights and statistics are averaged.

    The reference uses the fused Adam kernel too. Biases before a batch normalisation have no gradient except rounding
    errors, which Adam scales up to full steps, so that another kernel would give other biases.
    """
    recipe = training(discriminator_steps=2)
    reference = adversarial_training(recipe, store)
    generator, discriminator = reference.generator, reference.discriminator
    adams = {
        network: torch.optim.Adam(network.parameters(), betas=recipe.settings.betas, fused=True)
        for network in (generator, discriminator)
    }

    def update(network: torch.nn.Module, loss: torch.Tensor, rate: float) -> None:
        weights = list(network.parameters())
        for weight, gradient in zip(weights, torch.autograd.grad(loss, weights), strict=True):
            weight.grad = gradient
        adams[network].param_groups[0]["lr"] = rate
        adams[network].step()

    averages: dict[str, torch.Tensor] = {}
    for step in range(3):
        factor = rate_factor(recipe.settings, step)
        for discriminator_step in (2 * step, 2 * step + 1):
            update(discriminator, reference.discriminator_loss(discriminator_step), 0.02 * factor)
        update(generator, reference.generator_loss(step), 0.01 * factor)
        for name, value in generator.state_dict().items():
            averages[name] = (0.5 * averages.get(name, value) + 0.5 * value).clone()
    trained = build_all(store, [recipe])[0].tensors(WEIGHTS)
    statistics = [name for name in trained if name.endswith("running_mean")]
    assert len(statistics) == 5
    for name, expected in averages.items():
        if not name.endswith("num_batches_tracked"):
            torch.testing.assert_close(torch.from_numpy(trained[name]), expected, rtol=1e-3, atol=1e-5)
    assert any(not torch.equal(generator.state_dict()[name], torch.from_numpy(trained[name])) for name in statistics)


def test_the_losses_are_hinge_losses(store: Store, training: Callable[..., TrainGan]) -> None:
    adversarial = adversarial_training(training(), store)
    scores_of_calls: list[torch.Tensor] = []
    adversarial.discriminator.register_forward_hook(lambda _, __, scores: scores_of_calls.append(scores.detach()))
    discriminator_loss, generator_loss = adversarial.discriminator_loss(0), adversarial.generator_loss(0)
    real, generated = scores_of_calls[0].chunk(2)
    torch.testing.assert_close(
        discriminator_loss, functional.relu(1 - real).mean() + functional.relu(1 + generated).mean()
    )
    torch.testing.assert_close(generator_loss, -scores_of_calls[1].mean())


def test_the_discriminator_gets_one_batch_of_real_images_with_their_labels(
    store: Store, training: Callable[..., TrainGan]
) -> None:
    adversarial = adversarial_training(training(batch_size=6), store)
    inputs: list[torch.Tensor] = []
    adversarial.discriminator.register_forward_pre_hook(lambda _, arguments: inputs.extend(arguments))
    adversarial.discriminator_loss(5)
    images, labels = adversarial._batches(5)
    assert torch.equal(inputs[0][:6], images)
    assert torch.equal(inputs[1][:6], labels)
    assert len(inputs[0]) == 12


def test_real_and_generated_images_are_augmented_alike_in_the_steps_of_both_networks(
    store: Store, training: Callable[..., TrainGan]
) -> None:
    """A cutout covers an eighth to a quarter of an 8x8 image; no pixel of these images is exactly 0 otherwise."""
    adversarial = adversarial_training(training(batch_size=6, augment=["cutout"]), store)
    inputs: list[torch.Tensor] = []
    adversarial.discriminator.register_forward_pre_hook(lambda _, arguments: inputs.append(arguments[0].detach()))
    adversarial.discriminator_loss(5)
    adversarial.generator_loss(5)
    real, _ = adversarial._batches(5)
    seen_real, seen_generated, generated = inputs[0][:6], inputs[0][6:], inputs[1]
    for images in (seen_real, seen_generated, generated):
        removed = (images == 0).all(1).sum((1, 2))
        assert ((removed >= 4) & (removed <= 16)).all()
    assert torch.equal(seen_real, real * ~(seen_real == 0).all(1, keepdim=True))


@pytest.mark.parametrize("name", ["color", "translation", "cutout"])
def test_the_generator_learns_through_the_augmentation(
    store: Store, training: Callable[..., TrainGan], name: str
) -> None:
    adversarial = adversarial_training(training(augment=[name]), store)
    weights = list(adversarial.generator.parameters())
    gradients = torch.autograd.grad(adversarial.generator_loss(0), weights)
    plain = adversarial_training(training(), store)
    others = torch.autograd.grad(plain.generator_loss(0), list(plain.generator.parameters()))
    assert all(gradient.isfinite().all() for gradient in gradients)
    assert any(gradient.any() for gradient in gradients)
    assert not torch.equal(gradients[-1], others[-1])


def test_generated_labels_are_as_frequent_as_the_real_ones(store: Store, training: Callable[..., TrainGan]) -> None:
    adversarial = adversarial_training(training(batch_size=400), store)
    adversarial._batches.labels = torch.tensor([0, 0, 0, 1])
    with torch.no_grad():
        _, labels = adversarial._generate(0, "for the generator")
        _, others = adversarial._generate(1, "for the generator")
    assert float(labels.float().mean()) == pytest.approx(0.25, abs=0.07)
    assert not torch.equal(labels, others)


def test_the_learning_rates_are_constant_and_then_decay_linearly() -> None:
    settings = tiny(steps=100, decay_start=0.5, final_rate=0.05)
    factors = [rate_factor(settings, step) for step in range(101)]
    assert factors[:51] == [1.0] * 51
    assert factors[75] == pytest.approx(0.525)
    assert factors[100] == pytest.approx(0.05)
    assert rate_factor(tiny(steps=10, decay_start=1.0), 9) == 1.0
