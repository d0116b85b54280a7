"""Fixtures for short trainings and for interrupting a training at a given step."""

from collections.abc import Callable

import pytest
from simple_classifiers import resnet18
from simple_recipes import Painted

from suite.artifacts import BuildContext, DataPaths, Store
from suite.classifiers.network import TrainedNetwork
from suite.classifiers.plugins.resnet18 import ResNet18Settings
from suite.compute import Compute


class Interrupted(BaseException):
    """Simulates Ctrl-C at a given step."""


@pytest.fixture
def classifier() -> Callable[..., TrainedNetwork]:
    """Return a function that makes the recipe of a small classifier of generated images."""

    def make(
        *, per_class: tuple[int, ...] = (9, 8, 8), seed: int = 0, size: int = 8, **settings: object
    ) -> TrainedNetwork:
        defaults = {"width": 8, "epochs": 2, "batch_size": 10, "augmentation": ("crop",), "crop_padding": 1}
        return resnet18(
            training_set=Painted(per_class=per_class, size=size),
            classes=len(per_class),
            settings=ResNet18Settings.model_validate({**defaults, **settings}),
            seed=seed,
            compute=Compute(),
        )

    return make


@pytest.fixture
def interrupt(monkeypatch: pytest.MonkeyPatch) -> Callable[[Store, TrainedNetwork, int], None]:
    """Return a function that builds a recipe and interrupts it after a given step, with a checkpoint every step.

    The dependencies of the recipe must be in the store.
    """

    def build(store: Store, recipe: TrainedNetwork, step: int) -> None:
        def progress(done: int, _: int) -> None:
            if done == step + 1:  # the checkpoint of a step is written after its progress is reported
                raise Interrupted

        monkeypatch.setattr("suite.artifacts.checkpoint.SECONDS_BETWEEN", 0.0)
        recipe.compute.apply()
        with pytest.raises(Interrupted):
            recipe.build(BuildContext(store, recipe, device="cpu", data_paths=DataPaths(), progress=progress))
        monkeypatch.undo()

    return build
