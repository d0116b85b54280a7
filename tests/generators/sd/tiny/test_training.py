import json
from collections.abc import Callable
from pathlib import Path

import pytest
import torch

import suite.artifacts.checkpoint
from suite.artifacts import Recipe, Store
from suite.engines.build import build_all
from suite.errors import BadData
from suite.generators.sd.tiny.recipes import TrainTinyPipeline
from suite.generators.sd.tiny.settings import HISTORY

Payload = Callable[[Store, Recipe], dict[str, bytes]]


def test_the_same_recipe_makes_the_same_bytes(
    store: Store, trained_store: Store, tiny_recipe: TrainTinyPipeline, payload: Payload
) -> None:
    torch.manual_seed(1)
    made = payload(store, tiny_recipe)
    assert made == payload(trained_store, tiny_recipe)
    other = payload(store, tiny_recipe.model_copy(update={"seed": 1}))
    weights = [name for name in made if name.endswith(".safetensors")]
    assert all(made[name] != other[name] for name in weights)


@pytest.mark.parametrize("step", [1, 3, 5])
def test_an_interrupted_training_ends_in_the_same_bytes(
    store: Store,
    trained_store: Store,
    tiny_recipe: TrainTinyPipeline,
    interrupt: Callable[[Store, Recipe, int], None],
    payload: Payload,
    monkeypatch: pytest.MonkeyPatch,
    step: int,
) -> None:
    monkeypatch.setattr(suite.artifacts.checkpoint, "SECONDS_BETWEEN", 0.0)
    interrupt(store, tiny_recipe, step)
    assert payload(store, tiny_recipe) == payload(trained_store, tiny_recipe)


def test_the_payload_is_safetensors_and_json_and_knows_no_place(
    trained_store: Store, tiny_recipe: TrainTinyPipeline, payload: Payload
) -> None:
    made = payload(trained_store, tiny_recipe)
    assert {Path(name).suffix for name in made} == {".safetensors", ".json"}
    for name, content in made.items():
        if name.endswith(".json"):
            text = json.dumps(json.loads(content))
            assert str(trained_store.root) not in text, name
            assert "_name_or_path" not in text, name
    assert json.loads(made["pipeline/model_index.json"])["_class_name"] == "StableDiffusionPipeline"
    scale = json.loads(made["pipeline/vae/config.json"])["scaling_factor"]
    assert scale > 0
    assert scale != 0.18215, "diffusers' own default"


def test_history_tells_the_budget(trained_store: Store, tiny_recipe: TrainTinyPipeline) -> None:
    history = trained_store.get(tiny_recipe).json(HISTORY)
    assert list(history) == ["autoencoder", "denoiser", "text_encoder"]
    for stage in history.values():
        assert stage["steps"] == 2
        assert stage["images_seen"] == 8
        assert len(stage["losses"]["loss"]) == 1
    assert 2.1e6 < history["denoiser"]["parameters"] < 2.3e6


def test_other_fonts_than_planned_are_refused(store: Store, tiny_recipe: TrainTinyPipeline) -> None:
    with pytest.raises(BadData, match="fonts changed since the work was planned"):
        build_all(store, [tiny_recipe.model_copy(update={"fonts": "0" * 16})])
