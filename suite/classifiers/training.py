"""The training loop that every classifier shares."""

import torch
from torch import nn

from suite.artifacts import BuildContext
from suite.artifacts.checkpoint import Checkpoint
from suite.artifacts.files import write_json
from suite.classifiers.augmentation import Augmentation
from suite.classifiers.network import networks
from suite.classifiers.recipes import Classifier
from suite.classifiers.settings import HISTORY, WEIGHTS, ClassifierSettings
from suite.errors import Diverged
from suite.randomness import initialising, torch_generator

CHANNELS = (0, 1, 2)
EXPLODED = 100.0  # nats an image: guessing costs the logarithm of the number of classes


class Normalised(nn.Module):
    """A network behind the normalisation of its training set, so that both are saved together.

    Takes uint8 (N, 3, H, W), gives float logits (N, classes).
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
            for channel in CHANNELS:  # from counts of grey levels: exact, and no float copy of the images
                counts = torch.bincount(images[..., channel].flatten().int(), minlength=256).double()
                mean = (counts * levels).sum() / counts.sum()
                variance = (counts * (levels - mean) ** 2).sum() / counts.sum()
                self.mean[0, channel] = mean
                self.deviation[0, channel] = variance.sqrt().clamp(min=1.0)

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        """Return the logits."""
        logits: torch.Tensor = self.network((images.float() - self.mean) / self.deviation)
        return logits


def make_network(recipe: Classifier, images: torch.Tensor | None = None) -> Normalised:
    """Return a recipe's untrained network, initialised by its seed, normalising as ``images`` (uint8 NHWC) ask."""
    with initialising(recipe.seed, "initial weights"):
        network = networks.get(recipe.settings.network).make(recipe.classes, recipe.settings)
    return Normalised(network, images)


def learning_rate(step: int, steps: int, settings: ClassifierSettings) -> float:
    """Return the rate of optimiser step ``step`` (from 0): linear up to the peak, linear down to zero."""
    climb = settings.warmup * steps
    if step < climb:
        return settings.learning_rate * (step + 1) / (climb + 1)
    return settings.learning_rate * (steps - step) / max(1.0, steps - climb)


def train(recipe: Classifier, context: BuildContext) -> None:
    """Train a classifier and write its weights and history; goes on from a checkpoint if there is one.

    Raises:
        Diverged: If the loss is not finite, or as large as none that is learnt from.
    """
    data = recipe.training_set.open(context.store)
    images, labels = torch.from_numpy(data.images), torch.from_numpy(data.labels)
    settings = recipe.settings
    model = make_network(recipe, images)
    images, labels = images.to(context.device), labels.to(context.device)
    parameters = sum(parameter.numel() for parameter in model.parameters())
    recipe.compute.format(model.to(context.device)).train()
    optimiser = torch.optim.SGD(
        model.parameters(),
        lr=settings.learning_rate,
        momentum=settings.momentum,
        nesterov=settings.momentum > 0,
        weight_decay=settings.weight_decay,
        fused=context.device != "mps",
    )
    augment = Augmentation(settings)
    losses = LossRecord().to(context.device)
    per_epoch = -(-len(data) // settings.batch_size)
    steps = settings.steps or settings.epochs * per_epoch
    checkpoint = Checkpoint(context.scratch, model=model, optimiser=optimiser, losses=losses)
    done = checkpoint.restore()
    for step in range(done, steps):
        epoch, number = divmod(step, per_epoch)
        if number == 0 or step == done:
            order = torch.randperm(len(data), generator=torch_generator(recipe.seed, "order", epoch))
            batches = order.tensor_split(per_epoch)  # sizes differ by one at most: no image is dropped
        batch = augment(images, batches[number], torch_generator(recipe.seed, "augmentation", step))
        with recipe.compute.autocast(context.device):
            logits = model(recipe.compute.layout(batch))
        target = labels[batches[number].to(labels.device)]
        loss = nn.functional.cross_entropy(logits.float(), target, label_smoothing=settings.label_smoothing)
        for group in optimiser.param_groups:
            group["lr"] = learning_rate(step, steps, settings)
        optimiser.zero_grad(set_to_none=True)
        loss.backward()  # type: ignore[no-untyped-call]
        optimiser.step()
        losses.add(loss.detach(), len(target))
        if number == per_epoch - 1 or step == steps - 1:
            mean = float(losses.sum / losses.seen)
            if not mean < EXPLODED:  # nor is NaN
                raise Diverged(f"{recipe.label}: the loss is {mean:.3g} after {step + 1} steps: lower learning_rate")
            losses.close_epoch()
        context.progress(step + 1, steps)
        checkpoint.offer(step + 1)
    _write(context, model, losses, {"images_seen": losses.images_seen, "steps": steps, "parameters": parameters})


class LossRecord(nn.Module):
    """Mean training loss per epoch, kept as buffers so that a checkpoint holds it."""

    sum: torch.Tensor
    seen: torch.Tensor
    before: torch.Tensor
    epochs: torch.Tensor

    def __init__(self) -> None:
        super().__init__()
        self.register_buffer("sum", torch.zeros(()))  # float32: MPS has no other
        self.register_buffer("seen", torch.zeros((), dtype=torch.int64))
        self.register_buffer("before", torch.zeros((), dtype=torch.int64))
        self.register_buffer("epochs", torch.zeros(0))

    @property
    def images_seen(self) -> int:
        """Images shown to the network so far, with repetition."""
        return int(self.before + self.seen)

    def add(self, loss: torch.Tensor, images: int) -> None:
        """Add a step's mean loss over ``images`` images."""
        self.sum += loss.float() * images
        self.seen += images

    def close_epoch(self) -> None:
        """Turn what was added since the last epoch into its mean."""
        self.epochs = torch.cat([self.epochs, (self.sum / self.seen)[None]])
        self.before += self.seen
        self.sum.zero_()
        self.seen.zero_()

    def _load_from_state_dict(self, state_dict: dict[str, torch.Tensor], prefix: str, *args: object) -> None:
        epochs = state_dict[f"{prefix}epochs"]  # its length is part of the state, the device is ours
        self.epochs = torch.empty_like(epochs, device=self.epochs.device)
        super()._load_from_state_dict(state_dict, prefix, *args)


def _write(context: BuildContext, model: Normalised, losses: LossRecord, facts: dict[str, int]) -> None:
    from safetensors.torch import save_file

    weights = {name: tensor.detach().cpu().contiguous() for name, tensor in model.state_dict().items()}
    save_file(weights, context.payload / WEIGHTS)
    history = {**facts, "loss_per_epoch": [round(loss, 6) for loss in losses.epochs.tolist()]}
    write_json(context.payload / HISTORY, history)
