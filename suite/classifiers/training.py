"""The training loop of all classifiers."""

import math
from collections.abc import Callable, Iterator

import torch
from torch import nn

from suite.artifacts import BuildContext
from suite.artifacts.checkpoint import Checkpoint
from suite.artifacts.files import write_json
from suite.classifiers.augmentation import Augmentation
from suite.classifiers.classifier import HISTORY
from suite.classifiers.settings import WEIGHTS, TrainingSettings
from suite.compute import Compute
from suite.devices import to_device
from suite.errors import Diverged
from suite.images.labelled import LabelledImages
from suite.randomness import initialising, torch_generator

CHANNELS = (0, 1, 2)
MakeNetwork = Callable[[], nn.Module]
MAX_LOSS = 100.0  # nats per image; guessing costs the logarithm of the number of classes


class NormalisedNetwork(nn.Module):
    """A network that first normalises its input by the mean and standard deviation of the training set.

    Both are buffers, so that they are saved with the weights. Takes uint8 (N, 3, H, W), returns float logits
    (N, classes).

    Args:
        network: The network.
        images: uint8 (N, H, W, 3), the images to take mean and standard deviation of each channel from; None gives
            values from -1 to 1, until a state dict is loaded.
    """

    mean: torch.Tensor
    deviation: torch.Tensor

    def __init__(self, network: nn.Module, images: torch.Tensor | None = None) -> None:
        super().__init__()
        self.network = network
        self.register_buffer("mean", torch.full((1, 3, 1, 1), 127.5))
        self.register_buffer("deviation", torch.full((1, 3, 1, 1), 127.5))
        if images is not None:
            levels = torch.arange(256, dtype=torch.float64)
            for channel in CHANNELS:  # from a histogram: exact, and without a float copy of the images
                counts = torch.bincount(images[..., channel].flatten().int(), minlength=256).double()
                mean = (counts * levels).sum() / counts.sum()
                variance = (counts * (levels - mean) ** 2).sum() / counts.sum()
                self.mean[0, channel] = mean
                self.deviation[0, channel] = variance.sqrt().clamp(min=1.0)

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        """Return the logits."""
        logits: torch.Tensor = self.network((images.float() - self.mean) / self.deviation)
        return logits


def make_network(make: MakeNetwork, seed: int, images: torch.Tensor | None = None) -> NormalisedNetwork:
    """Return an untrained network.

    Args:
        make: Returns the network, with weights drawn from torch's global generator.
        seed: Seed of the initial weights.
        images: Training images, uint8 (N, H, W, 3), for the normalisation; None as in ``NormalisedNetwork``.
    """
    with initialising(seed, "initial weights"):
        return NormalisedNetwork(make(), images)


def make_optimiser(
    parameters: Iterator[nn.Parameter], settings: TrainingSettings, device: str
) -> torch.optim.Optimizer:
    """Return the optimiser of the settings."""
    rate, decay, fused = settings.learning_rate, settings.weight_decay, device != "mps"
    if settings.optimiser == "adamw":
        return torch.optim.AdamW(parameters, lr=rate, weight_decay=decay, fused=fused)
    momentum = settings.momentum
    return torch.optim.SGD(
        parameters, lr=rate, momentum=momentum, nesterov=momentum > 0, weight_decay=decay, fused=fused
    )


def learning_rate(step: int, steps: int, settings: TrainingSettings) -> float:
    """Return the learning rate of step ``step`` (from 0) of ``steps``: linear up to the peak, then down to 0."""
    warmup_steps = settings.warmup * steps
    if step < warmup_steps:
        return settings.learning_rate * (step + 1) / (warmup_steps + 1)
    remaining = (steps - step) / max(1.0, steps - warmup_steps)
    if settings.schedule == "cosine":
        remaining = (1 - math.cos(math.pi * remaining)) / 2
    return settings.learning_rate * remaining


def class_weights(labels: torch.Tensor) -> torch.Tensor:
    """Return a weight for each class, inverse to its number of images: float32 (classes,), 1 where all have as many.

    Args:
        labels: int64, (N,), with an image of every class from 0 to the largest label.
    """
    counts = torch.bincount(labels).float()
    return len(labels) / (len(counts) * counts)


