"""The search for test images as a recipe: its artifact, and what its key depends on."""

import subprocess
import sys
from typing import ClassVar

import numpy as np
import pytest
from pydantic import ValidationError

from suite.compute import Compute
from suite.engines.build import build_all, in_order
from suite.errors import UsageError
from suite.images import ImageSet
from suite.images.image_set import IMAGES
from suite.metrics.leak_search import LEAKS, MATCHES, LeakedImages, plan_leak_search
from suite.metrics.recipes import plan_fidelity


class Planted(ImageSet):
    """Images of ``others`` followed by some of ``test``: mirrored, and brighter."""

    step: ClassVar[str] = "planted-images"
    version: ClassVar[int] = 1

    others: ImageSet
    test: ImageSet
    mirrored: tuple[int, ...] = ()
    brighter: tuple[int, ...] = ()

    @property
    def counts(self):
        return None

    def build(self, context):
        others, test = (part.open(context.store).images for part in (self.others, self.test))
        mirrored, brighter = (
            test[list(self.mirrored), :, ::-1],
            np.minimum(test[list(self.brighter)], 254) + np.uint8(1),
        )
        images = np.concatenate([others, mirrored, brighter])
        context.write_tensors(IMAGES, {"images": images, "labels": np.arange(len(images)) % 2})


@pytest.fixture
def sets(random_images):
    test = random_images(seed=0, count=40)
    return Planted(others=random_images(seed=1, count=60), test=test, mirrored=(3, 9), brighter=(20,)), test


def plan(synthetic, test, extractor=None):
    return plan_leak_search(synthetic, test, Compute(), size=8, extractor=extractor)


def test_the_artifact_says_how_many_test_images_are_found_and_where(store, sets):
    recipe = plan(*sets)
    artifact = build_all(store, [recipe])[0]
    assert artifact.json(LEAKS) == {"exact": 2, "near": 1, "test_images": 40}
    assert recipe.read(store) == LeakedImages(exact=2, near=1, test_images=40)
    assert recipe.read(store).found == 3
    matches = artifact.tensors(MATCHES)
    assert matches["test"].tolist() == [3, 9, 20]
    assert matches["synthetic"].tolist() == [60, 61, 62]


def test_nothing_is_found_in_other_images(store, random_images):
    recipe = plan(random_images(seed=1, count=60), random_images(seed=0, count=40), ("pixels", 8))
    artifact = build_all(store, [recipe])[0]
    assert recipe.read(store) == LeakedImages(exact=0, near=0, test_images=40)
    assert [tensor.tolist() for tensor in artifact.tensors(MATCHES).values()] == [[], []]


def test_features_find_what_pixels_do_not(store, sets, monkeypatch):
    monkeypatch.setattr("suite.metrics.leaks.CLOSE", -1)
    pixels, features = plan(*sets), plan(*sets, ("pixels", 8))
    build_all(store, [pixels, features])
    assert pixels.read(store) == LeakedImages(exact=2, near=0, test_images=40)
    assert features.read(store) == LeakedImages(exact=2, near=1, test_images=40)


def test_features_of_the_synthetic_set_are_those_of_its_metrics(random_images):
    synthetic, test, train = (random_images(seed=seed, count=30) for seed in range(3))
    metrics = plan_fidelity(synthetic, train, "efficientnet-lite0", Compute(), natural=True, side=32)
    search = plan(synthetic, test, ("efficientnet-lite0", 32))
    assert [recipe.step for recipe in in_order(metrics, search)].count("features") == 3
    assert "features" not in [recipe.step for recipe in in_order(plan(synthetic, test))]


def test_every_setting_is_in_the_key(random_images):
    a, b = (random_images(seed=seed, count=4) for seed in range(2))
    plans = [
        plan(a, b),
        plan(b, a),
        plan(a, b, ("pixels", 8)),
        plan(a, b, ("pixels", 4)),
        plan_leak_search(a, b, Compute(threads=2), size=8, extractor=None),
        plan_leak_search(a, b, Compute(), size=9, extractor=None),
    ]
    assert len({recipe.key for recipe in plans}) == len(plans)


def test_large_images_are_compared_as_thumbnails_first(random_images):
    a, b = (random_images(seed=seed, count=4) for seed in range(2))
    assert plan_leak_search(a, b, Compute(), size=224, extractor=None).side == 16


def test_an_unknown_extractor_is_a_usage_error(random_images):
    images = random_images(seed=0, count=4)
    with pytest.raises(UsageError, match="unknown extractor 'vgg'"):
        plan(images, images, ("vgg", 8))


def test_the_result_refuses_other_fields_and_changes():
    with pytest.raises(ValidationError):
        LeakedImages(exact=0, near=0, test_images=1, found=0)
    with pytest.raises(ValidationError):
        LeakedImages(exact=-1, near=0, test_images=1)
    with pytest.raises(ValidationError):
        LeakedImages(exact=0, near=0, test_images=1).exact = 1


def test_the_result_is_read_without_heavy_modules():
    code = "import sys, suite.metrics.leak_search; print([n for n in ('numpy', 'torch', 'scipy') if n in sys.modules])"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True).stdout == "[]\n"
