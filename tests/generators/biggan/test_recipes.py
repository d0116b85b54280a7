from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from pydantic import ValidationError

import suite.artifacts.checkpoint
from suite.artifacts import Recipe, Store
from suite.engines.build import build_all
from suite.errors import Diverged
from suite.generators.biggan.generator import BigGan
from suite.generators.biggan.recipes import SampleGan
from suite.generators.biggan.settings import HISTORY, SUMMARY, GanSettings
from suite.generators.generator import Request, generators
from suite.testing import GeneratorContract

Ask = Callable[..., Request]
Payload = Callable[[Store, Recipe], dict[str, bytes]]
TINY = {
    "bottom": 2,
    "channels": 4,
    "noise": 3,
    "embedding": 4,
    "batch_size": 4,
    "steps": 6,
    "discriminator_steps": 2,
    "ema": 0.5,
    "flip": False,
}


def plan(request: Request, training: dict[str, Any] | None = None, **sampling: Any) -> SampleGan:
    settings = GanSettings.model_validate(
        {"training": TINY | (training or {}), "sampling": {"batch_size": 4, **sampling}}
    )
    recipe = generators.get("biggan").synthetic(request, settings)
    assert isinstance(recipe, SampleGan)
    return recipe


class TestContract(GeneratorContract):
    plugin = BigGan
    settings = {"training": {**TINY, "flip": True}, "sampling": {"batch_size": 4}}


def test_the_budget_is_told(store: Store, request_for: Ask) -> None:
    recipe = plan(request_for(3, 2))
    assert build_all(store, [recipe])[0].json(SUMMARY) == {"n": 5, "truncation": None, "evaluations_per_image": 1}
    history = store.get(recipe.trained).json(HISTORY)
    assert history["steps"] == 6
    assert history["images_seen"] == 48
    assert set(history["losses"]) == {"generator's loss", "discriminator's loss"}
    assert history["parameters"]["generator"] > 0
    assert history["parameters"]["discriminator"] > 0


def test_an_interrupted_training_in_another_memory_format_ends_in_the_same_bytes(
    store: Store,
    another_store: Store,
    request_for: Ask,
    interrupt: Callable[[Store, Recipe, int], None],
    payload: Payload,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    recipe = plan(request_for(2, 2, memory_format="channels_last"), {"flip": True}).trained
    undisturbed = payload(another_store, recipe)
    monkeypatch.setattr(suite.artifacts.checkpoint, "SECONDS_BETWEEN", 0.0)
    interrupt(store, recipe, 4)
    assert payload(store, recipe) == undisturbed


def test_it_runs_with_the_flags_of_a_gpu(store: Store, request_for: Ask) -> None:
    recipe = plan(request_for(2, 2, precision="bfloat16", memory_format="channels_last"))
    build_all(store, [recipe])
    assert recipe.open(store).counts(2) == (2, 2)
    assert recipe.trained.key != plan(request_for(2, 2)).trained.key


def test_a_training_serves_every_sampling(request_for: Ask) -> None:
    one = plan(request_for(2, 2))
    for other in (
        plan(request_for(2, 2), truncation=0.5),
        plan(request_for(9, 3)),
        plan(request_for(2, 2), batch_size=5),
    ):
        assert other.trained.key == one.trained.key
        assert other.key != one.key
    assert plan(request_for(2, 2), {"steps": 7}).trained.key != one.trained.key
    assert plan(request_for(2, 2, seed=1)).trained.key != one.trained.key


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"training": {"bottom": 3}}, "2 or 4"),
        ({"training": {"betas": [0.0]}}, "Field required"),
        ({"sampling": {"truncation": 0.0}}, "greater than 0"),
        ({"training": {"seconds": 60}}, "Extra inputs are not permitted"),
    ],
)
def test_settings_that_cannot_be_meant_are_refused(settings: dict[str, Any], message: str) -> None:
    with pytest.raises(ValidationError, match=message):
        GanSettings.model_validate(settings)


def test_a_training_that_diverges_says_so(store: Store, request_for: Ask) -> None:
    recipe = plan(request_for(1, 1), {"generator_rate": 1e30}).trained
    with pytest.raises(Diverged, match="biggan, training on digits fit subset, seed 0: the generator's loss is nan"):
        build_all(store, [recipe])
    assert store.find(recipe) is None


@pytest.mark.slow
def test_it_learns_the_classes(store: Store, request_for: Ask) -> None:
    rates = {"generator_rate": 1e-3, "discriminator_rate": 4e-3, "betas": [0.0, 0.99], "discriminator_steps": 1}
    recipe = plan(
        request_for(20, 20),
        {"channels": 32, "noise": 10, "embedding": 16, "batch_size": 32, "steps": 200, "ema": 0.95, **rates},
        batch_size=40,
    )
    build_all(store, [recipe])
    real, made = recipe.trained.real.open(store), recipe.open(store)
    middles = np.stack([real.images[real.labels == label].mean(0) for label in (0, 1)])
    distances = ((made.images[:, None] - middles[None]) ** 2).mean((2, 3, 4))
    assert (distances.argmin(1) == made.labels).mean() >= 0.9
