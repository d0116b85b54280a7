"""Invalid numbers fail the step that produced them, and the message has its name and seed."""

import threading

import pytest
from broken_steps import Drawn, Generated, Trained
from simple_classifiers import resnet18
from simple_recipes import Number, Painted, number

from suite.artifacts import DataPaths, Recipe, Store
from suite.classifiers.plugins.resnet18 import ResNet18Settings
from suite.compute import Compute
from suite.engines.build import build_all
from suite.engines.local import LocalEngine
from suite.errors import Diverged


def failures(store: Store, *recipes: Recipe) -> dict[str, str]:
    """Build recipes together with a healthy one, and return the reasons of failures."""
    healthy = Number(value=1)
    failed = LocalEngine(store, DataPaths(), ("cpu",) * 2).run([*recipes, healthy], lambda _: None, threading.Event())
    assert number(store, healthy) == 1
    return failed


GENERATED = {
    "constant": "all 3 images of class 1 have a single colour: change the settings",
    "identical": "all 3 images of class 1 are the same: change the settings",
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
    "identical": "all 4 images of class 0 are the same: change the settings",
}
TRAINED = {
    "weights": "b in model.safetensors is not finite: change the settings",
    "number": "cannot write history.json (Out of range float values are not JSON compliant",
}


def test_each_fault_is_one_line_with_the_step_and_its_seed(store: Store) -> None:
    drawn = {fault: Drawn(fault=fault, seed=8, per_class=(4, 4)) for fault in DRAWN}
    broken: dict[Recipe, str] = {
        **{
            Generated(fault=fault, seed=7): f"test-generated, seed 7: {message}" for fault, message in GENERATED.items()
        },
        **{drawn[fault]: f"test-drawn, seed 8: {message}" for fault, message in DRAWN.items()},
        **{Trained(fault=fault, seed=9): f"test-trained, seed 9: {message}" for fault, message in TRAINED.items()},
    }
    dependents = [Number(value=5, needs=(recipe,)) for recipe in broken]
    failed = failures(store, *dependents)
    for (recipe, message), dependent in zip(broken.items(), dependents, strict=True):
        assert failed[recipe.key].startswith(message), failed[recipe.key]
        assert failed[recipe.key].count(recipe.label) == 1, "the label occurs once"
        assert "\n" not in failed[recipe.key]
        assert failed[dependent.key] == failed[recipe.key]
        assert store.find(recipe) is None


def test_the_same_steps_without_a_fault_are_built(store: Store) -> None:
    build_all(store, [Generated(fault="none", seed=7), Drawn(fault="none", seed=8, per_class=(4, 4))])


def test_many_values_out_of_range_are_an_error(store: Store) -> None:
    """A sampler may overshoot slightly; one that draws 0 to 255 would give white images only."""
    with pytest.raises(Diverged, match=r"seed 1: values from [\d.]+ to 25\d, expected -1 to 1: scale"):
        build_all(store, [Drawn(fault="range", seed=1, per_class=(4, 4))])


@pytest.mark.slow
def test_a_diverging_training_fails_the_training_step(store: Store) -> None:
    settings = ResNet18Settings(width=4, epochs=3, batch_size=10, learning_rate=1e8, augmentation=())
    recipe = resnet18(training_set=Painted(per_class=(10, 10)), classes=2, settings=settings, seed=3, compute=Compute())
    (reason,) = set(failures(store, recipe).values())
    assert reason.startswith("resnet18, seed 3: the loss is ")
    assert reason.endswith("steps: lower learning_rate")
