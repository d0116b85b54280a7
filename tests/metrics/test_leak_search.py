"""The search for copies as a recipe: its artifact, and what its key depends on."""

import subprocess
import sys
from typing import ClassVar

import numpy as np
import pytest
from pydantic import ValidationError

from suite.compute import Compute
from suite.engines.build import build_all
from suite.images import ImageSet
from suite.images.image_set import IMAGES
from suite.metrics.leak_search import LEAKS, MATCHES, CopiedImages, FoundCopies, LeakedImages, LeakSearch


class Planted(ImageSet):
    """Images of ``others`` followed by some of ``source``: mirrored, and changed."""

    step: ClassVar[str] = "planted-images"
    version: ClassVar[int] = 1

    others: ImageSet
    source: ImageSet
    mirrored: tuple[int, ...] = ()
    changed: tuple[int, ...] = ()

    @property
    def counts(self):
        return None

    def build(self, context):
        others, source = (part.open(context.store).images for part in (self.others, self.source))
        mirrored = source[list(self.mirrored), :, ::-1]
        changed = np.minimum(source[list(self.changed)], 250) + np.uint8(3)
        images = np.concatenate([others, mirrored, changed])
        context.write_tensors(IMAGES, {"images": images, "labels": np.arange(len(images)) % 2})


@pytest.fixture
def splits(random_images):
    return random_images(seed=0, count=150), random_images(seed=1, count=120)


def plan(synthetic, splits):
    return LeakSearch(synthetic=synthetic, train=splits[0], test=splits[1], evaluation=None, compute=Compute())


def read(store, recipe):
    build_all(store, [recipe])
    return recipe.read(store)


def test_the_artifact_says_how_many_test_images_are_found_and_where(store, splits, random_images):
    planted = Planted(others=random_images(seed=2, count=60), source=splits[1], mirrored=(3, 9), changed=(20,))
    recipe = plan(planted, splits)
    assert read(store, recipe) == FoundCopies(
        test=LeakedImages(exact=2, near=1, test_images=120), train=CopiedImages(exact=0, near=0, synthetic_images=63)
    )
    assert recipe.read(store).test.found == 3
    artifact = store.get(recipe)
    assert artifact.json(LEAKS)["test"] == {"exact": 2, "near": 1, "test_images": 120, "not_evaluated": 0}
    matches = {name: tensor.tolist() for name, tensor in artifact.tensors(MATCHES).items()}
    assert matches == {"test": [3, 9, 20], "test_synthetic": [60, 61, 62], "synthetic": [], "train": []}


def test_copies_of_training_images_are_counted_apart(store, splits, random_images):
    planted = Planted(others=random_images(seed=2, count=60), source=splits[0], mirrored=(3, 9, 9), changed=(20,))
    recipe = plan(planted, splits)
    found = read(store, recipe)
    assert found.test.found == 0
    assert found.train == CopiedImages(exact=3, near=1, synthetic_images=64)
    assert found.train.share == 4 / 64
    matches = {name: tensor.tolist() for name, tensor in store.get(recipe).tensors(MATCHES).items()}
    assert matches == {"test": [], "test_synthetic": [], "synthetic": [60, 61, 62, 63], "train": [3, 9, 9, 20]}


def test_nothing_is_found_in_other_images(store, splits, random_images):
    assert read(store, plan(random_images(seed=2, count=60), splits)) == FoundCopies(
        test=LeakedImages(exact=0, near=0, test_images=120), train=CopiedImages(exact=0, near=0, synthetic_images=60)
    )


def test_a_copy_of_a_training_image_is_no_leak_if_the_test_split_has_a_near_duplicate(store, splits, random_images):
    train, others = splits[0], random_images(seed=2, count=60)
    test = Planted(others=random_images(seed=3, count=120), source=train, changed=(5, 6))
    of_train = read(store, plan(Planted(others=others, source=train, mirrored=(5, 6)), (train, test)))
    assert (of_train.train.found, of_train.test.found) == (2, 0)
    of_test = read(store, plan(Planted(others=others, source=test, mirrored=(120, 121)), (train, test)))
    assert (of_test.train.found, of_test.test.found) == (0, 2)


def test_images_evaluated_on_a_part_of_train_are_found(store, splits, random_images):
    train = splits[0]
    planted = Planted(others=random_images(seed=2, count=60), source=train, mirrored=(3,), changed=(7,))
    found = read(store, plan(planted, (train, train)))
    assert found.test == LeakedImages(exact=1, near=1, test_images=150)
    assert found.train == CopiedImages(exact=1, near=1, synthetic_images=62)


def test_with_few_training_images_changed_copies_are_unknown(store, splits, random_images):
    train = random_images(seed=0, count=40)
    planted = Planted(others=random_images(seed=2, count=60), source=train, mirrored=(3,), changed=(7,))
    assert read(store, plan(planted, (train, splits[1]))).train == CopiedImages(exact=1, near=None, synthetic_images=62)


def test_every_input_is_in_the_key(random_images):
    a, b, c = (random_images(seed=seed, count=4) for seed in range(3))
    plans = [plan(a, (b, c)), plan(b, (a, c)), plan(a, (c, b)), plan(a, (b, b))]
    plans.append(plans[0].model_copy(update={"compute": Compute(threads=2)}))
    assert len({recipe.key for recipe in plans}) == len(plans)


def test_the_result_refuses_other_fields_and_changes():
    with pytest.raises(ValidationError):
        LeakedImages(exact=0, near=0, test_images=1, found=0)
    with pytest.raises(ValidationError):
        CopiedImages(exact=-1, near=0, synthetic_images=1)
    with pytest.raises(ValidationError):
        LeakedImages(exact=0, near=0, test_images=1).exact = 1


def test_the_result_is_read_without_heavy_modules():
    code = "import sys, suite.metrics.leak_search; print([n for n in ('numpy', 'torch', 'scipy') if n in sys.modules])"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True).stdout == "[]\n"
