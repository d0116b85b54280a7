"""Features of the FID in the literature: TensorFlow's Inception of 2015, as converted by torch-fidelity."""

from typing import TYPE_CHECKING

from suite.artifacts import DataPaths
from suite.metrics.extractors.extractor import Extractor, extractors
from suite.metrics.extractors.weights import WeightFile

if TYPE_CHECKING:
    import torch

WEIGHTS = WeightFile(
    name="weights-inception-2015-12-05-6726825d.pth",
    url="https://github.com/toshas/torch-fidelity/releases/download/v0.2.0/weights-inception-2015-12-05-6726825d.pth",
    sha256="6726825d0af5f729cebd5821db510b11b1cfad8faad88a03f1befd49fb9129b2",
    variable="SUITE_INCEPTION_WEIGHTS",
)


@extractors.register
class InceptionV3Compat(Extractor):
    """Inception v3 (Szegedy et al., CVPR 2016) with the weights and the resize of Heusel et al., NeurIPS 2017.

    2048 pooled features and 1008 logits without bias, the standard input of the Inception Score; 8 of the logits have
    no class. Images are resized as in TensorFlow 1, which current libraries do not do by default.
    """

    name = "inception-v3-compat"
    title = "Inception v3"
    weights = WEIGHTS.sha256[:8]
    resize = "tf1-bilinear"
    side = 299
    classes = 1008
    features = 2048
    operations = 11.4e9
    bytes = 96_000_000
    literature = True

    def check(self, data_paths: DataPaths) -> None:
        """Raise Unavailable if the weights are neither on this machine nor allowed to be downloaded."""
        WEIGHTS.check(data_paths)

    def load(self, side: int, device: str, data_paths: DataPaths) -> "torch.nn.Module":
        """Build torch-fidelity's network; raises UsageError for another input size than 299."""
        import torch
        from torch_fidelity.feature_extractor_inceptionv3 import FeatureExtractorInceptionV3

        from suite.metrics.networks import TorchFidelityNetwork

        self.check_side(side)
        path = WEIGHTS.fetch(data_paths)
        torch.load(path, map_location="cpu", weights_only=True)  # refuse pickled code, which torch-fidelity would run
        network = FeatureExtractorInceptionV3(
            self.name, ["2048", "logits_unbiased"], feature_extractor_weights_path=str(path)
        )
        return TorchFidelityNetwork(network).to(device)
