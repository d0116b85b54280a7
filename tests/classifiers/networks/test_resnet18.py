"""ResNet-18 as published, and smaller."""

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


def made(**settings: object) -> torch.nn.Module:
    return networks.get("resnet18").make(10, ClassifierSettings.model_validate(settings)).eval()


def test_full_width_and_the_imagenet_stem_give_torchvisions_own() -> None:
    ours, theirs = made(width=64, stem="imagenet"), resnet18(num_classes=10).eval()
    assert [p.shape for p in ours.parameters()] == [p.shape for p in theirs.parameters()]
    theirs.load_state_dict(dict(zip(theirs.state_dict(), ours.state_dict().values(), strict=True)))
    images = torch.rand(2, 3, 32, 32, generator=torch.Generator().manual_seed(0))
    assert torch.equal(ours(images), theirs(images))


def test_an_unknown_network_names_the_choices() -> None:
    with pytest.raises(UsageError, match="unknown network 'vgg': choose from resnet18"):
        networks.get("vgg")


@pytest.mark.parametrize("size", [32, 9])
@pytest.mark.parametrize("stem", ["3x3", "3x3/2", "imagenet"])
def test_the_estimate_is_that_of_the_network(stem: str, size: int) -> None:
    settings = ClassifierSettings(width=16, stem=stem)
    network = networks.get("resnet18")
    made, layers = network.make(10, settings).eval(), network.layers(10, settings, size)
    with FlopCounterMode(display=False) as counted:
        made(torch.zeros(1, 3, size, size))
    assert layers is not None
    assert layers.parameters == sum(weight.numel() for weight in made.parameters())
    assert layers.operations == counted.get_total_flops()
