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

RequestFor = Callable[..., Request]
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
AUGMENTED = {"augment": ["color", "translation", "cutout"]}


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


class TestContractWithPatchesAndAugmentation(GeneratorContract):
    plugin = BigGan
    settings = {"training": {**TINY, **AUGMENTED, "patch": 2}, "sampling": {"batch_size": 4}}


def test_summary_and_history_record_the_budget(store: Store, request_for: RequestFor) -> None:
    recipe = plan(request_for(3, 2))
    assert build_all(store, [recipe])[0].json(SUMMARY) == {"n": 5, "truncation": None, "evaluations_per_image": 1}
    history = store.get(recipe.trained).json(HISTORY)
    assert history["steps"] == 6
    assert history["images_seen"] == 48
    assert set(history["losses"]) == {"generator's loss", "discriminator's loss"}
    assert history["parameters"]["generator"] > 0
    assert history["parameters"]["discriminator"] > 0


@pytest.mark.parametrize("stop_at", [1, 4, 6])
@pytest.mark.parametrize("training", [{"flip": True}, {**AUGMENTED, "patch": 2}])
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


def test_bfloat16_and_channels_last_run_on_a_cpu(store: Store, request_for: RequestFor) -> None:
    recipe = plan(request_for(2, 2, precision="bfloat16", memory_format="channels_last"), AUGMENTED)
    build_all(store, [recipe])
    assert recipe.open(store).counts(2) == (2, 2)
    assert recipe.trained.key != plan(request_for(2, 2)).trained.key


def test_sampling_settings_do_not_change_the_training(request_for: RequestFor) -> None:
    base = plan(request_for(2, 2))
    for other in (
        plan(request_for(2, 2), truncation=0.5),
        plan(request_for(9, 3)),
        plan(request_for(2, 2), batch_size=5),
    ):
        assert other.trained.key == base.trained.key
        assert other.key != base.key
    assert plan(request_for(2, 2), {"steps": 7}).trained.key != base.trained.key
    assert plan(request_for(2, 2), AUGMENTED).trained.key != base.trained.key
    assert plan(request_for(2, 2), {"patch": 2}).trained.key != base.trained.key
    assert plan(request_for(2, 2, seed=1)).trained.key != base.trained.key


def test_the_description_names_patches_and_augmentation() -> None:
    settings = GanSettings.model_validate({"training": {**TINY, **AUGMENTED, "patch": 2}})
    assert BigGan().describe(settings, 8) == (
        "BigGAN, trained from scratch at 8x8 pixels in patches of 2x2 for 6 steps of 4 images"
        " with differentiable augmentation (color, translation, cutout)"
    )


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"training": {"bottom": 3}}, "2 or 4"),
        ({"training": {"betas": [0.0]}}, "Field required"),
        ({"training": {"augment": ["rotation"]}}, "'color', 'translation' or 'cutout'"),
        ({"training": {"patch": 0}}, "greater than or equal to 1"),
        ({"sampling": {"truncation": 0.0}}, "greater than 0"),
        ({"training": {"seconds": 60}}, "Extra inputs are not permitted"),
    ],
)
def test_invalid_settings_are_an_error(settings: dict[str, Any], message: str) -> None:
    with pytest.raises(ValidationError, match=message):
        GanSettings.model_validate(settings)


def test_a_diverging_training_is_an_error(store: Store, request_for: RequestFor) -> None:
    recipe = plan(request_for(1, 1), {"generator_rate": 1e30}).trained
    with pytest.raises(Diverged, match="biggan, training on digits fit subset, seed 0: the generator's loss is nan"):
        build_all(store, [recipe])
    assert store.find(recipe) is None


@pytest.mark.slow
def test_samples_resemble_the_real_images_of_their_class(store: Store, request_for: RequestFor) -> None:
    rates = {"generator_rate": 1e-3, "discriminator_rate": 4e-3, "betas": [0.0, 0.99], "discriminator_steps": 1}
    recipe = plan(
        request_for(20, 20),
        {"channels": 32, "noise": 10, "embedding": 16, "batch_size": 32, "steps": 200, "ema": 0.95, **rates},
        batch_size=40,
    )
    build_all(store, [recipe])
    real, samples = recipe.trained.real.open(store), recipe.open(store)
    class_means = np.stack([real.images[real.labels == label].mean(0) for label in (0, 1)])
    distances = ((samples.images[:, None] - class_means[None]) ** 2).mean((2, 3, 4))
    assert (distances.argmin(1) == samples.labels).mean() >= 0.9
