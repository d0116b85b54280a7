"""The Inception network of the FID literature, with random weights: the published ones need a download."""

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
        from torch_fidelity import feature_extractor_inceptionv3

        path = tmp_path_factory.mktemp("weights") / "random.pth"
        with pytest.MonkeyPatch.context() as patch:  # torch-fidelity cannot build the network without weights
            patch.setattr(feature_extractor_inceptionv3, "load_state_dict_from_url", lambda *_, **__: {})
            network = feature_extractor_inceptionv3.FeatureExtractorInceptionV3
            patch.setattr(network, "load_state_dict", lambda *_: None)
            torch.save(network("random", ["2048"]).state_dict(), path)
        accept_for_class(inception_v3_compat, path)
        return DataPaths()

    def test_logits_are_unbiased(self, network, images):
        features, logits = network(images[:1])
        assert features.shape == (1, 2048)
        assert torch.allclose(logits, features @ network.network.fc.weight.T, atol=1e-5)


class Malicious:
    def __reduce__(self):
        return os.mkdir, ("created",)


def test_pickled_code_in_a_weight_file_is_not_run(monkeypatch, tmp_path, accept):
    torch.save({"weight": Malicious()}, tmp_path / "malicious.pth")
    accept(inception_v3_compat, tmp_path / "malicious.pth")
    monkeypatch.chdir(tmp_path)
    with pytest.raises(pickle.UnpicklingError):
        extractors.get("inception-v3-compat").load(299, "cpu", DataPaths())
    assert not (tmp_path / "created").exists()
