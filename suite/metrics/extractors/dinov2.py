"""Features of DINOv2, which no labels have shaped."""

from typing import TYPE_CHECKING

from suite.artifacts import DataPaths
from suite.metrics.extractors.extractor import Extractor, extractors
from suite.metrics.extractors.weights import WeightFile

if TYPE_CHECKING:
    import torch

SIDE = 224
PATCH = 14
TRAINED_PATCHES = 37
MEAN = (0.485, 0.456, 0.406)
DEVIATION = (0.229, 0.224, 0.225)
WEIGHTS = WeightFile(
    name="dinov2_vits14_pretrain.pth",
    url="https://dl.fbaipublicfiles.com/dinov2/dinov2_vits14/dinov2_vits14_pretrain.pth",
    sha256="b938bf1bc15cd2ec0feacfe3a1bb553fe8ea9ca46a7e1d8d00217f29aef60cd9",
    variable="SUITE_DINOV2_WEIGHTS",
)


@extractors.register
class Dinov2(Extractor):
    """The class token of DINOv2 ViT-S/14 (Oquab et al., TMLR 2024), 384 features, no classes.

    torch-fidelity would run code fetched from a repository to build the network; here timm builds it, and the
    published weights, resize and scaling are torch-fidelity's.
    """

    name = "dinov2"
    title = "DINOv2 ViT-S/14"
    weights = WEIGHTS.sha256[:8]
    resize = "tf1-bilinear"
    side = SIDE
    classes = 0
    features = 384
    operations = 12.2e9
    bytes = 88_000_000

    def check(self, data_paths: DataPaths) -> None:
        """Look for the weights."""
        WEIGHTS.check(data_paths)

    def load(self, side: int, device: str, data_paths: DataPaths) -> "torch.nn.Module":
        """Build timm's network around the published weights; raises UsageError for any side but its own."""
        import timm
        import torch

        from suite.metrics.networks import ClassToken

        self.refuse_other_sides(side)
        tensors = torch.load(WEIGHTS.fetch(data_paths), map_location="cpu", weights_only=True)
        del tensors["mask_token"]  # of the training only
        tensors["pos_embed"] = _positions(tensors["pos_embed"])
        network = timm.create_model("vit_small_patch14_dinov2", pretrained=False, img_size=SIDE, num_classes=0)
        network.load_state_dict(tensors)
        return ClassToken(network, SIDE, MEAN, DEVIATION).to(device)


def _positions(embedding: "torch.Tensor") -> "torch.Tensor":
    """Stretch the position embedding from the patches it was trained with to the patches there are, as published.

    The published network adds 0.1 to the number of patches before it scales, which shifts every position a little.
    """
    import torch

    grid = embedding[:, 1:].reshape(1, TRAINED_PATCHES, TRAINED_PATCHES, -1).permute(0, 3, 1, 2)
    scale = (SIDE // PATCH + 0.1) / TRAINED_PATCHES
    grid = torch.nn.functional.interpolate(grid, scale_factor=(scale, scale), mode="bicubic")
    return torch.cat([embedding[:, :1], grid.flatten(2).transpose(1, 2)], dim=1)
