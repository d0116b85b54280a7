"""ResNet-18 in its published size and in smaller ones."""

import pytest
import torch
from torch.utils.flop_counter import FlopCounterMode
from torchvision.models import resnet18

from suite.classifiers.classifier import classifiers
from suite.classifiers.plugins.resnet18 import ResNet18, ResNet18Settings
from suite.errors import UsageError
from suite.testing import ClassifierContract


class TestContract(ClassifierContract):
    plugin = ResNet18
    settings = {"width": 8, "epochs": 6, "batch_size": 22, "augmentation": ()}


@pytest.mark.parametrize("size", [4, 8, 32])
def test_images_of_any_size_give_one_logit_per_class(size: int) -> None:
    logits = resnet(width=8)(torch.rand(2, 3, size, size))
    assert logits.shape == (2, 10)


def test_every_weight_has_a_gradient() -> None:
    network = resnet(width=8).train()
    torch.nn.functional.cross_entropy(network(torch.rand(4, 3, 8, 8)), torch.tensor([0, 1, 2, 0])).backward()
    assert [name for name, weight in network.named_parameters() if weight.grad is None or not weight.grad.any()] == []


def resnet(**settings: object) -> torch.nn.Module:
    return classifiers.get("resnet18").make(10, ResNet18Settings.model_validate(settings)).eval()


def test_full_width_with_the_imagenet_stem_equals_torchvisions_resnet18() -> None:
    network, reference = resnet(width=64, stem="imagenet"), resnet18(num_classes=10).eval()
    assert [p.shape for p in network.parameters()] == [p.shape for p in reference.parameters()]
    reference.load_state_dict(dict(zip(reference.state_dict(), network.state_dict().values(), strict=True)))
    images = torch.rand(2, 3, 32, 32, generator=torch.Generator().manual_seed(0))
    torch.testing.assert_close(network(images), reference(images))


def test_an_unknown_classifier_lists_the_registered_ones() -> None:
    with pytest.raises(UsageError, match="unknown classifier 'vgg': choose from fine-tune, linear-probe, resnet18"):
        classifiers.get("vgg")


@pytest.mark.parametrize("size", [32, 9])
@pytest.mark.parametrize("stem", ["3x3", "3x3/2", "imagenet"])
def test_estimated_parameters_and_operations_equal_the_measured_ones(stem: str, size: int) -> None:
    settings = ResNet18Settings(width=16, stem=stem)
    plugin = classifiers.get("resnet18")
    network, layers = plugin.make(10, settings).eval(), plugin.layers(10, settings, size)
    with FlopCounterMode(display=False) as counter:
        network(torch.zeros(1, 3, size, size))
    assert layers is not None
    assert layers.parameters == sum(weight.numel() for weight in network.parameters())
    assert layers.operations == counter.get_total_flops()
