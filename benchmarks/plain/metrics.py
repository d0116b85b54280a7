"""A script without the suite's pipeline: torch-fidelity's ``calculate_metrics``, one metric per run.

    python metrics.py --real REAL --synthetic SYNTHETIC --metric fid

It uses EfficientNet-Lite0, because the Inception weights need a download; with them the ratio to the suite is the same.
"""

import argparse

import torch
from torch_fidelity import calculate_metrics, register_feature_extractor
from torch_fidelity.feature_extractor_base import FeatureExtractorBase

from suite.artifacts import DataPaths
from suite.metrics.extractors.extractor import extractors

SIDE = 64


class Lite0(FeatureExtractorBase):
    """The suite's extractor with the interface of torch-fidelity."""

    def __init__(self, name: str, features_list: list[str], **_: object) -> None:
        super().__init__(name, features_list)
        self.network = extractors.get("efficientnet-lite0").load(SIDE, "cpu", DataPaths())

    @staticmethod
    def get_provided_features_list() -> tuple[str, ...]:
        """Return the names of the outputs."""
        return "features", "logits"

    @staticmethod
    def get_default_feature_layer_for_metric(metric: str) -> str:
        """Return the name of the output that a metric uses."""
        return "logits" if metric == "isc" else "features"

    @staticmethod
    def can_be_compiled() -> bool:
        """Return False: the network is not compiled."""
        return False

    def forward(self, images: torch.Tensor) -> tuple[torch.Tensor, ...]:
        """Map uint8 images (N, 3, H, W) to the requested outputs."""
        outputs = dict(zip(("features", "logits"), self.network(images.permute(0, 2, 3, 1)), strict=True))
        return tuple(outputs[name] for name in self.features_list)


def main() -> None:
    """Compute the metric that the command line names."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--real", required=True)
    parser.add_argument("--synthetic", required=True)
    parser.add_argument("--metric", choices=("isc", "fid", "kid", "prc"), required=True)
    options = parser.parse_args()
    register_feature_extractor("lite0", Lite0)
    values = calculate_metrics(
        input1=options.synthetic,
        input2=options.real,
        **{options.metric: True},
        feature_extractor="lite0",
        cuda=False,
        cache=False,
        samples_find_deep=True,
        batch_size=32,
        verbose=False,
    )
    print(values)


if __name__ == "__main__":
    main()
