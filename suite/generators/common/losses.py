"""Loss curves of a training, kept as buffers so that a checkpoint saves them."""

import math

import torch

from suite.errors import Diverged

INTERVAL = 50  # steps
MAX_LOSS = 1e6  # losses of a training that learns are orders of magnitude smaller


class Losses(torch.nn.Module):
    """Sums of one or several losses over intervals of 50 steps.

    The sums are buffers: a checkpoint saves them, and a resumed training ends with the same curve. They stay on the
    device, so that adding a loss needs no synchronisation; only the check at the end of an interval does.

    Args:
        steps: Number of steps of the whole training.
        names: Names of the losses.
    """

    sums: torch.Tensor

    def __init__(self, steps: int, *names: str) -> None:
        super().__init__()
        self._steps = steps
        self._names = names
        self.register_buffer("sums", torch.zeros(len(names), math.ceil(steps / INTERVAL)))

    def add(self, step: int, *values: torch.Tensor, label: str) -> None:
        """Add the losses of a step, and check the sums at the end of an interval and after the last step.

        Args:
            step: Number of the step, from 0.
            values: One scalar tensor per loss.
            label: Label of the training, for the error message.

        Raises:
            Diverged: If a loss is not finite, or its mean over the interval is 1e6 or more.
        """
        self.sums[:, step // INTERVAL] += torch.stack(values).detach().float()
        if (step + 1) % INTERVAL == 0 or step + 1 == self._steps:
            for name, total in zip(self._names, self.sums[:, step // INTERVAL].tolist(), strict=True):
                if not abs(total) < MAX_LOSS * INTERVAL:  # true for NaN as well
                    raise Diverged(f"{label}: the {name} is {total} by step {step + 1}: lower the learning rate")

    def curves(self) -> dict[str, list[float]]:
        """Return the mean of each loss over each interval; the last interval may be shorter."""
        lengths = [min(INTERVAL, self._steps - start) for start in range(0, self._steps, INTERVAL)]
        return {
            name: [round(total / length, 6) for total, length in zip(totals, lengths, strict=True)]
            for name, totals in zip(self._names, self.sums.tolist(), strict=True)
        }
