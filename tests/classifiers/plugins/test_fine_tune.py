"""Fine-tuning of a pretrained network."""

from pathlib import Path

import pytest
import torch

from suite.artifacts import DataPaths
from suite.classifiers.plugins.fine_tune import FineTune
from suite.classifiers.pretrained import load_backbone
from suite.errors import BadData, Unavailable, UsageError
from suite.metrics.extractors.extractor import extractors
from suite.testing import ClassifierContract

PATHS = DataPaths(cache=Path("no such folder"))


class TestContract(ClassifierContract):
    plugin = FineTune
    settings = {"side": 32, "epochs": 8, "batch_size": 44, "augmentation": ()}


def test_all_layers_but_the_last_have_the_pretrained_weights() -> None:
    plugin = FineTune()
    settings = plugin.configure({"side": 32}, PATHS)
    network = plugin.make(7, settings)
    plugin.load_pretrained(network, settings, PATHS)
    own = network.network.state_dict()
    pretrained = dict(zip(own, extractors.get("efficientnet-lite0").tensors(), strict=True))
    different = [
        name for name in own if own[name].shape != pretrained[name].shape or (own[name] != pretrained[name]).any()
    ]
    assert different == ["classifier.weight", "classifier.bias"]
    assert own["classifier.weight"].shape == (7, 1280)


def test_features_equal_those_of_the_extractor() -> None:
    """Resizing and normalisation are those of the extractor, up to 127 and 128 instead of 127.5."""
    plugin = FineTune()
    settings = plugin.configure({"side": 64}, PATHS)
    network = plugin.make(7, settings).eval()
    plugin.load_pretrained(network, settings, PATHS)
    images = torch.randint(0, 256, (4, 64, 64, 3), dtype=torch.uint8, generator=torch.Generator().manual_seed(0))
    with torch.inference_mode():
        expected, _ = extractors.get("efficientnet-lite0").load(64, "cpu", PATHS)(images)
        values = (images.permute(0, 3, 1, 2).float() - 127.5) / 127.5
        body = network.network
        features = body.forward_head(body.forward_features(values), pre_logits=True)
    assert torch.corrcoef(torch.stack([features.flatten(), expected.flatten()]))[0, 1] > 0.999


def test_weights_that_do_not_fit_are_refused() -> None:
    plugin = FineTune()
    settings = plugin.configure({"side": 32}, PATHS)
    tensors = [torch.zeros(2)] * len(extractors.get("efficientnet-lite0").tensors())
    with pytest.raises(BadData, match="install another version of timm"):
        load_backbone(plugin.make(7, settings), "x", tensors, download=False)


def test_a_network_of_timm_needs_a_download() -> None:
    with pytest.raises(Unavailable, match=r"needs the weights of resnet50\.a1_in1k: allow it with --download"):
        FineTune().configure({"network": "resnet50.a1_in1k"}, PATHS)
    allowed = FineTune().configure({"network": "resnet50.a1_in1k"}, DataPaths(download=True))
    assert FineTune().pretrained_on(allowed) == "resnet50.a1_in1k"


def test_an_unknown_network_is_an_error() -> None:
    settings = FineTune().configure({"network": "no_such"}, DataPaths(download=True))
    with pytest.raises(UsageError, match="timm has no network 'no_such'"):
        FineTune().make(2, settings)
