"""What one would write without the suite: torch-fidelity's ``calculate_metrics``, one metric at a time.

    python metrics.py --real REAL --synthetic SYNTHETIC --metric fid

Over EfficientNet-Lite0, because a bare machine has no Inception weights; with them the ratio to the suite is the same.
"""

import argparse

import torch
from torch_fidelity import calculate_metrics, register_feature_extractor
from torch_fidelity.feature_extractor_base import FeatureExtractorBase

from suite.artifacts import DataPaths
from suite.metrics.extractors.extractor import extractors

SIDE = 64


class Lite0(FeatureExtractorBase):
    """The suite's extractor, as torch-fidelity wants it."""

    def __init__(self, name: str, features_list: list[str], **_: object) -> None:
        super().__init__(name, features_list)
        self.network = extractors.get("efficientnet-lite0").load(SIDE, "cpu", DataPaths())

    @staticmethod
    def get_provided_features_list() -> tuple[str, ...]:
        """Name the outputs."""
        return "features", "logits"

    @staticmethod
    def get_default_feature_layer_for_metric(metric: str) -> str:
        """Name the output that a metric takes."""
        return "logits" if metric == "isc" else "features"

    @staticmethod
    def can_be_compiled() -> bool:
        """Say no."""
        return False

    def forward(self, images: torch.Tensor) -> tuple[torch.Tensor, ...]:
        """Map bytes (N, 3, H, W) to what was asked for."""
        found = dict(zip(("features", "logits"), self.network(images.permute(0, 2, 3, 1)), strict=True))
        return tuple(found[name] for name in self.features_list)


def main() -> None:
    """Do what the command line says."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--real", required=True)
    parser.add_argument("--synthetic", required=True)
    parser.add_argument("--metric", choices=("isc", "fid", "kid", "prc"), required=True)
    given = parser.parse_args()
    register_feature_extractor("lite0", Lite0)
    found = calculate_metrics(
        input1=given.synthetic,
        input2=given.real,
        **{given.metric: True},
        feature_extractor="lite0",
        cuda=False,
        cache=False,
        samples_find_deep=True,
        batch_size=32,
        verbose=False,
    )
    print(found)


if __name__ == "__main__":
    main()
