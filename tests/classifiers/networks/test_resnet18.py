"""ResNet-18 in its published size and in smaller ones."""

import pytest
import torch
from torch.utils.flop_counter import FlopCounterMode
from torchvision.models import resnet18

from suite.classifiers.network import networks
from suite.classifiers.networks.resnet18 import ResNet18
from suite.classifiers.settings import ClassifierSettings
from suite.errors import UsageError
from suite.testing import NetworkContract


class TestContract(NetworkContract):
    plugin = ResNet18
    settings = {"width": 8}
    sizes = (4, 8, 32)


def resnet(**settings: object) -> torch.nn.Module:
    return networks.get("resnet18").make(10, ClassifierSettings.model_validate(settings)).eval()


def test_full_width_with_the_imagenet_stem_equals_torchvisions_resnet18() -> None:
    network, reference = resnet(width=64, stem="imagenet"), resnet18(num_classes=10).eval()
    assert [p.shape for p in network.parameters()] == [p.shape for p in reference.parameters()]
    reference.load_state_dict(dict(zip(reference.state_dict(), network.state_dict().values(), strict=True)))
    images = torch.rand(2, 3, 32, 32, generator=torch.Generator().manual_seed(0))
    assert torch.equal(network(images), reference(images))


def test_an_unknown_network_lists_the_registered_ones() -> None:
    with pytest.raises(UsageError, match="unknown network 'vgg': choose from resnet18"):
        networks.get("vgg")


@pytest.mark.parametrize("size", [32, 9])
@pytest.mark.parametrize("stem", ["3x3", "3x3/2", "imagenet"])
def test_estimated_parameters_and_operations_equal_the_measured_ones(stem: str, size: int) -> None:
    settings = ClassifierSettings(width=16, stem=stem)
    plugin = networks.get("resnet18")
    network, layers = plugin.make(10, settings).eval(), plugin.layers(10, settings, size)
    with FlopCounterMode(display=False) as counter:
        network(torch.zeros(1, 3, size, size))
    assert layers is not None
    assert layers.parameters == sum(weight.numel() for weight in network.parameters())
    assert layers.operations == counter.get_total_flops()
