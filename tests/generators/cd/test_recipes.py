from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from pydantic import ValidationError

import suite.artifacts.checkpoint
from suite.artifacts import Recipe, Store
from suite.artifacts.files import write_tensors
from suite.engines.build import build_all
from suite.errors import Diverged, UsageError
from suite.generators.cd.generator import ClassConditionalDiffusion
from suite.generators.cd.recipes import SampleDiffusion, TrainDiffusion
from suite.generators.cd.settings import HISTORY, SUMMARY, WEIGHTS, DiffusionSettings
from suite.generators.generator import Request, generators
from suite.testing import GeneratorContract

RequestFor = Callable[..., Request]
Payload = Callable[[Store, Recipe], dict[str, bytes]]
TINY = {
    "channels": [4, 8],
    "layers": 1,
    "attention": [],
    "norm_groups": 2,
    "batch_size": 4,
    "steps": 6,
    "learning_rate": 3e-3,
    "warmup": 2,
    "ema": 0.5,
    "flip": False,
}


def plan(request: Request, training: dict[str, Any] | None = None, **sampling: Any) -> SampleDiffusion:
    settings = DiffusionSettings.model_validate(
        {"training": TINY | (training or {}), "sampling": {"steps": 2, "batch_size": 4, **sampling}}
    )
    recipe = generators.get("cd").synthetic(request, settings)
    assert isinstance(recipe, SampleDiffusion)
    return recipe


class TestContract(GeneratorContract):
    plugin = ClassConditionalDiffusion
    settings = {"training": {**TINY, "flip": True}, "sampling": {"steps": 2, "batch_size": 4}}


class TestContractWithPatches(GeneratorContract):
    plugin = ClassConditionalDiffusion
    settings = {"training": {**TINY, "patch": 2, "snr_limit": 5.0}, "sampling": {"steps": 2, "batch_size": 4}}


def test_summary_and_history_record_the_budget(store: Store, request_for: RequestFor) -> None:
    samples = plan(request_for(3, 2))
    assert build_all(store, [samples])[0].json(SUMMARY) == {
        "n": 5,
        "solver": "dpm-solver++",
        "steps": 2,
        "guidance": 1.0,
        "evaluations_per_image": 2,
        "strength": 1.0,
    }
    recipe = samples.trained
    history = store.get(recipe).json(HISTORY)
    assert history["steps"] == 6
    assert history["images_seen"] == 24
    weights = store.get(recipe).tensors(WEIGHTS)
    assert history["parameters"] == sum(value.size for value in weights.values())
    assert len(history["losses"]["loss"]) == 1


@pytest.mark.parametrize("stop_at", [1, 4, 6])
@pytest.mark.parametrize("training", [{"flip": True}, {"patch": 2, "snr_limit": 5.0}])
def test_an_interrupted_channels_last_training_gives_the_same_bytes(
    store: Store,
    another_store: Store,
    request_for: RequestFor,
    interrupt: Callable[[Store, Recipe, int], None],
    payload: Payload,
    monkeypatch: pytest.MonkeyPatch,
    training: dict[str, Any],
    stop_at: int,
) -> None:
    recipe = plan(request_for(2, 2, memory_format="channels_last"), training).trained
    uninterrupted = payload(another_store, recipe)
    monkeypatch.setattr(suite.artifacts.checkpoint, "SECONDS_BETWEEN", 0.0)
    interrupt(store, recipe, stop_at)
    assert payload(store, recipe) == uninterrupted


@pytest.mark.parametrize("solver", ["ddim", "ddpm"])
def test_an_image_does_not_depend_on_the_other_images_of_its_batch(
    store: Store, request_for: RequestFor, solver: str
) -> None:
    few, many = plan(request_for(1, 2), steps=4, solver=solver), plan(request_for(4, 5), steps=4, solver=solver)
    build_all(store, [few, many])
    few_images, many_images = few.open(store).images, many.open(store).images
    assert np.array_equal(few_images[:1], many_images[:1])
    assert np.array_equal(few_images[1:], many_images[4:6])
    assert len(np.unique(many_images.reshape(9, -1), axis=0)) == 9


def test_bfloat16_and_channels_last_run_on_a_cpu(store: Store, request_for: RequestFor) -> None:
    recipe = plan(request_for(2, 2, precision="bfloat16", memory_format="channels_last"))
    build_all(store, [recipe])
    assert recipe.open(store).counts(2) == (2, 2)
    assert recipe.trained.key != plan(request_for(2, 2)).trained.key


