"""CLIP with random weights, in the TorchScript format of the published file."""

import pytest
import torch

from suite.artifacts import DataPaths
from suite.metrics.extractors import clip
from suite.testing import ExtractorContract


@pytest.mark.filterwarnings("ignore")  # of torch.jit, which writes the weight file
class TestContract(ExtractorContract):
    plugin = clip.Clip

    @pytest.fixture(scope="class")
    @classmethod
    def data_paths(cls, tmp_path_factory, accept_for_class):
        from torch_fidelity.feature_extractor_clip import CLIPVisual

        torch.manual_seed(0)
        tower = CLIPVisual(16, 224, vision_layers=1, vision_width=64, vision_patch_size=32)
        tower.text_projection = torch.nn.Parameter(torch.zeros(1, 16))
        tower.forward = tower.visual.forward
        path = tmp_path_factory.mktemp("weights") / "random.pt"
        torch.jit.trace(tower, torch.zeros(1, 3, 224, 224)).save(path)
        accept_for_class(clip, path)
        return DataPaths()
