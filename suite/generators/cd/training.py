"""Training the denoising network: Ho et al., arXiv 2006.11239, with labels dropped for guidance, arXiv 2207.12598."""

import math

import torch
from diffusers.schedulers.scheduling_ddpm import DDPMScheduler

from suite.artifacts import BuildContext
from suite.artifacts.checkpoint import Checkpoint
from suite.generators.cd.network import TIMESTEPS, denoiser, noise_schedule
from suite.generators.cd.recipes import TrainDiffusion
from suite.generators.cd.settings import HISTORY, WEIGHTS, DiffusionTraining
from suite.generators.common.averaging import moving_average
from suite.generators.common.losses import Losses
from suite.generators.common.minibatches import Minibatches
from suite.generators.common.resizing import resized
from suite.randomness import initialising, torch_generator


def train(recipe: TrainDiffusion, context: BuildContext) -> None:
    """Train as ``recipe`` says, from the newest checkpoint on, and write the averaged weights and the history.

    Raises:
        Diverged: If the loss is not finite.
    """
    settings = recipe.settings
    real = resized(recipe.real.open(context.store), settings.size)
    batches = Minibatches(
        real, batch_size=settings.batch_size, seed=recipe.seed, flip=settings.flip, device=context.device
    )
    with initialising(recipe.seed, "initial weights"):
        network = denoiser(settings, recipe.classes)
    network.to(context.device)
    average = moving_average(network, settings.ema)
    recipe.compute.format(network)
    optimiser = torch.optim.AdamW(network.parameters(), weight_decay=settings.weight_decay, fused=True)
    losses = Losses(settings.steps, "loss")
    losses.to(context.device)
    checkpoint = Checkpoint(context.scratch, network=network, average=average, optimiser=optimiser, losses=losses)
    task = Denoising(recipe, batches)
    for step in range(checkpoint.restore(), settings.steps):
        for group in optimiser.param_groups:
            group["lr"] = learning_rate(settings, step)
        loss = task.loss(network, step)
        optimiser.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        torch.nn.utils.clip_grad_norm_(network.parameters(), settings.clip)
        optimiser.step()
        average.update_parameters(network)
        losses.add(step, loss, who=recipe.label)
        checkpoint.offer(step + 1)
        context.progress(step + 1, settings.steps)
    context.write_tensors(WEIGHTS, {name: value.cpu().numpy() for name, value in average.module.state_dict().items()})
    history = {
        "losses": losses.curves(),
        "steps": settings.steps,
        "images_seen": settings.steps * settings.batch_size,
        "parameters": sum(weight.numel() for weight in network.parameters()),
    }
    context.write_json(HISTORY, history)


def learning_rate(settings: DiffusionTraining, step: int) -> float:
    """Return the learning rate of one step: linear up over the warm-up, then cosine down to 0 after the last step."""
    if step < settings.warmup:
        return settings.learning_rate * (step + 1) / settings.warmup
    share = (step - settings.warmup) / (settings.steps - settings.warmup)
    return settings.learning_rate * 0.5 * (1 + math.cos(math.pi * share))


class Denoising:
    """What the network is asked at each step: images, noise, noise levels and labels, all functions of the step."""

    def __init__(self, recipe: TrainDiffusion, batches: Minibatches) -> None:
        self._recipe = recipe
        self._batches = batches
        self._schedule = DDPMScheduler(**noise_schedule(recipe.settings))

    def loss(self, network: torch.nn.Module, step: int) -> torch.Tensor:
        """Return the mean squared error of the network's predictions for one minibatch, a scalar."""
        settings, seed = self._recipe.settings, self._recipe.seed
        images, labels = self._batches(step)
        device, count = images.device, len(images)
        noise = torch.randn(images.shape, generator=torch_generator(seed, "noise", step)).to(device)
        times = torch.randint(TIMESTEPS, (count,), generator=torch_generator(seed, "times", step)).to(device)
        dropped = torch.rand(count, generator=torch_generator(seed, "labels", step)) < settings.label_dropout
        labels = labels.masked_fill(dropped.to(device), self._recipe.classes)
        noisy = self._schedule.add_noise(images, noise, times)
        target = noise if settings.prediction == "epsilon" else self._schedule.get_velocity(images, noise, times)
        compute = self._recipe.compute
        with compute.autocast(device.type), compute.attention(device.type):
            prediction = network(noisy, times, labels).sample
        return torch.nn.functional.mse_loss(prediction.float(), target)
