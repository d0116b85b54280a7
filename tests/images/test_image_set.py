"""Image sets are checked before they are published."""

from typing import ClassVar

import numpy as np
import pytest
from simple_recipes import Painted

from suite.artifacts import BuildContext, Store
from suite.engines.build import build_all
from suite.errors import BadArtifact, BadData
from suite.images.image_set import IMAGES


class GivenLabels(Painted):
    """Writes the given labels, whatever ``per_class`` says."""

    step: ClassVar[str] = "test-given-labels"

    labels: tuple[int, ...]
    float_pixels: bool = False
    without_images: bool = False

    def build(self, context: BuildContext) -> None:
        images = np.arange(len(self.labels) * 12).reshape(-1, 2, 2, 3)
        images = images.astype(np.float32 if self.float_pixels else np.uint8)
        name = "wrong name" if self.without_images else "images"
        context.write_tensors(IMAGES, {name: images, "labels": np.array(self.labels, dtype=np.int64)})


def test_a_set_opens_with_the_images_that_were_written(store: Store) -> None:
    recipe = Painted(per_class=(2, 3))
    build_all(store, [recipe])
    opened = recipe.open(store)
    assert opened.images.shape == (5, 8, 8, 3)
    assert opened.counts(2) == recipe.counts == (2, 3)


@pytest.mark.parametrize(
    ("recipe", "message"),
    [
        (GivenLabels(per_class=(1, 1), labels=(0, 0)), r"made \(2, 0\) images per class instead of \(1, 1\)"),
        (GivenLabels(per_class=(1, 1), labels=(0, 2)), "labels from 0 to 2 are not all classes"),
        (GivenLabels(per_class=(1, 1), labels=(0, -1)), "labels from -1 to 0 are not all classes"),
        (GivenLabels(per_class=(1, 1), labels=(0, 1), float_pixels=True), "must be uint8"),
        (GivenLabels(per_class=(1, 1), labels=(0, 1), without_images=True), "images"),
    ],
)
def test_invalid_images_are_not_published(store: Store, recipe: GivenLabels, message: str) -> None:
    with pytest.raises(BadData, match=message):
        build_all(store, [recipe])
    assert store.find(recipe) is None


def test_a_valid_set_is_published(store: Store) -> None:
    build_all(store, [GivenLabels(per_class=(1, 1), labels=(1, 0))])


def test_opening_a_missing_set_names_it(store: Store) -> None:
    with pytest.raises(BadArtifact, match="test-painted"):
        Painted(per_class=(1,)).open(store)
