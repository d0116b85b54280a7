"""Training of BigGAN: hinge loss (arXiv 1705.02894), two Adam optimisers, averaged weights and buffers."""

import torch
from torch import nn
from torch.nn import functional

from suite.artifacts import BuildContext
from suite.artifacts.checkpoint import Checkpoint
from suite.compute import Compute
from suite.devices import to_device
from suite.generators.biggan.augmentation import augment
from suite.generators.biggan.network import Discriminator, GanGenerator
from suite.generators.biggan.settings import HISTORY, WEIGHTS, GanTraining
from suite.generators.biggan.shape import image_size
from suite.generators.common.averaging import moving_average
from suite.generators.common.losses import Losses
from suite.generators.common.minibatches import Minibatches
from suite.images.labelled import LabelledImages
from suite.images.resizing import resize_images
from suite.randomness import initialising, torch_generator


def train(
    context: BuildContext,
    real: LabelledImages,
    *,
    classes: int,
    settings: GanTraining,
    seed: int,
    compute: Compute,
) -> None:
    """Train both networks from the latest checkpoint on, and write the averaged generator and the history.

    Args:
        context: Build context that receives the files.
        real: Training images.
        classes: Number of classes.
        settings: Settings of the networks and their training.
        seed: Seed of the initial weights and of the training.
        compute: Precision, memory format and threads.

    Raises:
        Diverged: If a loss is not finite or too large.
    """
    training = AdversarialTraining(
        real, classes=classes, settings=settings, seed=seed, compute=compute, device=context.device
    )
    losses = Losses(settings.steps, "generator's loss", "discriminator's loss")
    losses.to(context.device)
    checkpoint = Checkpoint(context.scratch, losses=losses, **training.state)
    for step in range(checkpoint.restore(), settings.steps):
        losses.add(step, *training.train_step(step), label=context.recipe.label)
        checkpoint.offer(step + 1)
        context.progress(step + 1, settings.steps)
    averaged = training.average.module.state_dict()
    context.write_tensors(WEIGHTS, {name: value.cpu().numpy() for name, value in averaged.items()})
    history = {
        "losses": losses.curves(),
        "steps": settings.steps,
        "images_seen": settings.steps * settings.discriminator_steps * settings.batch_size,
        "parameters": {
            "generator": _parameter_count(training.generator),
            "discriminator": _parameter_count(training.discriminator),
        },
    }
    context.write_json(HISTORY, history)


def rate_factor(settings: GanTraining, step: int) -> float:
    """Return the factor of the learning rates: 1 up to ``decay_start``, then a linear decay to ``final_rate``.

    Args:
        settings: Settings of the training.
        step: Number of the step, from 0.
    """
    start = settings.decay_start * settings.steps
    if step <= start:
        return 1.0
    return 1.0 - (1.0 - settings.final_rate) * (step - start) / (settings.steps - start)


