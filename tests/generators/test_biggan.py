from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch
from pydantic import ValidationError

import suite.checkpoint
from suite.artifacts import Recipe, Store
from suite.engines.build import build_all
from suite.errors import Diverged
from suite.generators.biggan import HISTORY, SUMMARY, WEIGHTS, GanSettings, SampleGan
from suite.generators.generator import Request, generators

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


def test_counts_are_exact_and_labels_in_order(store: Store, request_for: Ask) -> None:
    recipe = plan(request_for(3, 0, 2))
    artifact = build_all(store, [recipe])[0]
    made = recipe.open(store)
    assert recipe.counts == made.counts(3) == (3, 0, 2)
    assert made.labels.tolist() == [0, 0, 0, 2, 2]
    assert made.images.shape == (5, 8, 8, 3)
    assert artifact.json(SUMMARY) == {"n": 5, "truncation": None, "evaluations_per_image": 1}


def test_history_tells_the_budget(store: Store, request_for: Ask) -> None:
    history = build_all(store, [plan(request_for(1, 1)).trained])[0].json(HISTORY)
    assert history["steps"] == 6
    assert history["images_seen"] == 48
    assert set(history["losses"]) == {"generator's loss", "discriminator's loss"}
    assert history["parameters"]["generator"] > 0
    assert history["parameters"]["discriminator"] > 0


def test_the_same_recipe_makes_the_same_bytes(
    store: Store, another_store: Store, request_for: Ask, payload: Payload
) -> None:
    recipe = plan(request_for(2, 2))
    torch.manual_seed(1)
    first = payload(store, recipe.trained) | payload(store, recipe)
    torch.manual_seed(2)
    assert payload(another_store, recipe.trained) | payload(another_store, recipe) == first
    other = plan(request_for(2, 2, seed=1))
    changed = payload(store, other.trained) | payload(store, other)
    assert changed[WEIGHTS] != first[WEIGHTS]
    assert changed["images.safetensors"] != first["images.safetensors"]


@pytest.mark.parametrize("memory_format", ["contiguous", "channels_last"])
def test_an_interrupted_training_ends_in_the_same_bytes(
    store: Store,
    another_store: Store,
    request_for: Ask,
    interrupt: Callable[[Store, Recipe, int], None],
    payload: Payload,
    monkeypatch: pytest.MonkeyPatch,
    memory_format: str,
) -> None:
    recipe = plan(request_for(2, 2, memory_format=memory_format), {"flip": True}).trained
    undisturbed = payload(another_store, recipe)
    monkeypatch.setattr(suite.checkpoint, "SECONDS_BETWEEN", 0.0)
    interrupt(store, recipe, 4)
    assert payload(store, recipe) == undisturbed


def test_an_image_does_not_depend_on_the_images_beside_it(store: Store, request_for: Ask) -> None:
    few, many = plan(request_for(1, 2)), plan(request_for(4, 5))
    build_all(store, [few, many])
    some, all_of_them = few.open(store), many.open(store)
    assert np.array_equal(some.images[:1], all_of_them.images[:1])
    assert np.array_equal(some.images[1:], all_of_them.images[4:6])
    assert len(np.unique(all_of_them.images.reshape(9, -1), axis=0)) == 9


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
