"""CLIP on weights drawn at random, in the container that OpenAI publishes."""

import pytest
import torch

from suite.artifacts import Places
from suite.metrics.extractors import clip
from suite.metrics.extractors.extractor import extractors


@pytest.mark.filterwarnings("ignore")  # of torch.jit, by which the stand-in is made
def test_one_feature_vector_an_image_and_no_classes(tmp_path, accept):
    from torch_fidelity.feature_extractor_clip import CLIPVisual

    torch.manual_seed(0)
    tower = CLIPVisual(16, 224, vision_layers=1, vision_width=64, vision_patch_size=32)
    tower.text_projection = torch.nn.Parameter(torch.zeros(1, 16))
    tower.forward = tower.visual.forward
    torch.jit.trace(tower, torch.zeros(1, 3, 224, 224)).save(tmp_path / "drawn.pt")
    accept(clip, tmp_path / "drawn.pt")
    network = extractors.get("clip").load(224, "cpu", Places())
    images = torch.randint(0, 256, (3, 32, 32, 3), dtype=torch.uint8, generator=torch.Generator().manual_seed(0))
    features, logits = network(images)
    assert features.shape == (3, 16)
    assert logits.shape == (3, extractors.get("clip").classes)
    assert not torch.allclose(features[0], features[1])
