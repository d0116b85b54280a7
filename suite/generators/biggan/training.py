"""Training BigGAN: the hinge loss (arXiv 1705.02894), two Adams, averaged weights and buffers."""

import torch
from torch import nn
from torch.nn import functional

from suite.artifacts import BuildContext
from suite.artifacts.checkpoint import Checkpoint
from suite.generators.biggan.network import Discriminator, GanGenerator
from suite.generators.biggan.recipes import TrainGan
from suite.generators.biggan.settings import HISTORY, WEIGHTS, GanTraining
from suite.generators.biggan.shape import sizes
from suite.generators.common.averaging import moving_average
from suite.generators.common.losses import Losses
from suite.generators.common.minibatches import Minibatches
from suite.generators.common.resizing import resized
from suite.randomness import initialising, torch_generator


def train(recipe: TrainGan, context: BuildContext) -> None:
    """Train as ``recipe`` says, from the newest checkpoint on, and write the averaged generator and the history.

    Raises:
        Diverged: If a loss is not finite.
    """
    settings = recipe.settings
    duel = AdversarialTraining(recipe, context)
    losses = Losses(settings.steps, "generator's loss", "discriminator's loss")
    losses.to(context.device)
    checkpoint = Checkpoint(context.scratch, losses=losses, **duel.state)
    for step in range(checkpoint.restore(), settings.steps):
        losses.add(step, *duel.play(step), who=recipe.label)
        checkpoint.offer(step + 1)
        context.progress(step + 1, settings.steps)
    averaged = duel.average.module.state_dict()
    context.write_tensors(WEIGHTS, {name: value.cpu().numpy() for name, value in averaged.items()})
    history = {
        "losses": losses.curves(),
        "steps": settings.steps,
        "images_seen": settings.steps * settings.discriminator_steps * settings.batch_size,
        "parameters": {"generator": _size(duel.generator), "discriminator": _size(duel.discriminator)},
    }
    context.write_json(HISTORY, history)


def rate_factor(settings: GanTraining, step: int) -> float:
    """Return what share of the learning rates step ``step`` has: all, then linearly down to ``final_rate``."""
    start = settings.decay_start * settings.steps
    if step <= start:
        return 1.0
    return 1.0 - (1.0 - settings.final_rate) * (step - start) / (settings.steps - start)


class AdversarialTraining:
    """The two networks and their optimisers; every draw is a function of the step."""

    def __init__(self, recipe: TrainGan, context: BuildContext) -> None:
        settings = recipe.settings
        real = recipe.real.open(context.store)
        size = sizes(settings, settings.size or real.images.shape[1])[-1]
        self._recipe = recipe
        self._device = context.device
        self._batches = Minibatches(
            resized(real, size),
            batch_size=settings.batch_size,
            seed=recipe.seed,
            flip=settings.flip,
            device=context.device,
        )
        with initialising(recipe.seed, "initial weights"):
            self.generator = GanGenerator(settings, recipe.classes, size)
            self.discriminator = Discriminator(settings, recipe.classes, size)
        self.generator.to(context.device)
        self.discriminator.to(context.device)
        self.average = moving_average(self.generator, settings.ema)
        recipe.compute.format(self.generator)
        recipe.compute.format(self.discriminator)
        self._generator_adam = torch.optim.Adam(self.generator.parameters(), betas=settings.betas, fused=True)
        self._discriminator_adam = torch.optim.Adam(self.discriminator.parameters(), betas=settings.betas, fused=True)

    @property
    def state(self) -> dict[str, nn.Module | torch.optim.Optimizer]:
        """All that a checkpoint must keep."""
        return {
            "generator": self.generator,
            "discriminator": self.discriminator,
            "average": self.average,
            "generator_adam": self._generator_adam,
            "discriminator_adam": self._discriminator_adam,
        }

    def play(self, step: int) -> tuple[torch.Tensor, torch.Tensor]:
        """Take the discriminator's steps, then the generator's; return the generator's and discriminator's loss."""
        settings = self._recipe.settings
        factor = rate_factor(settings, step)
        for turn in range(settings.discriminator_steps):
            discriminator_loss = self.discriminator_loss(step * settings.discriminator_steps + turn)
            _descend(
                self._discriminator_adam, self.discriminator, discriminator_loss, settings.discriminator_rate * factor
            )
        generator_loss = self.generator_loss(step)
        _descend(self._generator_adam, self.generator, generator_loss, settings.generator_rate * factor)
        self.average.update_parameters(self.generator)
        return generator_loss, discriminator_loss

    def discriminator_loss(self, turn: int) -> torch.Tensor:
        """Return the hinge loss on one batch of real and one of generated images, a scalar."""
        images, labels = self._batches(turn)
        with self._recipe.compute.autocast(self._device):
            with torch.no_grad():
                made, made_labels = self._make(turn, "for the discriminator")
            scores = self.discriminator(torch.cat([images, made]), torch.cat([labels, made_labels]))
        real, fake = scores.float().chunk(2)
        return functional.relu(1 - real).mean() + functional.relu(1 + fake).mean()

    def generator_loss(self, step: int) -> torch.Tensor:
        """Return how little the discriminator is taken in by one generated batch, a scalar."""
        with self._recipe.compute.autocast(self._device):
            scores = self.discriminator(*self._make(step, "for the generator"))
        return torch.neg(scores.float().mean())

    def _make(self, step: int, purpose: str) -> tuple[torch.Tensor, torch.Tensor]:
        """Generate a batch with labels as frequent as in the real images."""
        count, known = self._recipe.settings.batch_size, self._batches.labels
        random = torch_generator(self._recipe.seed, purpose, step)
        noise = torch.randn(count, self.generator.noise, generator=random).to(self._device)
        labels = known[torch.randint(len(known), (count,), generator=random).to(self._device)]
        return self.generator(noise, labels), labels


def _descend(adam: torch.optim.Optimizer, network: nn.Module, loss: torch.Tensor, rate: float) -> None:
    """Take one step on ``network`` alone: the other network gets no gradient from this loss."""
    for group in adam.param_groups:
        group["lr"] = rate
    adam.zero_grad()
    loss.backward(inputs=list(network.parameters()))  # type: ignore[no-untyped-call]
    adam.step()


def _size(network: nn.Module) -> int:
    return sum(weight.numel() for weight in network.parameters())