def train(
    data: LabelledImages,
    context: BuildContext,
    *,
    make: MakeNetwork,
    load_pretrained: Callable[[nn.Module], None],
    normalised: bool,
    settings: TrainingSettings,
    seed: int,
    compute: Compute,
) -> None:
    """Train a classifier and write its weights and history, resuming from a checkpoint if there is one.

    Args:
        data: Training images.
        context: Build context that the payload is written to.
        make: Returns the untrained network.
        load_pretrained: Loads pretrained weights into it, if there are any.
        normalised: Whether images are normalised by the training set; if not, values are from -1 to 1.
        settings: Optimiser, schedule and augmentation.
        seed: Seed of the initial weights, the order of the images and the augmentation.
        compute: Precision and memory format.

    Raises:
        Diverged: If the mean loss of an epoch is not finite or exceeds ``MAX_LOSS``.
        Unavailable: If pretrained weights are not on this machine.
    """
    images, labels = torch.from_numpy(data.images), torch.from_numpy(data.labels)
    model = make_network(make, seed, images if normalised else None)
    load_pretrained(model.network)
    images, labels = images.to(context.device), labels.to(context.device)
    parameters = sum(parameter.numel() for parameter in model.parameters())
    compute.format(model.to(context.device)).train()
    optimiser = make_optimiser(model.parameters(), settings, context.device)
    augment = Augmentation(settings)
    losses = LossRecord().to(context.device)
    weights = class_weights(labels) if settings.balanced else None
    steps_per_epoch = -(-len(data) // settings.batch_size)
    steps = settings.steps or settings.epochs * steps_per_epoch
    checkpoint = Checkpoint(context.scratch, model=model, optimiser=optimiser, losses=losses)
    first_step = checkpoint.restore()
    for step in range(first_step, steps):
        epoch, batch_index = divmod(step, steps_per_epoch)
        if batch_index == 0 or step == first_step:
            order = torch.randperm(len(data), generator=torch_generator(seed, "order", epoch))
            batches = order.tensor_split(steps_per_epoch)  # sizes differ by one at most: no image is dropped
        indices = to_device(batches[batch_index], context.device)
        batch = augment(images, indices, torch_generator(seed, "augmentation", step))
        with compute.autocast(context.device):
            logits = model(compute.layout(batch))
        target = labels[indices]
        loss = nn.functional.cross_entropy(
            logits.float(), target, weight=weights, label_smoothing=settings.label_smoothing
        )
        for group in optimiser.param_groups:
            group["lr"] = learning_rate(step, steps, settings)
        optimiser.zero_grad(set_to_none=True)
        loss.backward()  # type: ignore[no-untyped-call]
        optimiser.step()
        losses.add(loss.detach(), len(target))
        if batch_index == steps_per_epoch - 1 or step == steps - 1:
            mean = float(losses.sum / losses.seen)
            if not mean < MAX_LOSS:  # true for NaN as well
                raise Diverged(
                    f"{context.recipe.label}: the loss is {mean:.3g} after {step + 1} steps: lower learning_rate"
                )
            losses.close_epoch()
        context.progress(step + 1, steps)
        checkpoint.offer(step + 1)
    _write(context, model, losses, {"images_seen": losses.images_seen, "steps": steps, "parameters": parameters})


class LossRecord(nn.Module):
    """Mean training loss per epoch. The values are buffers, so that checkpoints include them.

    Attributes:
        sum: Sum of the losses of all images of the current epoch, float32, ().
        seen: Images of the current epoch so far, int64, ().
        before: Images of the finished epochs, int64, ().
        epochs: Mean loss of each finished epoch, float32, (epochs,).
    """

    sum: torch.Tensor
    seen: torch.Tensor
    before: torch.Tensor
    epochs: torch.Tensor

    def __init__(self) -> None:
        super().__init__()
        self.register_buffer("sum", torch.zeros(()))  # float32, because MPS has no float64
        self.register_buffer("seen", torch.zeros((), dtype=torch.int64))
        self.register_buffer("before", torch.zeros((), dtype=torch.int64))
        self.register_buffer("epochs", torch.zeros(0))

    @property
    def images_seen(self) -> int:
        """Number of images passed through the network so far, repetitions included."""
        return int(self.before + self.seen)

    def add(self, loss: torch.Tensor, images: int) -> None:
        """Add the mean loss of a step over ``images`` images."""
        self.sum += loss.float() * images
        self.seen += images

    def close_epoch(self) -> None:
        """Append the mean loss of the current epoch and start the next one."""
        self.epochs = torch.cat([self.epochs, (self.sum / self.seen)[None]])
        self.before += self.seen
        self.sum.zero_()
        self.seen.zero_()

    def _load_from_state_dict(self, state_dict: dict[str, torch.Tensor], prefix: str, *args: object) -> None:
        # The number of epochs is part of the state, so the buffer is resized; it stays on its device.
        epochs = state_dict[f"{prefix}epochs"]
        self.epochs = torch.empty_like(epochs, device=self.epochs.device)
        super()._load_from_state_dict(state_dict, prefix, *args)


def _write(context: BuildContext, model: NormalisedNetwork, losses: LossRecord, totals: dict[str, int]) -> None:
    """Write weights and history; ``totals`` is added to the history."""
    from safetensors.torch import save_file

    weights = {name: tensor.detach().cpu().contiguous() for name, tensor in model.state_dict().items()}
    save_file(weights, context.payload / WEIGHTS)
    history = {**totals, "loss_per_epoch": [round(loss, 6) for loss in losses.epochs.tolist()]}
    write_json(context.payload / HISTORY, history)
