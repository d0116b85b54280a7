"""Estimates for the denoising network, compared with the network itself."""

import pytest
import torch
from torch.utils.flop_counter import FlopCounterMode

from suite.compute import Compute
from suite.generators.cd.flops import denoiser_layers
from suite.generators.cd.network import denoiser
from suite.generators.cd.settings import DiffusionTraining

PAPER = DiffusionTraining(channels=(32, 64, 64, 64), layers=2, attention=(1,))
SMALL = DiffusionTraining(channels=(16, 32, 48), layers=1, attention=(2,), norm_groups=8)
PATCHES = SMALL.model_copy(update={"patch": 2})
PLAIN = DiffusionTraining(channels=(32, 64), attention=())


@pytest.mark.parametrize(("settings", "size"), [(PAPER, 32), (PAPER, 8), (SMALL, 16), (PATCHES, 32), (PLAIN, 8)])
def test_parameters_and_operations_are_those_of_the_network(settings: DiffusionTraining, size: int) -> None:
    with torch.device("meta"):
        network = denoiser(settings, 10)
        arguments = torch.zeros(1, 3, size, size), torch.zeros(1), torch.zeros(1, dtype=torch.long)
        with FlopCounterMode(display=False) as counter:
            network(*arguments)
    layers = denoiser_layers(settings, 10, size)
    assert layers.parameters == sum(weight.numel() for weight in network.parameters())
    assert layers.operations == pytest.approx(counter.get_total_flops(), rel=0.05)


def test_estimated_activations_are_close_to_those_that_autograd_saves() -> None:
    network, saved = denoiser(SMALL, 10), 0
    weights = {weight.data_ptr() for weight in network.parameters()}

    def pack(tensor: torch.Tensor) -> torch.Tensor:
        nonlocal saved
        saved += tensor.numel() if tensor.data_ptr() not in weights else 0
        return tensor

    with torch.autograd.graph.saved_tensors_hooks(pack, lambda tensor: tensor):
        network(torch.zeros(2, 3, 16, 16), torch.zeros(2), torch.zeros(2, dtype=torch.long))
    assert 2 * denoiser_layers(SMALL, 10, 16).activations == pytest.approx(saved, rel=0.5)


def test_autocast_halves_activations_and_adds_a_copy_of_the_weights() -> None:
    layers = denoiser_layers(SMALL, 10, 16)
    float32, bfloat16 = (layers.training(64, 4, Compute(precision=precision)) for precision in ("float32", "bfloat16"))
    assert float32 == layers.parameters * 20 + 64 * layers.activations * 4
    assert bfloat16 == layers.parameters * 22 + 64 * layers.activations * 2
