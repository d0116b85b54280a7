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


def test_two_builds_give_identical_bytes(
    store: Store, trained_store: Store, tiny_recipe: TrainTinyPipeline, payload: Payload
) -> None:
    torch.manual_seed(1)
    files = payload(store, tiny_recipe)
    assert files == payload(trained_store, tiny_recipe)
    other = payload(store, tiny_recipe.model_copy(update={"seed": 1}))
    weights = [name for name in files if name.endswith(".safetensors")]
    assert all(files[name] != other[name] for name in weights)


@pytest.mark.parametrize("step", [1, 3, 5])
def test_an_interrupted_training_gives_identical_bytes(
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


def test_the_payload_is_safetensors_and_json_without_local_paths(
    trained_store: Store, tiny_recipe: TrainTinyPipeline, payload: Payload
) -> None:
    files = payload(trained_store, tiny_recipe)
    assert {Path(name).suffix for name in files} == {".safetensors", ".json"}
    for name, content in files.items():
        if name.endswith(".json"):
            text = json.dumps(json.loads(content))
            assert str(trained_store.root) not in text, name
            assert "_name_or_path" not in text, name
    assert json.loads(files["pipeline/model_index.json"])["_class_name"] == "StableDiffusionPipeline"
    scale = json.loads(files["pipeline/vae/config.json"])["scaling_factor"]
    assert scale > 0
    assert scale != 0.18215, "the default of diffusers"


def test_the_history_has_steps_images_and_parameters(trained_store: Store, tiny_recipe: TrainTinyPipeline) -> None:
    history = trained_store.get(tiny_recipe).json(HISTORY)
    assert list(history) == ["autoencoder", "denoiser", "text_encoder"]
    for stage in history.values():
        assert stage["steps"] == 2
        assert stage["images_seen"] == 8
        assert len(stage["losses"]["loss"]) == 1
    assert 0.9e6 < history["denoiser"]["parameters"] < 1.1e6


def test_fonts_that_changed_after_planning_are_refused(store: Store, tiny_recipe: TrainTinyPipeline) -> None:
    with pytest.raises(BadData, match="fonts changed since the work was planned"):
        build_all(store, [tiny_recipe.model_copy(update={"fonts": "0" * 16})])
