"""The literature's extractor, on weights drawn at random: the real ones need a download."""

import os
import pickle

import pytest
import torch

from suite.artifacts import Places
from suite.metrics.extractors import inception_v3_compat
from suite.metrics.extractors.extractor import extractors


def test_features_and_unbiased_logits(monkeypatch, tmp_path, accept):
    from torch_fidelity import feature_extractor_inceptionv3 as theirs

    with monkeypatch.context() as patch:  # torch-fidelity cannot build the network without weights
        patch.setattr(theirs, "load_state_dict_from_url", lambda *_, **__: {})
        patch.setattr(theirs.FeatureExtractorInceptionV3, "load_state_dict", lambda *_: None)
        torch.save(theirs.FeatureExtractorInceptionV3("drawn", ["2048"]).state_dict(), tmp_path / "drawn.pth")
    accept(inception_v3_compat, tmp_path / "drawn.pth")
    plugin = extractors.get("inception-v3-compat")
    network = plugin.load(299, "cpu", Places())
    images = torch.randint(0, 256, (1, 32, 32, 3), dtype=torch.uint8, generator=torch.Generator().manual_seed(0))
    features, logits = network(images)
    assert features.shape == (1, 2048)
    assert logits.shape == (1, plugin.classes)
    assert torch.allclose(logits, features @ network.network.fc.weight.T, atol=1e-5)


class Evil:
    def __reduce__(self):
        return os.mkdir, ("evil",)


def test_weights_that_would_run_code_are_not_loaded(monkeypatch, tmp_path, accept):
    torch.save({"weight": Evil()}, tmp_path / "evil.pth")
    accept(inception_v3_compat, tmp_path / "evil.pth")
    monkeypatch.chdir(tmp_path)
    with pytest.raises(pickle.UnpicklingError):
        extractors.get("inception-v3-compat").load(299, "cpu", Places())
    assert not (tmp_path / "evil").exists()
