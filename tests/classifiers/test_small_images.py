"""Convolutions of small images give the results and gradients of torch's convolutions."""

import pytest
import torch
from torch import nn

from suite.classifiers.plugins.resnet18 import ResNet18, ResNet18Settings
from suite.classifiers.small_images import SmallImageConv2d


@pytest.mark.parametrize("stride", [1, 2])
@pytest.mark.parametrize("shape", [(1, 1), (2, 2), (2, 1), (3, 3), (4, 4)])
def test_results_and_gradients_are_those_of_torch(shape: tuple[int, int], stride: int) -> None:
    convolution = nn.Conv2d(3, 5, 3, stride, padding=1, bias=False).double()
    small = SmallImageConv2d(3, 5, 3, stride, padding=1, bias=False).double()
    small.load_state_dict(convolution.state_dict())
    random = torch.Generator().manual_seed(0)
    images = torch.randn(4, 3, *shape, generator=random, dtype=torch.float64).requires_grad_()
    results = [layer(images) for layer in (convolution, small)]
    weights = torch.randn(results[0].shape, generator=random, dtype=torch.float64)
    of_images, of_weights = zip(
        *(
            torch.autograd.grad((result * weights).sum(), (images, layer.weight))
            for result, layer in zip(results, (convolution, small), strict=True)
        ),
        strict=True,
    )
    for expected, actual in (results, of_images, of_weights):
        torch.testing.assert_close(actual, expected)


def test_a_resnet_in_bfloat16_on_one_pixel_has_finite_gradients() -> None:
    """Torch's convolution with stride 2 reads uninitialised memory there; this test would fail now and then."""
    network = ResNet18().make(3, ResNet18Settings(width=64, stem="imagenet"))
    for layer in network.modules():
        if isinstance(layer, nn.Conv2d) and layer.kernel_size == (3, 3):
            assert isinstance(layer, SmallImageConv2d)
    images = torch.randn(6, 3, 16, 16, generator=torch.Generator().manual_seed(0))
    with torch.autocast("cpu", torch.bfloat16):
        logits = network(images)
    logits.float().square().sum().backward()
    gradients = [weight.grad.abs().max() for weight in network.parameters() if weight.grad is not None]
    assert max(gradients) < 1e6
