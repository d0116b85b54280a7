"""DINOv2 with random weights under the published tensor names."""

import pytest
import timm
import torch

from suite.artifacts import DataPaths
from suite.metrics.extractors import dinov2
from suite.testing import ExtractorContract


class TestContract(ExtractorContract):
    plugin = dinov2.Dinov2

    @pytest.fixture(scope="class")
    @classmethod
    def data_paths(cls, tmp_path_factory, accept_for_class):
        torch.manual_seed(0)
        tensors = timm.create_model("vit_small_patch14_dinov2", pretrained=False, num_classes=0).state_dict()
        path = tmp_path_factory.mktemp("weights") / "random.pth"
        torch.save({**tensors, "mask_token": torch.zeros(1, 384)}, path)
        accept_for_class(dinov2, path)
        return DataPaths()

    def test_the_feature_is_the_class_token(self, network, images):
        features, _ = network(images)
        assert features.shape == (4, 384)
        assert torch.allclose(features.mean(dim=1), torch.zeros(4), atol=1e-5)  # it is the output of a layer norm


def test_positions_are_interpolated_except_that_of_the_class_token():
    row = torch.linspace(0, 1, 37)
    embedding = torch.cat([torch.tensor([[[5.0]]]), row.repeat(37).view(1, -1, 1)], dim=1)
    positions = dinov2._resize_positions(embedding)
    assert positions.shape == (1, 1 + 16 * 16, 1)
    assert positions[0, 0, 0] == 5
    grid = positions[0, 1:, 0].view(16, 16)
    assert torch.allclose(grid, grid[:1].expand(16, 16), atol=1e-6)
    centres = (torch.arange(16) + 0.5) * 37 / 16.1 - 0.5
    assert torch.allclose(grid[0, 2:-2], centres[2:-2] / 36, atol=2e-3)
