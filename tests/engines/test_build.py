"""Building one recipe, and recipes with their dependencies."""

import time
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import ClassVar

import pytest
from hypothesis import given
from hypothesis import strategies as st
from simple_recipes import NUMBER, Broken, Impossible, Logged, Number, number

from suite.artifacts import BuildContext, Recipe, Store
from suite.artifacts.manifest import BuiltWith
from suite.compute import Compute
from suite.engines.build import START_NOTE, build, build_all, built_with, in_order, versions
from suite.errors import BadData

PAUSE = 1.0


class Threads(Number):
    """Records how many threads torch uses."""

    step: ClassVar[str] = "test-threads"

    compute: Compute

    def build(self, context: BuildContext) -> None:
        import torch

        context.write_json(NUMBER, {"number": torch.get_num_threads()})


class Interrupted(Number):
    """Saves a checkpoint, and fails the first two times."""

    step: ClassVar[str] = "test-interrupted"

    def build(self, context: BuildContext) -> None:
        time.sleep(0.1)
        parts = len(list(context.scratch.iterdir()))
        (context.scratch / f"part-{parts}").touch()
        if parts < 2:
            raise BadData("interrupted")
        super().build(context)


@st.composite
def graphs(draw: st.DrawFn) -> list[Recipe]:
    """Draw recipes, each with some of the earlier ones as dependencies."""
    recipes: list[Recipe] = []
    for value in range(draw(st.integers(1, 12))):
        earlier = st.lists(st.sampled_from(recipes), unique_by=lambda recipe: recipe.key, max_size=3)
        needs = draw(earlier) if recipes else []
        recipes.append(Number(value=value, needs=tuple(needs)))
    return recipes


@given(graphs())
def test_in_order_yields_everything_once_dependencies_first(recipes: list[Recipe]) -> None:
    ordered = list(in_order(*recipes))
    keys = [recipe.key for recipe in ordered]
    assert sorted(keys) == sorted(recipe.key for recipe in recipes)
    for place, recipe in enumerate(ordered):
        assert all(keys.index(need.key) < place for need in recipe.dependencies)


def test_in_order_does_not_recurse() -> None:
    recipe: Recipe = Number(value=1)
    for _ in range(1500):
        recipe = Number(value=0, needs=(recipe,))
        _ = recipe.key
    assert len(list(in_order(recipe))) == 1501


def test_an_existing_artifact_is_not_built_again(store: Store, tmp_path: Path) -> None:
    (tmp_path / "log").mkdir()
    recipe = Logged(value=1, log=str(tmp_path / "log"))
    for _ in range(3):
        assert build(store, recipe) is not None
    assert len(list((tmp_path / "log").iterdir())) == 1


def test_run_facts_are_recorded(store: Store) -> None:
    run = build_all(store, [Number(value=1)])[0].run
    assert datetime.fromisoformat(run["started"]).tzinfo is not None
    assert run["label"] == "test-number"
    assert run["seconds"] >= 0
    assert run["peak_memory_bytes"] > 1e7
    assert {"python", "torch", "numpy"} <= set(run["versions"])


def test_a_build_uses_the_threads_of_its_recipe(store: Store) -> None:
    recipes = [Threads(compute=Compute(threads=threads)) for threads in (2, 1)]
    build_all(store, recipes)
    assert [number(store, recipe) for recipe in recipes] == [2, 1]


@pytest.mark.parametrize(("make", "error"), [(Impossible, BadData), (Broken, ZeroDivisionError)])
def test_a_failed_build_publishes_nothing_and_releases_the_lock(
    store: Store, make: Callable[[], Recipe], error: type[Exception]
) -> None:
    recipe = make()
    with pytest.raises(error):
        build(store, recipe)
    assert store.find(recipe) is None
    with store.lock(recipe.key) as acquired:
        assert acquired


def test_the_time_of_interrupted_builds_is_included_in_the_seconds(store: Store) -> None:
    recipe = Interrupted(value=1)
    for _ in range(2):
        with pytest.raises(BadData, match="interrupted"):
            build(store, recipe)
        time.sleep(PAUSE)  # not part of any build
    artifact = build(store, recipe)
    assert artifact is not None
    assert 0.18 <= artifact.run["seconds_before"] < PAUSE  # a file system's clock is slightly coarser than Python's
    assert artifact.run["seconds"] >= artifact.run["seconds_before"] + 0.1
    uninterrupted = build(store, Number(value=1))
    assert uninterrupted is not None
    assert uninterrupted.run["seconds_before"] == 0


@pytest.mark.parametrize("note", ["", "{", "[]", '{"at": "noon", "before": 1}'])
def test_a_damaged_note_of_an_interrupted_build_is_ignored(store: Store, note: str) -> None:
    recipe = Interrupted(value=1)
    with pytest.raises(BadData):
        build(store, recipe)
    (store.workspace(recipe.key) / START_NOTE).write_text(note, encoding="utf-8")
    with pytest.raises(BadData, match="interrupted"):
        build(store, recipe)
    artifact = build(store, recipe)
    assert artifact is not None
    assert artifact.run["seconds"] >= 0.1


@pytest.mark.parametrize(("device", "kind"), [("cpu", "cpu"), ("mps", "mps")])
def test_the_manifest_states_device_kind_and_versions(store: Store, device: str, kind: str) -> None:
    artifact = build(store, Number(value=1), device=device)
    assert artifact is not None
    assert artifact.built_with == BuiltWith.model_validate({"device": kind, "versions": versions()})
    assert artifact.key == Number(value=1).key


def test_all_gpus_are_one_kind_of_device() -> None:
    assert built_with("cuda:1") == built_with("cuda")
    assert built_with("cuda:1").device == "cuda"
