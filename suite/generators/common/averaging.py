"""The exponential moving average of a network in training, which is what samples are made with."""

from torch import nn
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn


def moving_average(network: nn.Module, decay: float) -> AveragedModel:
    """Return a copy of ``network`` that ``update_parameters(network)`` moves towards it; the first call copies.

    Buffers are averaged as the weights are: batch normalisation's statistics belong to the weights they were taken
    with, and those of the network in training do not fit averaged weights.
    """
    return AveragedModel(network, multi_avg_fn=get_ema_multi_avg_fn(decay), use_buffers=True)  # type: ignore[no-untyped-call]
