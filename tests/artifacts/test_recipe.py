"""Recipes and their keys."""

import json
import pickle
import subprocess
import sys
from typing import Any, ClassVar, get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel, ConfigDict, create_model
from simple_classifiers import resnet18
from simple_recipes import Number

from suite.artifacts import BuildContext, Recipe, Store
from suite.artifacts.manifest import KEY_LENGTH
from suite.classifiers.network import NetworkPredictions
from suite.classifiers.plugins.resnet18 import ResNet18Settings
from suite.compute import Compute
from suite.datasets.real import RealImages, RealSubset
from suite.engines.build import build
from suite.errors import Diverged
from suite.images import Mixture

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=6,
)


class Anything(Recipe):
    """A recipe with any JSON value."""

    step: ClassVar[str] = "test-anything"
    version: ClassVar[int] = 1

    model_config = ConfigDict(frozen=True, extra="forbid", arbitrary_types_allowed=True)

    value: Any

    def build(self, context: BuildContext) -> None:
        """Write nothing."""


def reordered(value: Any) -> Any:
    """Return an equal value whose dictionaries are in another order."""
    if isinstance(value, dict):
        return {name: reordered(value[name]) for name in reversed(value)}
    return [reordered(item) for item in value] if isinstance(value, list) else value


@given(VALUES, VALUES)
def test_keys_are_equal_if_and_only_if_the_descriptions_are(one: Any, other: Any) -> None:
    first, second = Anything(value=one), Anything(value=other)
    same = json.dumps(first.description, sort_keys=True) == json.dumps(second.description, sort_keys=True)
    assert (first.key == second.key) == same


@given(VALUES)
def test_the_order_of_a_dictionary_does_not_matter(value: Any) -> None:
    assert Anything(value=value).key == Anything(value=reordered(value)).key


def test_the_order_of_fields_does_not_matter() -> None:
    fields: dict[str, Any] = {"one": (int, 1), "two": (str, "x")}
    forwards, backwards = (
        create_model("Made", __base__=Anything, value=(Any, None), **chosen)
        for chosen in (fields, dict(reversed(fields.items())))
    )
    assert list(forwards.model_fields) != list(backwards.model_fields)
    assert forwards().key == backwards().key


def test_a_key_is_the_same_in_another_process() -> None:
    program = "from simple_recipes import Number; print(Number(value=3, needs=(Number(value=4),)).key)"
    helpers = next(path for path in sys.path if path.endswith("helpers"))
    found = subprocess.run(
        [sys.executable, "-c", program],
        env={"PYTHONPATH": helpers, "PYTHONHASHSEED": "7"},
        capture_output=True,
        text=True,
        check=True,
    )
    key = Number(value=3, needs=(Number(value=4),)).key
    assert found.stdout.strip() == key
    assert len(key) == KEY_LENGTH
    assert set(key) <= set("0123456789abcdef")


@pytest.mark.parametrize("value", [float("nan"), float("inf"), b"bytes", object(), {1, 2}])
def test_values_that_are_not_json_are_refused(value: object) -> None:
    with pytest.raises((TypeError, ValueError)):
        _ = Anything(value=value).key


def test_step_and_version_are_part_of_the_key() -> None:
    raised = type("Raised", (Number,), {"version": 2, "__annotations__": {"version": ClassVar[int]}})
    renamed = type("Renamed", (Number,), {"step": "test-renamed", "__annotations__": {"step": ClassVar[str]}})
    assert len({Number(value=1).key, raised(value=1).key, renamed(value=1).key}) == 3


def test_a_change_in_an_indirect_dependency_changes_the_key() -> None:
    def chain(value: int) -> Recipe:
        recipe: Recipe = Number(value=value)
        for _ in range(3):
            recipe = Number(value=0, needs=(recipe,))
        return recipe

    assert chain(1).key != chain(2).key
    assert chain(1).key == chain(1).key


def test_dependencies_are_found_at_any_depth_without_duplicates() -> None:
    class Inner(BaseModel):
        model_config = ConfigDict(frozen=True)
        recipe: Number

    one, two, three = (Number(value=value) for value in (1, 2, 3))
    found = Anything(value={"a": [one, (two,)], "b": Inner(recipe=three), "c": one}).dependencies
    assert [recipe.key for recipe in found] == [one.key, two.key, three.key]


def test_a_recipe_survives_pickling_with_its_key() -> None:
    recipe = Number(value=1, needs=(Number(value=2),))
    before = recipe.key
    assert pickle.loads(pickle.dumps(recipe)).key == before
    assert pickle.loads(pickle.dumps(Number(value=1, needs=(Number(value=2),)))).key == before


# Every setting is part of the key; otherwise a changed setting would find a stale artifact.

