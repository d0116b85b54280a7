"""The loss curves of a training, kept where a checkpoint finds them."""

import math

import torch

from suite.errors import Diverged

EVERY = 50
EXPLODED = 1e6  # no loss that is learnt from comes near it


class Losses(torch.nn.Module):
    """Sums of one or several losses over every 50 steps.

    They are buffers, so that a checkpoint carries them and a resumed training ends with the same curve, and they
    stay on the device, so that following a training costs no synchronisation between the checks.

    Args:
        steps: Steps of the whole training.
        names: Names of the losses.
    """

    sums: torch.Tensor

    def __init__(self, steps: int, *names: str) -> None:
        super().__init__()
        self._steps = steps
        self._names = names
        self.register_buffer("sums", torch.zeros(len(names), math.ceil(steps / EVERY)))

    def add(self, step: int, *values: torch.Tensor, who: str) -> None:
        """Note the losses of step ``step``; every 50 steps and after the last one, check them.

        Raises:
            Diverged: If one is not finite, or as large as none that is learnt from; ``who`` names the training.
        """
        self.sums[:, step // EVERY] += torch.stack(values).detach().float()
        if (step + 1) % EVERY == 0 or step + 1 == self._steps:
            for name, total in zip(self._names, self.sums[:, step // EVERY].tolist(), strict=True):
                if not abs(total) < EXPLODED * EVERY:  # nor is NaN
                    raise Diverged(f"{who}: the {name} is {total} by step {step + 1}: lower the learning rate")

    def curves(self) -> dict[str, list[float]]:
        """Return each loss's mean over every 50 steps (the last mean may be over fewer)."""
        lengths = [min(EVERY, self._steps - start) for start in range(0, self._steps, EVERY)]
        return {
            name: [round(total / length, 6) for total, length in zip(totals, lengths, strict=True)]
            for name, totals in zip(self._names, self.sums.tolist(), strict=True)
        }
