"""Training the denoising network: Ho et al., arXiv 2006.11239, with label dropout for guidance, arXiv 2207.12598."""

import math

import torch
from diffusers.schedulers.scheduling_ddpm import DDPMScheduler

from suite.artifacts import BuildContext
from suite.artifacts.checkpoint import Checkpoint
from suite.compute import Compute
from suite.devices import to_device
from suite.generators.cd.network import TIMESTEPS, denoiser, noise_schedule
from suite.generators.cd.settings import HISTORY, WEIGHTS, DiffusionTraining
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
    settings: DiffusionTraining,
    seed: int,
    compute: Compute,
) -> None:
    """Train the network from the latest checkpoint on, and write the averaged weights and the history.

    Args:
        context: Build context that receives the files.
        real: Training images.
        classes: Number of classes.
        settings: Settings of the network and its training.
        seed: Seed of the initial weights and of the training.
        compute: Precision, memory format and threads.

    Raises:
        Diverged: If the loss is not finite or too large.
    """
    batches = Minibatches(
        resize_images(real, settings.size),
        batch_size=settings.batch_size,
        seed=seed,
        flip=settings.flip,
        device=context.device,
    )
    with initialising(seed, "initial weights"):
        network = denoiser(settings, classes)
    network.to(context.device)
    average = moving_average(network, settings.ema)
    compute.format(network)
    optimiser = torch.optim.AdamW(network.parameters(), weight_decay=settings.weight_decay, fused=True)
    losses = Losses(settings.steps, "loss")
    losses.to(context.device)
    checkpoint = Checkpoint(context.scratch, network=network, average=average, optimiser=optimiser, losses=losses)
    loss_function = DenoisingLoss(batches, settings, classes=classes, seed=seed, compute=compute)
    for step in range(checkpoint.restore(), settings.steps):
        for group in optimiser.param_groups:
            group["lr"] = learning_rate(settings, step)
        loss = loss_function(network, step)
        optimiser.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        torch.nn.utils.clip_grad_norm_(network.parameters(), settings.clip)
        optimiser.step()
        average.update_parameters(network)
        losses.add(step, loss, label=context.recipe.label)
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
    """Return the learning rate of a step: linear warm-up, then cosine decay to 0 after the last step.

    Args:
        settings: Settings of the training.
        step: Number of the step, from 0.
    """
    if step < settings.warmup:
        return settings.learning_rate * (step + 1) / settings.warmup
    fraction = (step - settings.warmup) / (settings.steps - settings.warmup)
    return settings.learning_rate * 0.5 * (1 + math.cos(math.pi * fraction))


def min_snr_weights(alphas: torch.Tensor, limit: float, prediction: str) -> torch.Tensor:
    """Return the weight of each time step's squared error, (T,): min-SNR, Hang et al., arXiv 2303.09556.

    The error of the image estimate has the weight min(SNR, ``limit``); it is the error of the predicted noise divided
    by SNR, or that of the predicted velocity divided by SNR + 1.

    Args:
        alphas: Share of the signal in the variance of a noisy image at each time step, (T,).
        limit: Limit of the signal-to-noise ratio.
        prediction: What the network predicts: ``epsilon`` or ``v_prediction``.
    """
    ratios = alphas / (1 - alphas)
    weights: torch.Tensor = ratios.clamp(max=limit) / (ratios if prediction == "epsilon" else ratios + 1)
    return weights


class DenoisingLoss:
    """Mean squared error of a network's predictions for one minibatch, weighted by noise level with ``snr_limit``.

    Images, noise, noise levels and dropped labels of a step depend only on the seed and the step number, so that a
    resumed training gives the same bytes.

    Args:
        batches: Minibatches of training images.
        settings: Settings of the training.
        classes: Number of classes; also the label that stands for "no class".
        seed: Seed of noise, noise levels and dropped labels.
        compute: Precision, memory format and threads.
    """

    def __init__(
        self, batches: Minibatches, settings: DiffusionTraining, *, classes: int, seed: int, compute: Compute
    ) -> None:
        self._batches = batches
        self._settings = settings
        self._classes = classes
        self._seed = seed
        self._compute = compute
        self._schedule = DDPMScheduler(**noise_schedule(settings))
        if settings.snr_limit is not None:
            weights = min_snr_weights(self._schedule.alphas_cumprod, settings.snr_limit, settings.prediction)
            self._weights = weights.to(batches.images.device)

    def __call__(self, network: torch.nn.Module, step: int) -> torch.Tensor:
        """Return the loss of ``network`` at a step, a scalar tensor.

        Args:
            network: The denoising network.
            step: Number of the step, from 0.
        """
        settings, seed, compute = self._settings, self._seed, self._compute
        images, labels = self._batches(step)
        device, count = images.device, len(images)
        noise = to_device(torch.randn(images.shape, generator=torch_generator(seed, "noise", step)), device)
        times = to_device(torch.randint(TIMESTEPS, (count,), generator=torch_generator(seed, "times", step)), device)
        dropped = torch.rand(count, generator=torch_generator(seed, "labels", step)) < settings.label_dropout
        labels = labels.masked_fill(to_device(dropped, device), self._classes)
        noisy = self._schedule.add_noise(images, noise, times)
        target = noise if settings.prediction == "epsilon" else self._schedule.get_velocity(images, noise, times)
        with compute.autocast(device.type), compute.attention(device.type):
            prediction = network(noisy, times, labels).sample
        if settings.snr_limit is None:
            return torch.nn.functional.mse_loss(prediction.float(), target)
        errors = (prediction.float() - target).square().mean(dim=(1, 2, 3))
        weighted: torch.Tensor = self._weights[times] * errors
        return weighted.mean()
