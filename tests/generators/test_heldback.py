"""Held-back real training images: the ceiling for generators."""

from pathlib import Path

import pytest

from suite.artifacts import DataPaths, Recipe, Store
from suite.datasets.real import INDICES, RealSubset
from suite.engines.build import build_all
from suite.errors import Unavailable
from suite.generators.generator import Request, generators, is_ceiling
from suite.generators.heldback import HeldBack, HeldBackImages
from suite.planning.budget_overrides import BudgetOverrides
from suite.planning.case import Case, Mode
from suite.planning.planner import Planner
from suite.planning.profiles import load_profile
from suite.testing import GeneratorContract
from suite.testing.digits import VALIDATION_PER_CLASS, content, digits, request

TRAIN = content().train[:3]


class TestContract(GeneratorContract):
    plugin = HeldBack


def of_three(used: tuple[int, ...]) -> RealSubset:
    """Return a training subset of a dataset that consists of the first three digits."""
    real = digits(*used)
    images = real.images.model_copy(update={"per_class": real.images.per_class[:3]})
    return real.model_copy(
        update={"images": images, "validation": real.validation[:3], "per_class": real.per_class[:3]}
    )


def asked(counts: tuple[int, ...], real: RealSubset) -> Request:
    return request(*counts).model_copy(update={"real": real})


def plan(image_request: Request) -> HeldBackImages:
    heldback = HeldBack()
    recipe = heldback.synthetic(image_request, heldback.configure({}, DataPaths()))
    assert isinstance(recipe, HeldBackImages)
    return recipe


def indices(store: Store, *recipes: Recipe) -> list[set[int]]:
    return [set(store.get(recipe).tensors(INDICES)["indices"].tolist()) for recipe in recipes]


def test_training_validation_and_held_back_images_share_none_and_are_all(store: Store) -> None:
    used = (20, 20, 20)
    left = min(TRAIN) - VALIDATION_PER_CLASS - 20
    recipe = plan(asked((left,) * 3, digits(*used)))
    validation = digits(*(VALIDATION_PER_CLASS,) * 3, part="validation")
    build_all(store, [recipe, recipe.real, validation])
    fit, aside, held = indices(store, recipe.real, validation, recipe)
    assert (len(fit), len(aside), len(held)) == (60, 3 * VALIDATION_PER_CLASS, 3 * left)
    assert len(fit | aside | held) == len(fit) + len(aside) + len(held)
    larger = digits(*(20 + left,) * 3)
    build_all(store, [larger])
    assert indices(store, larger) == [fit | held], "they are the images that a larger budget would train on"


def test_where_fewer_are_left_every_class_gets_what_the_scarcest_has_left() -> None:
    used = tuple(count - VALIDATION_PER_CLASS - left for count, left in zip(TRAIN, (9, 7, 8), strict=True))
    recipes = [plan(asked(counts, of_three(used))) for counts in ((5, 0, 6), (9, 8, 8), (9, 7, 8))]
    assert [recipe.counts for recipe in recipes] == [(5, 0, 6), (7, 7, 7), (9, 7, 8)]
    assert [HeldBack().notes(recipe) for recipe in recipes] == [
        ("11 held-back real images",),
        ("21 held-back real images: in each class as many as the scarcest class has left",),
        ("24 held-back real images",),
    ]


def test_a_budget_that_trains_on_all_images_leaves_none() -> None:
    used = tuple(count - VALIDATION_PER_CLASS for count in TRAIN)
    with pytest.raises(Unavailable) as caught:
        plan(asked((1, 1, 1), of_three(used)))
    assert str(caught.value) == (
        "no real image of digits is left to hold back, because all are trained on: choose a --profile with fewer "
        "images per class"
    )


def test_it_is_the_only_ceiling_and_is_not_searched_for_test_images(tmp_path: Path) -> None:
    assert [name for name in generators if is_ceiling(name)] == ["heldback"]
    assert not is_ceiling("a folder")
    planner = Planner(load_profile("smoke"), DataPaths(), tmp_path, BudgetOverrides(generator_seeds=3))
    found = planner.case(Case(dataset="digits", generator="heldback", mode=Mode.MIX, variant="scarcity-25"))
    assert len(found.synthetic) == 1
    assert not found.leak_searches
    assert not found.label_checks
    assert found.trained_on == "nothing: real images"
    assert any(note.startswith(f"{sum(found.real.counts):,} held-back real images") for note in found.notes)
