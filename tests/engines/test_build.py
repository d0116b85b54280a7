"""Building one recipe, and all of them in order."""

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
from suite.compute import Compute
from suite.engines.build import BEGUN, build, build_all, in_order
from suite.errors import BadData

PAUSE = 1.0


class Threads(Number):
    """Notes how many threads it was given."""

    step: ClassVar[str] = "test-threads"

    compute: Compute

    def build(self, context: BuildContext) -> None:
        import torch

        context.write_json(NUMBER, {"number": torch.get_num_threads()})


class Halting(Number):
    """Saves a part of its work, and is interrupted the first two times."""

    step: ClassVar[str] = "test-halting"

    def build(self, context: BuildContext) -> None:
        time.sleep(0.1)
        parts = len(list(context.scratch.iterdir()))
        (context.scratch / f"part-{parts}").touch()
        if parts < 2:
            raise BadData("interrupted")
        super().build(context)


@st.composite
def graphs(draw: st.DrawFn) -> list[Recipe]:
    """Draw recipes, each needing some of those before it."""
    made: list[Recipe] = []
    for value in range(draw(st.integers(1, 12))):
        needs = draw(st.lists(st.sampled_from(made), unique_by=lambda recipe: recipe.key, max_size=3)) if made else []
        made.append(Number(value=value, needs=tuple(needs)))
    return made


@given(graphs())
def test_order_has_everything_once_dependencies_first(recipes: list[Recipe]) -> None:
    ordered = list(in_order(*recipes))
    keys = [recipe.key for recipe in ordered]
    assert sorted(keys) == sorted(recipe.key for recipe in recipes)
    for place, recipe in enumerate(ordered):
        assert all(keys.index(need.key) < place for need in recipe.dependencies)


def test_a_deep_chain_needs_no_recursion() -> None:
    recipe: Recipe = Number(value=1)
    for _ in range(1500):
        recipe = Number(value=0, needs=(recipe,))
        _ = recipe.key
    assert len(list(in_order(recipe))) == 1501


def test_a_recipe_that_is_there_is_not_built_again(store: Store, tmp_path: Path) -> None:
    (tmp_path / "log").mkdir()
    recipe = Logged(value=1, log=str(tmp_path / "log"))
    for _ in range(3):
        assert build(store, recipe) is not None
    assert len(list((tmp_path / "log").iterdir())) == 1


def test_facts_of_the_run_are_noted(store: Store) -> None:
    run = build_all(store, [Number(value=1)])[0].run
    assert datetime.fromisoformat(run["started"]).tzinfo is not None
    assert run["label"] == "test-number"
    assert run["seconds"] >= 0
    assert run["peak_memory_bytes"] > 1e7
    assert {"python", "torch", "numpy"} <= set(run["versions"])


def test_the_recipe_says_how_many_threads_there_are(store: Store) -> None:
    recipes = [Threads(compute=Compute(threads=threads)) for threads in (2, 1)]
    build_all(store, recipes)
    assert [number(store, recipe) for recipe in recipes] == [2, 1]


@pytest.mark.parametrize(("make", "error"), [(Impossible, BadData), (Broken, ZeroDivisionError)])
def test_a_failed_build_leaves_nothing_published_and_the_lock_free(
    store: Store, make: Callable[[], Recipe], error: type[Exception]
) -> None:
    recipe = make()
    with pytest.raises(error):
        build(store, recipe)
    assert store.find(recipe) is None
    with store.lock(recipe.key) as ours:
        assert ours


def test_what_a_build_went_on_from_is_part_of_its_cost(store: Store) -> None:
    recipe = Halting(value=1)
    for _ in range(2):
        with pytest.raises(BadData, match="interrupted"):
            build(store, recipe)
        time.sleep(PAUSE)  # between two builds nobody works
    artifact = build(store, recipe)
    assert artifact is not None
    assert 0.18 <= artifact.run["seconds_before"] < PAUSE  # a file system's clock is a little coarser than ours
    assert artifact.run["seconds"] >= artifact.run["seconds_before"] + 0.1
    whole = build(store, Number(value=1))
    assert whole is not None
    assert whole.run["seconds_before"] == 0


@pytest.mark.parametrize("note", ["", "{", "[]", '{"at": "noon", "before": 1}'])
def test_half_a_note_of_an_interrupted_build_is_no_trouble(store: Store, note: str) -> None:
    recipe = Halting(value=1)
    with pytest.raises(BadData):
        build(store, recipe)
    (store.workspace(recipe.key) / BEGUN).write_text(note, encoding="utf-8")
    with pytest.raises(BadData, match="interrupted"):
        build(store, recipe)
    artifact = build(store, recipe)
    assert artifact is not None
    assert artifact.run["seconds"] >= 0.1
