"""Numbers that stop making sense are caught at the step that made them, with its name and seed."""

import threading

import pytest
from broken_steps import Drawn, Generated, Trained
from simple_recipes import Number, Painted, number

from suite.artifacts import DataPaths, Recipe, Store
from suite.classifiers.recipes import Classifier
from suite.classifiers.settings import ClassifierSettings
from suite.compute import Compute
from suite.engines.build import build_all
from suite.engines.local import LocalEngine
from suite.errors import Diverged


def failures(store: Store, *recipes: Recipe) -> dict[str, str]:
    """Build all of them, with something that is fine beside them, and return why some could not be built."""
    fine = Number(value=1)
    failed = LocalEngine(store, DataPaths(), ("cpu",) * 2).run([*recipes, fine], lambda _: None, threading.Event())
    assert number(store, fine) == 1
    return failed


GENERATED = {
    "constant": "all 3 images of class 1 have a single colour: change the settings",
    "alike": "all 3 images of class 1 are the same: change the settings",
    "floats": "images must be uint8 NHWC RGB, not float32 (6, 4, 4, 3)",
    "nan": "images in images.safetensors is not finite: change the settings",
    "short": "made (3, 2) images per class instead of (3, 3)",
    "long": "made (6, 6) images per class instead of (3, 3)",
    "label": "labels from 0 to 2 are not all classes",
    "negative": "labels from -1 to 1 are not all classes",
    "planar": "images must be uint8 NHWC RGB, not uint8 (6, 3, 4, 4)",
    "nothing": "build wrote no images.safetensors",
}
DRAWN = {
    "nan": "the network returns values that are not finite: change the settings",
    "infinite": "the network returns values that are not finite: change the settings",
    "range": "values from ",
    "constant": "all 4 images of class 0 have a single colour: change the settings",
    "alike": "all 4 images of class 0 are the same: change the settings",
}
TRAINED = {
    "weights": "b in model.safetensors is not finite: change the settings",
    "number": "history.json cannot hold what was found (Out of range float values are not JSON compliant",
}


def test_each_is_one_line_that_names_the_step_and_its_seed(store: Store) -> None:
    drawn = {fault: Drawn(fault=fault, seed=8, per_class=(4, 4)) for fault in DRAWN}
    broken: dict[Recipe, str] = {
        **{Generated(fault=fault, seed=7): f"test-generated, seed 7: {words}" for fault, words in GENERATED.items()},
        **{drawn[fault]: f"test-drawn, seed 8: {words}" for fault, words in DRAWN.items()},
        **{Trained(fault=fault, seed=9): f"test-trained, seed 9: {words}" for fault, words in TRAINED.items()},
    }
    after = [Number(value=5, needs=(recipe,)) for recipe in broken]
    failed = failures(store, *after)
    for (recipe, words), needing in zip(broken.items(), after, strict=True):
        assert failed[recipe.key].startswith(words), failed[recipe.key]
        assert failed[recipe.key].count(recipe.label) == 1, "its name is said once"
        assert "\n" not in failed[recipe.key]
        assert failed[needing.key] == failed[recipe.key]
        assert store.find(recipe) is None


def test_the_same_steps_without_the_fault_pass(store: Store) -> None:
    build_all(store, [Generated(fault="none", seed=7), Drawn(fault="none", seed=8, per_class=(4, 4))])


def test_few_values_far_out_are_clipped_and_most_are_not(store: Store) -> None:
    """A sampler may overshoot; one that draws 0 to 255 is a mistake, and all white would be its images."""
    with pytest.raises(Diverged, match=r"seed 1: values from [\d.]+ to 25\d, expected -1 to 1: scale"):
        build_all(store, [Drawn(fault="range", seed=1, per_class=(4, 4))])


@pytest.mark.slow
def test_a_training_that_explodes_is_caught_where_it_is_trained(store: Store) -> None:
    settings = ClassifierSettings(width=4, epochs=3, batch_size=10, learning_rate=1e8, augmentation=())
    recipe = Classifier(
        training_set=Painted(per_class=(10, 10)), classes=2, settings=settings, seed=3, compute=Compute()
    )
    (reason,) = set(failures(store, recipe).values())
    assert reason.startswith("classifier, seed 3: the loss is ")
    assert reason.endswith("steps: lower learning_rate")
