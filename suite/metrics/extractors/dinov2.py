"""DINOv2 features, trained without labels."""

from typing import TYPE_CHECKING

from suite.artifacts import DataPaths
from suite.metrics.extractors.extractor import Extractor, extractors
from suite.metrics.extractors.weights import WeightFile

if TYPE_CHECKING:
    import torch

SIDE = 224
PATCH = 14
TRAINED_PATCHES = 37  # patches per row and column in training
MEAN = (0.485, 0.456, 0.406)
STD = (0.229, 0.224, 0.225)
WEIGHTS = WeightFile(
    name="dinov2_vits14_pretrain.pth",
    url="https://dl.fbaipublicfiles.com/dinov2/dinov2_vits14/dinov2_vits14_pretrain.pth",
    sha256="b938bf1bc15cd2ec0feacfe3a1bb553fe8ea9ca46a7e1d8d00217f29aef60cd9",
    variable="SUITE_DINOV2_WEIGHTS",
)


@extractors.register
class Dinov2(Extractor):
    """Class token of DINOv2 ViT-S/14 (Oquab et al., TMLR 2024): 384 features, no classes.

    The network is built by timm, because torch-fidelity would run code downloaded from a repository. Weights, resize
    and normalisation are those of torch-fidelity.
    """

    name = "dinov2"
    title = "DINOv2 ViT-S/14"
    pretrained_on = "142 million images (LVD-142M)"
    weights = WEIGHTS.sha256[:8]
    resize = "tf1-bilinear"
    side = SIDE
    classes = 0
    features = 384
    operations = 12.2e9
    bytes = 88_000_000

    def check(self, data_paths: DataPaths) -> None:
        """Raise Unavailable if the weights are neither on this machine nor allowed to be downloaded."""
        WEIGHTS.check(data_paths)

    def load(self, side: int, device: str, data_paths: DataPaths) -> "torch.nn.Module":
        """Build timm's network with the published weights; raises UsageError for another input size than 224."""
        import timm
        import torch

        from suite.metrics.networks import ClassTokenNetwork

        self.check_side(side)
        tensors = torch.load(WEIGHTS.fetch(data_paths), map_location="cpu", weights_only=True)
        del tensors["mask_token"]  # used in training only
        tensors["pos_embed"] = _resize_positions(tensors["pos_embed"])
        network = timm.create_model("vit_small_patch14_dinov2", pretrained=False, img_size=SIDE, num_classes=0)
        network.load_state_dict(tensors)
        return ClassTokenNetwork(network, SIDE, MEAN, STD).to(device)


def _resize_positions(embedding: "torch.Tensor") -> "torch.Tensor":
    """Interpolate the position embedding from 37 x 37 to 16 x 16 patches, as the published code does.

    The published code adds 0.1 to the number of patches before scaling, which shifts every position slightly.

    Args:
        embedding: float32, 1 x (1 + 37 * 37) x D; the first position is that of the class token.

    Returns:
        float32, 1 x (1 + 16 * 16) x D.
    """
    import torch

    grid = embedding[:, 1:].reshape(1, TRAINED_PATCHES, TRAINED_PATCHES, -1).permute(0, 3, 1, 2)
    scale = (SIDE // PATCH + 0.1) / TRAINED_PATCHES
    grid = torch.nn.functional.interpolate(grid, scale_factor=(scale, scale), mode="bicubic")
    return torch.cat([embedding[:, :1], grid.flatten(2).transpose(1, 2)], dim=1)