IMAGES = RealImages(dataset="digits", content="c" * 32, split="train", size=8, per_class=(5, 5))
SUBSET = RealSubset(images=IMAGES, part="fit", validation=(1, 1), per_class=(3, 3), seed=0)
CLASSIFIER = resnet18(training_set=SUBSET, classes=2, settings=ResNet18Settings(), seed=0, compute=Compute())
PREDICTIONS = NetworkPredictions(classifier=CLASSIFIER, images=SUBSET, compute=Compute())


def another(model: BaseModel, name: str) -> Any:
    """Return a valid value of a field that differs from its present value."""
    value = getattr(model, name)
    choices = get_args(type(model).model_fields[name].annotation)
    candidates: list[Any]
    match value:
        case bool():
            candidates = [not value]
        case int():
            candidates = [value + 1]
        case float():
            candidates = [value + 0.1, value / 2]
        case str():
            candidates = [choice for choice in choices if choice != value] or [f"{value}x"]
        case tuple():
            candidates = [value[:-1], (*value, *value)] if value else [(1,)]
        case None:
            candidates = [1]
        case Recipe():
            candidates = [changed(value, "seed" if "seed" in type(value).model_fields else "content")]
        case BaseModel():
            candidates = [changed(value, inner) for inner in type(value).model_fields]
        case _:
            raise AssertionError(f"no rule for another value of {name}")
    for candidate in candidates:
        try:
            replaced(model, name, candidate)
        except ValueError:
            continue
        return candidate
    raise AssertionError(f"every other value tried for {name} is invalid")


def changed(model: BaseModel, name: str) -> BaseModel:
    """Return a copy of a model with one field changed."""
    return replaced(model, name, another(model, name))


def replaced(model: BaseModel, name: str, value: Any) -> BaseModel:
    """Return a validated copy of a model with another value in one field."""
    fields = {field: getattr(model, field) for field in type(model).model_fields}
    return type(model).model_validate({**fields, name: value})


def every_change(recipe: Recipe) -> dict[str, Recipe]:
    """Return copies of a recipe with one field, or one field of its settings, changed, by name."""
    changes = {}
    for name in type(recipe).model_fields:
        value = getattr(recipe, name)
        if isinstance(value, BaseModel) and not isinstance(value, Recipe):
            for inner in type(value).model_fields:
                changes[f"{name}.{inner}"] = replaced(recipe, name, changed(value, inner))
        else:
            changes[name] = changed(recipe, name)
    return changes  # type: ignore[return-value]


@pytest.mark.parametrize("recipe", [IMAGES, SUBSET, CLASSIFIER, PREDICTIONS], ids=lambda recipe: recipe.step)
def test_every_field_changes_the_key(recipe: Recipe) -> None:
    changes = every_change(recipe)
    keys = {name: other.key for name, other in changes.items()}
    assert set(ResNet18Settings.model_fields) <= {name.partition(".")[2] for name in every_change(CLASSIFIER)}
    assert recipe.key not in keys.values()
    assert len(set(keys.values())) == len(keys), "two different changes give the same key"


def test_the_order_of_a_mixture_changes_its_key() -> None:
    assert Mixture(parts=(SUBSET, IMAGES)).key != Mixture(parts=(IMAGES, SUBSET)).key


def test_a_changed_copy_has_another_key() -> None:
    recipe = Number(value=1)
    _ = recipe.key, recipe.dependencies
    copy = recipe.model_copy(update={"value": 2, "needs": (Number(value=3),)})
    assert copy.key == Number(value=2, needs=(Number(value=3),)).key
    assert len(copy.dependencies) == 1
    with pytest.raises(ValueError, match="extra"):
        recipe.model_copy(update={"valeu": 2})


def test_fields_can_be_neither_added_nor_changed() -> None:
    with pytest.raises(ValueError, match="extra"):
        Number(value=1, device="cuda")  # type: ignore[call-arg]
    with pytest.raises(ValueError, match="frozen"):
        Number(value=1).value = 2


class Weights(Recipe):
    """Weights of a torch type with one value that is not finite."""

    step: ClassVar[str] = "test-weights"
    version: ClassVar[int] = 1

    dtype: str
    value: str

    def build(self, context: BuildContext) -> None:
        import torch
        from safetensors.torch import save_file

        weights = torch.tensor([1.0, float(self.value), 2.0]).to(getattr(torch, self.dtype))
        save_file({"w": weights}, context.payload / "model.safetensors")


@pytest.mark.parametrize("dtype", ["float32", "bfloat16", "float8_e5m2", "float8_e4m3fn"])
def test_weights_with_nan_are_not_published(store: Store, dtype: str) -> None:
    recipe = Weights(dtype=dtype, value="nan")
    with pytest.raises(Diverged, match=r"test-weights: w in model\.safetensors is not finite: change the settings"):
        build(store, recipe)
    assert store.find(recipe) is None
    assert build(store, Weights(dtype=dtype, value="3")) is not None
