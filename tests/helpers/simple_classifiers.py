"""Recipes of small classifiers for tests."""

from typing import Any

from suite.classifiers.network import TrainedNetwork
from suite.classifiers.plugins.resnet18 import ResNet18Settings
from suite.planning.profiles import Budget


def resnet18(**fields: Any) -> TrainedNetwork:
    """Return the recipe of a ResNet-18 with these fields, for images of the training set's size."""
    return TrainedNetwork(network="resnet18", size=fields["training_set"].side or 8, **fields)


def resnet18_settings(budget: Budget) -> ResNet18Settings:
    """Return the settings of the ResNet-18 in a budget."""
    return ResNet18Settings.model_validate(budget.classifier["resnet18"])
