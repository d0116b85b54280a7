"""What an image set must be before it is published."""

from typing import ClassVar

import numpy as np
import pytest
from simple_recipes import Painted

from suite.artifacts import BuildContext, Store
from suite.engines.build import build_all
from suite.errors import BadArtifact, BadData
from suite.images.image_set import IMAGES


class Made(Painted):
    """Writes what it is told to, whatever was asked for."""

    step: ClassVar[str] = "test-made"

    labels: tuple[int, ...]
    float_pixels: bool = False
    nameless: bool = False

    def build(self, context: BuildContext) -> None:
        images = np.arange(len(self.labels) * 12).reshape(-1, 2, 2, 3)
        images = images.astype(np.float32 if self.float_pixels else np.uint8)
        name = "pictures" if self.nameless else "images"
        context.write_tensors(IMAGES, {name: images, "labels": np.array(self.labels, dtype=np.int64)})


def test_a_set_opens_as_what_was_written(store: Store) -> None:
    recipe = Painted(per_class=(2, 3))
    build_all(store, [recipe])
    opened = recipe.open(store)
    assert opened.images.shape == (5, 8, 8, 3)
    assert opened.counts(2) == recipe.counts == (2, 3)


@pytest.mark.parametrize(
    ("recipe", "words"),
    [
        (Made(per_class=(1, 1), labels=(0, 0)), r"made \(2, 0\) images a class, \(1, 1\) were asked for"),
        (Made(per_class=(1, 1), labels=(0, 2)), "labels from 0 to 2 name no class"),
        (Made(per_class=(1, 1), labels=(0, -1)), "labels from -1 to 0 name no class"),
        (Made(per_class=(1, 1), labels=(0, 1), float_pixels=True), "must be uint8"),
        (Made(per_class=(1, 1), labels=(0, 1), nameless=True), "images"),
    ],
)
def test_what_is_not_as_asked_is_never_published(store: Store, recipe: Made, words: str) -> None:
    with pytest.raises(BadData, match=words):
        build_all(store, [recipe])
    assert store.find(recipe) is None


def test_a_healthy_set_passes_the_same_gate(store: Store) -> None:
    build_all(store, [Made(per_class=(1, 1), labels=(1, 0))])


def test_opening_what_is_not_there_says_what_is_missing(store: Store) -> None:
    with pytest.raises(BadArtifact, match="test-painted"):
        Painted(per_class=(1,)).open(store)
