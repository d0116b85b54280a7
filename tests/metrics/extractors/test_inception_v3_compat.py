"""The literature's extractor, on weights drawn at random: the real ones need a download."""

import os
import pickle

import pytest
import torch

from suite.artifacts import DataPaths
from suite.metrics.extractors import inception_v3_compat
from suite.metrics.extractors.extractor import extractors
from suite.testing import ExtractorContract


class TestContract(ExtractorContract):
    plugin = inception_v3_compat.InceptionV3Compat

    @pytest.fixture(scope="class")
    @classmethod
    def data_paths(cls, tmp_path_factory, accept_for_class):
        from torch_fidelity import feature_extractor_inceptionv3 as theirs

        path = tmp_path_factory.mktemp("weights") / "drawn.pth"
        with pytest.MonkeyPatch.context() as patch:  # torch-fidelity cannot build the network without weights
            patch.setattr(theirs, "load_state_dict_from_url", lambda *_, **__: {})
            patch.setattr(theirs.FeatureExtractorInceptionV3, "load_state_dict", lambda *_: None)
            torch.save(theirs.FeatureExtractorInceptionV3("drawn", ["2048"]).state_dict(), path)
        accept_for_class(inception_v3_compat, path)
        return DataPaths()

    def test_logits_are_unbiased(self, network, images):
        features, logits = network(images[:1])
        assert features.shape == (1, 2048)
        assert torch.allclose(logits, features @ network.network.fc.weight.T, atol=1e-5)


class Evil:
    def __reduce__(self):
        return os.mkdir, ("evil",)


def test_weights_that_would_run_code_are_not_loaded(monkeypatch, tmp_path, accept):
    torch.save({"weight": Evil()}, tmp_path / "evil.pth")
    accept(inception_v3_compat, tmp_path / "evil.pth")
    monkeypatch.chdir(tmp_path)
    with pytest.raises(pickle.UnpicklingError):
        extractors.get("inception-v3-compat").load(299, "cpu", DataPaths())
    assert not (tmp_path / "evil").exists()
