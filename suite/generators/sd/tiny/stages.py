"""Training loop of the tiny pipeline's networks, one stage after the other."""

import math
from collections.abc import Callable
from typing import Any

import torch
from torch import nn

from suite.artifacts import BuildContext
from suite.artifacts.checkpoint import Checkpoint
from suite.generators.common.averaging import moving_average
from suite.generators.common.losses import Losses
from suite.generators.sd.tiny.settings import StageSettings

WARMUP = 0.1  # fraction of the steps
MAX_GRADIENT_NORM = 1.0
WEIGHT_DECAY = 0.01


class Stages:
    """Trains networks one after the other. A stage that was finished before an interruption is not repeated.

    Args:
        context: Build context; every stage has a separate scratch directory for its checkpoint.
        total: Optimiser steps of all stages together, for the progress.

    Attributes:
        history: For each finished stage: losses, steps, images seen and parameters.
    """

    def __init__(self, context: BuildContext, total: int) -> None:
        self.history: dict[str, Any] = {}
        self._context = context
        self._total = total
        self._done = 0

    def run(
        self,
        name: str,
        stage: StageSettings,
        network: nn.Module,
        loss: Callable[[int], torch.Tensor],
        *,
        ema: float = 0.0,
    ) -> nn.Module:
        """Train ``network`` in place on the device of the build context.

        Args:
            name: Name of the stage in the history.
            stage: Training budget.
            network: The network to train.
            loss: Returns the loss of the step with the given number, as a function of ``network``'s weights.
            ema: Decay of the exponential moving average of the weights; 0 keeps the last weights.

        Returns:
            The averaged network, in evaluation mode, without gradients.

        Raises:
            Diverged: If the loss is not finite.
        """
        network.train().to(self._context.device)
        average = moving_average(network, ema)
        optimiser = torch.optim.AdamW(network.parameters(), weight_decay=WEIGHT_DECAY, fused=True)
        losses = Losses(stage.steps, "loss")
        losses.to(self._context.device)
        scratch = self._context.scratch / name
        scratch.mkdir(exist_ok=True)
        checkpoint = Checkpoint(scratch, network=network, average=average, optimiser=optimiser, losses=losses)
        first_step = checkpoint.restore()
        for step in range(first_step, stage.steps):
            for group in optimiser.param_groups:
                group["lr"] = learning_rate(stage, step)
            value = loss(step)
            optimiser.zero_grad()
            value.backward()  # type: ignore[no-untyped-call]
            nn.utils.clip_grad_norm_(network.parameters(), MAX_GRADIENT_NORM)
            optimiser.step()
            average.update_parameters(network)
            losses.add(step, value, label=f"{self._context.recipe.label}, {name}")
            checkpoint.offer(step + 1)
            self._context.progress(self._done + step + 1, self._total)
        if first_step < stage.steps:
            checkpoint.save(stage.steps)
        self._done += stage.steps
        self.history[name] = {
            "losses": losses.curves(),
            "steps": stage.steps,
            "images_seen": stage.steps * stage.batch_size,
            "parameters": sum(weight.numel() for weight in network.parameters()),
        }
        module: nn.Module = average.module
        return module.eval().requires_grad_(False)


def learning_rate(stage: StageSettings, step: int) -> float:
    """Return a step's learning rate: linear up over the first tenth of the steps, cosine down to 0 after the last.

    Args:
        stage: Training budget.
        step: Number of the step, from 0.
    """
    fraction = (step + 0.5) / stage.steps
    if fraction < WARMUP:
        return stage.learning_rate * fraction / WARMUP
    return stage.learning_rate * 0.5 * (1 + math.cos(math.pi * (fraction - WARMUP) / (1 - WARMUP)))
