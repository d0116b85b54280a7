"""Exponential moving average of a network's weights; images are sampled with the averaged weights."""

from torch import nn
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn


def moving_average(network: nn.Module, decay: float) -> AveragedModel:
    """Return an averaged copy of ``network``; update it with ``update_parameters(network)`` after each step.

    The first update copies the network. Buffers are averaged like the weights: the statistics of batch normalisation
    depend on the weights, and those of the unaveraged network do not fit the averaged weights.

    Args:
        network: Network in training.
        decay: Share of the old average that is kept at each update, 0 to 1.
    """
    return AveragedModel(network, multi_avg_fn=get_ema_multi_avg_fn(decay), use_buffers=True)  # type: ignore[no-untyped-call]
