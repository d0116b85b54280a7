"""CLIP features, trained on image-text pairs, as torch-fidelity computes them."""

import warnings
from typing import TYPE_CHECKING

from suite.artifacts import DataPaths
from suite.metrics.extractors.extractor import Extractor, extractors
from suite.metrics.extractors.weights import WeightFile

if TYPE_CHECKING:
    import torch

NETWORK = "clip-vit-b-32"
SHA256 = "40d365715913c9da98579312b702a82c18be219cc2a73407c4526f58eba950af"
WEIGHTS = WeightFile(
    name=f"{NETWORK}-{SHA256}.pt",
    url=f"https://openaipublic.azureedge.net/clip/models/{SHA256}/ViT-B-32.pt",
    sha256=SHA256,
    variable="SUITE_CLIP_WEIGHTS",
)


@extractors.register
class Clip(Extractor):
    """Image encoder of CLIP ViT-B/32 (Radford et al., ICML 2021): 512 features, no classes."""

    name = "clip"
    title = "CLIP ViT-B/32"
    pretrained_on = "400 million images and texts from the web"
    weights = SHA256[:8]
    resize = "tf1-bilinear"
    side = 224
    classes = 0
    features = 512
    operations = 8.8e9
    bytes = 353_976_522

    def check(self, data_paths: DataPaths) -> None:
        """Raise Unavailable if the weights are neither on this machine nor allowed to be downloaded."""
        WEIGHTS.check(data_paths)

    def load(self, side: int, device: str, data_paths: DataPaths) -> "torch.nn.Module":
        """Build torch-fidelity's network; raises UsageError for another input size than 224."""
        from torch_fidelity.feature_extractor_clip import FeatureExtractorCLIP

        from suite.metrics.networks import TorchFidelityNetwork

        self.check_side(side)
        path = WEIGHTS.fetch(data_paths)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", FutureWarning)  # torch warns about the TorchScript format of OpenAI's file
            network = FeatureExtractorCLIP(NETWORK, ["clip"], feature_extractor_weights_path=str(path), verbose=False)
        return TorchFidelityNetwork(network).to(device)