def test_sampling_settings_do_not_change_the_training(request_for: RequestFor) -> None:
    base = plan(request_for(2, 2))
    for other in (
        plan(request_for(2, 2), steps=3),
        plan(request_for(2, 2), guidance=2.0),
        plan(request_for(2, 2), solver="ddim"),
        plan(request_for(2, 2), batch_size=5),
        plan(request_for(9, 3)),
    ):
        assert other.trained.key == base.trained.key
        assert other.key != base.key
    assert plan(request_for(2, 2), {"steps": 7}).trained.key != base.trained.key
    assert plan(request_for(2, 2), {"patch": 2}).trained.key != base.trained.key
    assert plan(request_for(2, 2), {"snr_limit": 5.0}).trained.key != base.trained.key
    assert plan(request_for(2, 2), {"label_dropout": 0.2}).trained.key != base.trained.key
    assert plan(request_for(2, 2, seed=1)).trained.key != base.trained.key


def test_samples_of_a_smaller_network_are_resized_to_the_requested_size(store: Store, request_for: RequestFor) -> None:
    recipe = plan(request_for(2, 2), {"size": 4})
    build_all(store, [recipe])
    assert recipe.open(store).images.shape == (4, 8, 8, 3)
    assert recipe.trained.key != plan(request_for(2, 2)).trained.key


def test_a_size_that_cannot_be_halved_is_an_error(request_for: RequestFor) -> None:
    with pytest.raises(UsageError, match="cd on digits: 8 pixels cannot be halved 4 times"):
        plan(request_for(1), {"channels": [4, 4, 4, 4, 4]})
    with pytest.raises(UsageError, match="divided by patch 4 and halved 2 times"):
        plan(request_for(1), {"patch": 4, "channels": [4, 4, 4]})


def test_the_description_names_patches() -> None:
    settings = DiffusionSettings.model_validate({"training": {**TINY, "patch": 2}})
    description = ClassConditionalDiffusion().describe(settings, 8)
    assert "trained from scratch at 8x8 pixels in patches of 2x2 for 6 steps of 4 images" in description
    assert "enlarged" not in description


@pytest.mark.parametrize(
    ("training", "sampling", "message"),
    [
        ({"channels": [4, 7]}, {}, "norm_groups 2 does not divide"),
        ({"attention": [2]}, {}, "attention .* contains a level"),
        ({"label_dropout": 0.0}, {"guidance": 2.0}, "needs training with label_dropout"),
        ({}, {"guidance": 0.0}, "greater than or equal to 1"),
        ({"seconds": 60}, {}, "Extra inputs are not permitted"),
    ],
)
def test_invalid_settings_are_an_error(
    request_for: RequestFor, training: dict[str, Any], sampling: dict[str, Any], message: str
) -> None:
    with pytest.raises(ValidationError, match=message):
        plan(request_for(1), training, **sampling)


def test_a_diverging_training_is_an_error(store: Store, request_for: RequestFor) -> None:
    recipe = plan(request_for(1, 1), {"learning_rate": 1e30}).trained
    with pytest.raises(Diverged, match="cd, training on digits fit subset, seed 0: the loss is nan by step 6"):
        build_all(store, [recipe])
    assert store.find(recipe) is None


def test_sampling_with_nan_weights_is_an_error(store: Store, request_for: RequestFor) -> None:
    recipe = plan(request_for(1, 1))
    trained = build_all(store, [recipe.trained])[0]
    weights = {name: np.full_like(value, np.nan) for name, value in trained.tensors(WEIGHTS).items()}
    _replace_weights(store, recipe.trained, weights)
    with pytest.raises(Diverged, match="not finite"):
        build_all(store, [recipe])


def _replace_weights(store: Store, recipe: TrainDiffusion, weights: dict[str, Any]) -> None:
    store.set_aside(recipe.key)
    store.workspace(recipe.key)
    write_tensors(store.payload(recipe.key) / WEIGHTS, weights)
    store.publish(recipe, {})


@pytest.mark.slow
def test_samples_resemble_the_real_images_of_their_class(store: Store, request_for: RequestFor) -> None:
    recipe = plan(
        request_for(20, 20),
        {"channels": [16, 32], "norm_groups": 8, "batch_size": 64, "steps": 120, "ema": 0.9},
        steps=8,
        batch_size=40,
    )
    build_all(store, [recipe])
    real, samples = recipe.trained.real.open(store), recipe.open(store)
    class_means = np.stack([real.images[real.labels == label].mean(0) for label in (0, 1)])
    distances = ((samples.images[:, None] - class_means[None]) ** 2).mean((2, 3, 4))
    assert (distances.argmin(1) == samples.labels).mean() >= 0.9
