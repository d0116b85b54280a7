"""The training loop that the tiny pipeline's networks share, one stage after the other."""

import math
from collections.abc import Callable
from typing import Any

import torch
from torch import nn

from suite.artifacts import BuildContext
from suite.artifacts.checkpoint import Checkpoint
from suite.generators.common.averaging import moving_average
from suite.generators.common.losses import Losses
from suite.generators.sd.tiny.settings import Stage

WARM_UP = 0.1
CLIP = 1.0
WEIGHT_DECAY = 0.01


class Stages:
    """Trains networks in turn; a stage that was finished before an interruption is not run again.

    Args:
        context: The build context; every stage keeps its checkpoint in a scratch directory of its own.
        total: Optimiser steps of all stages together, for the progress.
    """

    def __init__(self, context: BuildContext, total: int) -> None:
        self.history: dict[str, Any] = {}
        self._bench = context
        self._total = total
        self._done = 0

    def run(
        self, name: str, stage: Stage, network: nn.Module, loss: Callable[[int], torch.Tensor], *, ema: float = 0.0
    ) -> nn.Module:
        """Train ``network`` on the workbench's device.

        Args:
            name: What the history calls the stage.
            stage: Its budget.
            network: What is trained, in place.
            loss: Returns the loss of a step, a function of its number and of ``network``.
            ema: Decay of the exponential average; 0 keeps the last weights.

        Returns:
            The averaged network, in evaluation mode, without gradients.

        Raises:
            Diverged: If the loss is not finite.
        """
        network.train().to(self._bench.device)
        average = moving_average(network, ema)
        optimiser = torch.optim.AdamW(network.parameters(), weight_decay=WEIGHT_DECAY, fused=True)
        losses = Losses(stage.steps, "loss")
        losses.to(self._bench.device)
        scratch = self._bench.scratch / name
        scratch.mkdir(exist_ok=True)
        checkpoint = Checkpoint(scratch, network=network, average=average, optimiser=optimiser, losses=losses)
        begun = checkpoint.restore()
        for step in range(begun, stage.steps):
            for group in optimiser.param_groups:
                group["lr"] = learning_rate(stage, step)
            value = loss(step)
            optimiser.zero_grad()
            value.backward()  # type: ignore[no-untyped-call]
            nn.utils.clip_grad_norm_(network.parameters(), CLIP)
            optimiser.step()
            average.update_parameters(network)
            losses.add(step, value, label=f"{self._bench.recipe.label}, {name}")
            checkpoint.offer(step + 1)
            self._bench.progress(self._done + step + 1, self._total)
        if begun < stage.steps:
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


def learning_rate(stage: Stage, step: int) -> float:
    """Return a step's learning rate: linear up over the first tenth of the steps, cosine down to 0 after the last."""
    share = (step + 0.5) / stage.steps
    if share < WARM_UP:
        return stage.learning_rate * share / WARM_UP
    return stage.learning_rate * 0.5 * (1 + math.cos(math.pi * (share - WARM_UP) / (1 - WARM_UP)))
