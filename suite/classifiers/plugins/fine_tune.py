"""``fine-tune``: a pretrained network of timm, trained end to end."""

from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import Field

from suite.artifacts import DataPaths
from suite.classifiers.classifier import ClassifierSettings, classifiers
from suite.classifiers.network import NetworkClassifier
from suite.classifiers.settings import AugmentationName, TrainingSettings
from suite.errors import Unavailable, UsageError
from suite.flops import Layers
from suite.metrics.extractors.efficientnet_lite import EfficientNetLite
from suite.metrics.extractors.extractor import extractors

if TYPE_CHECKING:
    import torch


class FineTuneSettings(TrainingSettings):
    """Settings of fine-tuning. The defaults of the training are those of a short fine-tuning with AdamW.

    Attributes:
        network: ``efficientnet-lite0``, whose weights are installed with the suite, another EfficientNet-Lite
            extractor, or the full name of a network of timm with its weights, such as ``resnet50.a1_in1k``.
        side: Height and width in pixels of the network's input; images of another size are resized.
    """

    network: str = "efficientnet-lite0"
    side: Annotated[int, Field(ge=32)] = 128
    epochs: Annotated[int, Field(ge=1)] = 10
    batch_size: Annotated[int, Field(ge=2)] = 64
    optimiser: Literal["sgd", "adamw"] = "adamw"
    learning_rate: Annotated[float, Field(gt=0)] = 1e-3
    schedule: Literal["linear", "cosine"] = "cosine"
    warmup: Annotated[float, Field(ge=0, lt=1)] = 0.1
    weight_decay: Annotated[float, Field(ge=0)] = 0.02
    augmentation: tuple[AugmentationName, ...] = ("flip", "crop")


@classifiers.register
class FineTune(NetworkClassifier):
    """A pretrained network whose last layer is replaced; all weights are trained."""

    name = "fine-tune"
    title = "fine-tuned network"
    settings = FineTuneSettings
    normalised = False

    def configure(self, values: dict[str, Any], data_paths: DataPaths) -> ClassifierSettings:
        """Validate the settings.

        Raises:
            UsageError: If a setting does not exist.
            Unavailable: If the weights are not on this machine.
        """
        settings = super().configure(values, data_paths)
        assert isinstance(settings, FineTuneSettings)
        if (wheel := _wheel(settings)) is not None:
            wheel.check(data_paths)
        elif not data_paths.download:
            raise Unavailable(f"fine-tune needs the weights of {settings.network}: allow it with --download")
        return settings

    def describe(self, settings: ClassifierSettings) -> str:
        """Return the network and its input size."""
        assert isinstance(settings, FineTuneSettings)
        return f"{settings.network} at {settings.side} pixels, fine-tuned"

    def pretrained_on(self, settings: ClassifierSettings) -> str | None:
        """Return what the network was trained on before; for a network of timm, the tag of its weights."""
        assert isinstance(settings, FineTuneSettings)
        wheel = _wheel(settings)
        return wheel.pretrained_on if wheel else settings.network

    def image_size(self, settings: ClassifierSettings) -> int:
        """Return the height and width of the network's input."""
        assert isinstance(settings, FineTuneSettings)
        return settings.side

    def make(self, classes: int, settings: TrainingSettings) -> "torch.nn.Module":
        """Return the network with a new last layer, and random weights until ``load_pretrained``.

        Raises:
            UsageError: If timm has no such network.
        """
        import timm

        from suite.classifiers.pretrained import ResizedInput

        assert isinstance(settings, FineTuneSettings)
        wheel = _wheel(settings)
        name = wheel.timm_name if wheel else settings.network
        if not timm.is_model(name):
            raise UsageError(f"fine-tune: timm has no network {name!r}: see timm.list_models(pretrained=True)")
        network = timm.create_model(name, pretrained=False, num_classes=classes)
        return ResizedInput(network, settings.side)

    def load_pretrained(self, network: "torch.nn.Module", settings: TrainingSettings, data_paths: DataPaths) -> None:
        """Load the pretrained weights of all layers but the last one."""
        from suite.classifiers.pretrained import load_backbone

        assert isinstance(settings, FineTuneSettings)
        wheel = _wheel(settings)
        load_backbone(network, settings.network, wheel.tensors() if wheel else None, download=data_paths.download)

    def layers(self, classes: int, settings: TrainingSettings, side: int) -> Layers | None:  # noqa: ARG002
        """Return the size of the network, where the extractor states it; see ``NetworkClassifier.layers``."""
        assert isinstance(settings, FineTuneSettings)
        wheel = _wheel(settings)
        if wheel is None:
            return None
        scale = (settings.side / wheel.side) ** 2
        return Layers(
            parameters=wheel.parameters + wheel.features * classes,
            operations=wheel.operations * scale,
            activations=round(wheel.activations * scale),
            largest_output=round(wheel.activations * scale / 8),  # more than the largest layer has
        )


def _wheel(settings: FineTuneSettings) -> EfficientNetLite | None:
    """Return the extractor whose weights are a wheel, or None for a network of timm."""
    extractor = extractors.get(settings.network) if settings.network in extractors else None
    return extractor if isinstance(extractor, EfficientNetLite) else None