class AdversarialTraining:
    """Both networks with their optimisers. All random numbers depend only on the seed and the step number.

    Args:
        real: Training images.
        classes: Number of classes.
        settings: Settings of the networks and their training.
        seed: Seed of the initial weights and of the training.
        compute: Precision, memory format and threads.
        device: Name of the torch device.

    Attributes:
        generator: Generator network in training.
        discriminator: Discriminator network in training.
        average: Exponential moving average of the generator.
    """

    def __init__(
        self,
        real: LabelledImages,
        *,
        classes: int,
        settings: GanTraining,
        seed: int,
        compute: Compute,
        device: str,
    ) -> None:
        size = image_size(settings, settings.size or real.images.shape[1])
        self._settings = settings
        self._seed = seed
        self._compute = compute
        self._device = device
        self._batches = Minibatches(
            resize_images(real, size), batch_size=settings.batch_size, seed=seed, flip=settings.flip, device=device
        )
        with initialising(seed, "initial weights"):
            self.generator = GanGenerator(settings, classes, size)
            self.discriminator = Discriminator(settings, classes, size)
        self.generator.to(device)
        self.discriminator.to(device)
        self.average = moving_average(self.generator, settings.ema)
        compute.format(self.generator)
        compute.format(self.discriminator)
        self._generator_adam = torch.optim.Adam(self.generator.parameters(), betas=settings.betas, fused=True)
        self._discriminator_adam = torch.optim.Adam(self.discriminator.parameters(), betas=settings.betas, fused=True)

    @property
    def state(self) -> dict[str, nn.Module | torch.optim.Optimizer]:
        """Modules and optimisers to save in a checkpoint, by name."""
        return {
            "generator": self.generator,
            "discriminator": self.discriminator,
            "average": self.average,
            "generator_adam": self._generator_adam,
            "discriminator_adam": self._discriminator_adam,
        }

    def train_step(self, step: int) -> tuple[torch.Tensor, torch.Tensor]:
        """Update the discriminator ``discriminator_steps`` times, then the generator once and its average.

        Args:
            step: Number of the generator's step, from 0.

        Returns:
            The generator's loss and the discriminator's last loss, scalar tensors.
        """
        settings = self._settings
        factor = rate_factor(settings, step)
        for index in range(settings.discriminator_steps):
            discriminator_loss = self.discriminator_loss(step * settings.discriminator_steps + index)
            _update(
                self._discriminator_adam, self.discriminator, discriminator_loss, settings.discriminator_rate * factor
            )
        generator_loss = self.generator_loss(step)
        _update(self._generator_adam, self.generator, generator_loss, settings.generator_rate * factor)
        self.average.update_parameters(self.generator)
        return generator_loss, discriminator_loss

    def discriminator_loss(self, step: int) -> torch.Tensor:
        """Return the discriminator's hinge loss, E[max(0, 1 - D(x, y))] + E[max(0, 1 + D(G(z), y))].

        Args:
            step: Number of the discriminator's step, from 0.
        """
        images, labels = self._batches(step)
        with self._compute.autocast(self._device):
            with torch.no_grad():
                generated, generated_labels = self._generate(step, "for the discriminator")
            inputs = self._augment(torch.cat([images, generated]), step, "augmentation for the discriminator")
            scores = self.discriminator(inputs, torch.cat([labels, generated_labels]))
        real_scores, generated_scores = scores.float().chunk(2)
        return functional.relu(1 - real_scores).mean() + functional.relu(1 + generated_scores).mean()

    def generator_loss(self, step: int) -> torch.Tensor:
        """Return the generator's hinge loss, -E[D(G(z), y)].

        Args:
            step: Number of the generator's step, from 0.
        """
        with self._compute.autocast(self._device):
            generated, labels = self._generate(step, "for the generator")
            scores = self.discriminator(self._augment(generated, step, "augmentation for the generator"), labels)
        return torch.neg(scores.float().mean())

    def _generate(self, step: int, stream: str) -> tuple[torch.Tensor, torch.Tensor]:
        """Generate a batch; its labels are drawn from those of the real images."""
        count, real_labels = self._settings.batch_size, self._batches.labels
        random = torch_generator(self._seed, stream, step)
        noise = to_device(torch.randn(count, self.generator.noise, generator=random), self._device)
        labels = real_labels[to_device(torch.randint(len(real_labels), (count,), generator=random), self._device)]
        return self.generator(noise, labels), labels

    def _augment(self, images: torch.Tensor, step: int, stream: str) -> torch.Tensor:
        return augment(images, self._settings.augment, torch_generator(self._seed, stream, step))


def _update(adam: torch.optim.Optimizer, network: nn.Module, loss: torch.Tensor, learning_rate: float) -> None:
    """Take one optimiser step on ``network``; the other network gets no gradients of this loss."""
    for group in adam.param_groups:
        group["lr"] = learning_rate
    adam.zero_grad()
    loss.backward(inputs=list(network.parameters()))  # type: ignore[no-untyped-call]
    adam.step()


def _parameter_count(network: nn.Module) -> int:
    return sum(weight.numel() for weight in network.parameters())
