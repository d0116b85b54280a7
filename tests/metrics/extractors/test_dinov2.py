"""DINOv2 on weights drawn at random, under the names that its authors publish."""

import pytest
import timm
import torch

from suite.artifacts import Places
from suite.metrics.extractors import dinov2
from suite.metrics.extractors.extractor import extractors


@pytest.fixture
def network(tmp_path, accept):
    torch.manual_seed(0)
    tensors = timm.create_model("vit_small_patch14_dinov2", pretrained=False, num_classes=0).state_dict()
    torch.save({**tensors, "mask_token": torch.zeros(1, 384)}, tmp_path / "drawn.pth")
    accept(dinov2, tmp_path / "drawn.pth")
    return extractors.get("dinov2").load(224, "cpu", Places())


def test_one_class_token_an_image_and_no_classes(network):
    images = torch.randint(0, 256, (2, 32, 32, 3), dtype=torch.uint8, generator=torch.Generator().manual_seed(0))
    features, logits = network(images)
    assert features.shape == (2, 384)
    assert logits.shape == (2, 0)
    assert torch.allclose(features.mean(dim=1), torch.zeros(2), atol=1e-5)  # it comes out of a layer norm
    assert not torch.allclose(features[0], features[1])


def test_positions_are_stretched_and_the_class_keeps_its_own():
    row = torch.linspace(0, 1, 37)
    embedding = torch.cat([torch.tensor([[[5.0]]]), row.repeat(37).view(1, -1, 1)], dim=1)
    positions = dinov2._positions(embedding)
    assert positions.shape == (1, 1 + 16 * 16, 1)
    assert positions[0, 0, 0] == 5
    grid = positions[0, 1:, 0].view(16, 16)
    assert torch.allclose(grid, grid[:1].expand(16, 16), atol=1e-6)
    centres = (torch.arange(16) + 0.5) * 37 / 16.1 - 0.5
    assert torch.allclose(grid[0, 2:-2], centres[2:-2] / 36, atol=2e-3)
