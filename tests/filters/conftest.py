"""Fixtures for filters: generated images, and recipes of what a filter keeps of them."""

from collections.abc import Callable
from typing import ClassVar

import numpy as np
import pytest
from simple_classifiers import resnet18
from simple_recipes import Painted

from suite.artifacts import BuildContext, DataPaths, Store
from suite.artifacts.files import read_tensors
from suite.classifiers.network import NetworkPredictions
from suite.classifiers.plugins.resnet18 import ResNet18Settings
from suite.compute import Compute
from suite.engines.build import build_all
from suite.filters.filter import Candidates, filters
from suite.filters.filtered import INDICES, FilteredImages
from suite.images import ImageSet
from suite.images.image_set import IMAGES

CLASSES = ("blue", "green", "red")


class Mislabelled(Painted):
    """Painted images; the first few of each class have the label of the next class."""

    step: ClassVar[str] = "test-mislabelled"

    mislabelled: int

    def build(self, context: BuildContext) -> None:
        super().build(context)
        painted = read_tensors(context.payload / IMAGES)
        labels = painted["labels"].copy()
        for label in range(len(self.per_class)):
            labels[np.flatnonzero(painted["labels"] == label)[: self.mislabelled]] = (label + 1) % len(self.per_class)
        context.write_tensors(IMAGES, {"images": painted["images"], "labels": labels})


@pytest.fixture
def mislabelled() -> Callable[[int, int], ImageSet]:
    """Return a function that makes images: ``mislabelled(10, 3)`` is 10 per class, 3 of them with a wrong label."""
    return lambda count, wrong: Mislabelled(per_class=(count,) * 3, mislabelled=wrong, seed=1)


@pytest.fixture
def real() -> ImageSet:
    """The real training images."""
    return Painted(per_class=(20, 20, 20))


@pytest.fixture
def candidates(real: ImageSet) -> Callable[[ImageSet], Candidates]:
    """Return a function that makes the candidates for a filter, with predictions of a classifier of real images."""

    def make(images: ImageSet) -> Candidates:
        settings = ResNet18Settings(width=8, epochs=8, batch_size=10, augmentation=())
        trained = resnet18(training_set=real, classes=3, settings=settings, seed=0, compute=Compute())
        return Candidates(
            images=images,
            real=real,
            classes=CLASSES,
            org=NetworkPredictions(classifier=trained, images=images, compute=Compute()),
            size=8,
            sides={"pixels": 8},
            compute=Compute(),
        )

    return make


@pytest.fixture
def plan(candidates: Callable[[ImageSet], Candidates]) -> Callable[..., FilteredImages]:
    """Return a function that makes the recipe of the images that a filter keeps."""

    def make(name: str, images: ImageSet, **settings: object) -> FilteredImages:
        plugin = filters.get(name)
        return plugin.filtered(candidates(images), plugin.configure(settings, DataPaths()))

    return make


@pytest.fixture
def kept(store: Store, plan: Callable[..., FilteredImages]) -> Callable[..., list[int]]:
    """Return a function that applies a filter and returns the indices of the images that it keeps."""

    def apply(name: str, images: ImageSet, **settings: object) -> list[int]:
        indices: list[int] = build_all(store, [plan(name, images, **settings)])[0].tensors(INDICES)["indices"].tolist()
        return indices

    return apply
