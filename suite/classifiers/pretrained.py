"""Pretrained networks for fine-tuning: input size, normalisation, and loading weights."""

from collections.abc import Sequence

import timm
import torch
from torch import nn
from torch.nn import functional

from suite.errors import BadData, Unavailable


class ResizedInput(nn.Module):
    """A network of timm that takes images of any size with values from -1 to 1.

    Args:
        network: The network.
        side: Height and width in pixels to which images are resized, by bilinear interpolation.
    """

    mean: torch.Tensor
    std: torch.Tensor

    def __init__(self, network: nn.Module, side: int) -> None:
        super().__init__()
        self.network = network
        self.side = side
        for name in ("mean", "std"):  # of values from 0 to 1
            values: tuple[float, ...] = network.pretrained_cfg[name]  # type: ignore[index, assignment]
            self.register_buffer(name, torch.tensor(values).view(1, 3, 1, 1), persistent=False)

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        """Return the logits (N, classes) of images, float (N, 3, H, W)."""
        if images.shape[-1] != self.side:
            smaller = self.side < images.shape[-1]
            images = functional.interpolate(images, (self.side, self.side), mode="bilinear", antialias=smaller)
        logits: torch.Tensor = self.network(((images + 1) / 2 - self.mean) / self.std)
        return logits


def load_backbone(network: nn.Module, name: str, tensors: Sequence[torch.Tensor] | None, *, download: bool) -> None:
    """Load pretrained weights of all layers but the last one.

    Args:
        network: A ``ResizedInput``.
        name: Name of the network, for messages and for timm.
        tensors: All tensors of the pretrained network in the order of timm's; None loads timm's weights.
        download: Whether timm may download them.

    Raises:
        Unavailable: If the weights are not on this machine.
        BadData: If they do not fit the network.
    """
    assert isinstance(network, ResizedInput)
    own = network.network.state_dict()
    if tensors is None:
        if not download:
            raise Unavailable(f"fine-tune needs the weights of {name}: allow it with --download")
        pretrained = timm.create_model(name, pretrained=True).state_dict()
    else:
        pretrained = dict(zip(own, tensors, strict=True))
    last = {key for key in own if key not in pretrained or own[key].shape != pretrained[key].shape}
    if len(last) > 2:  # weight and bias
        raise BadData(f"the weights of {name} do not fit its network: install another version of timm")
    network.network.load_state_dict({key: own[key] if key in last else pretrained[key] for key in own})
