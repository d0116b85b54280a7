"""Settings and recipes of classifiers."""

import subprocess
import sys
from collections.abc import Callable

import pytest

from suite.classifiers.network import NetworkPredictions, TrainedNetwork
from suite.classifiers.plugins.resnet18 import ResNet18Settings


@pytest.mark.parametrize(
    "setting",
    [
        {"width": 0},
        {"epochs": 0},
        {"batch_size": 1},
        {"learning_rate": 0},
        {"warmup": 1},
        {"momentum": 1},
        {"weight_decay": -1},
        {"label_smoothing": 1},
        {"crop_padding": -1},
        {"steps": 0},
        {"stem": "5x5"},
        {"augmentation": ("cutmix",)},
        {"learning_rates": 0.1},
    ],
    ids=str,
)
def test_invalid_settings_are_refused(setting: dict[str, object]) -> None:
    with pytest.raises(ValueError):
        ResNet18Settings.model_validate(setting)


def test_labels_include_the_seed(classifier: Callable[..., TrainedNetwork]) -> None:
    trained = classifier(seed=3)
    predictions = NetworkPredictions(classifier=trained, images=trained.training_set, compute=trained.compute)
    assert (trained.label, predictions.label) == ("resnet18, seed 3", "predictions, seed 3")


def test_a_classifier_needs_at_least_two_classes(classifier: Callable[..., TrainedNetwork]) -> None:
    assert classifier(per_class=(3, 3)).classes == 2
    with pytest.raises(ValueError, match="classes\n  Input should be greater than or equal to 2"):
        classifier(per_class=(3,))


def test_recipes_are_imported_without_torch() -> None:
    program = (
        "import sys, suite.classifiers.network; print([name for name in ('torch', 'numpy') if name in sys.modules])"
    )
    process = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert process.stdout.strip() == "[]"
