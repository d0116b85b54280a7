"""Exponential moving average of a network's weights; images are sampled with the averaged weights."""

import torch
from torch import nn
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn


class MovingAverage(AveragedModel):
    """An averaged copy of a network. Unlike its base class, an update does not wait for a GPU.

    The base class copies its counter of updates, which is on the CPU, to the device of the weights at every update.
    """

    @torch.no_grad()
    def update_parameters(self, model: nn.Module) -> None:
        """Move the average towards ``model``; the first update copies it."""
        assert self.multi_avg_fn is not None
        averages = [*self.module.parameters(), *self.module.buffers()]
        values = [*model.parameters(), *model.buffers()]
        for dtype in dict.fromkeys(average.dtype for average in averages):
            of_dtype = [index for index, average in enumerate(averages) if average.dtype == dtype]
            old, new = [averages[index] for index in of_dtype], [values[index] for index in of_dtype]
            if self.n_averaged == 0:
                torch._foreach_copy_(old, new)
            else:
                self.multi_avg_fn(old, new, self.n_averaged)
        self.n_averaged += 1


def moving_average(network: nn.Module, decay: float) -> MovingAverage:
    """Return an averaged copy of ``network``; update it with ``update_parameters(network)`` after each step.

    The first update copies the network. Buffers are averaged like the weights: the statistics of batch normalisation
    depend on the weights, and those of the unaveraged network do not fit the averaged weights.

    Args:
        network: Network in training.
        decay: Share of the old average that is kept at each update, 0 to 1.
    """
    return MovingAverage(network, multi_avg_fn=get_ema_multi_avg_fn(decay), use_buffers=True)  # type: ignore[no-untyped-call]
