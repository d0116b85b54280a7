"""A filtered set: the images that were kept, how many there were, and what was seen to choose them."""

import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from simple_recipes import Painted

from suite.artifacts import DataPaths, Recipe, Store
from suite.classifiers.recipes import Classifier
from suite.datasets.locate import locate
from suite.datasets.real import RealImages, RealSubset
from suite.engines.build import build_all, in_order
from suite.errors import BadData
from suite.filters.filter import filters
from suite.filters.filtered import INDICES, SUMMARY, FilteredImages, FilterSummary, read_filter_summary, unfiltered
from suite.images import ImageSet, Mixture
from suite.metrics.extractors.extractor import extractors
from suite.metrics.recipes import Features
from suite.planning.budget_overrides import BudgetOverrides
from suite.planning.case import Case, Mode
from suite.planning.case_plan import CasePlan
from suite.planning.planner import Planner
from suite.planning.profiles import load_profile

Paint = Callable[[int, int], ImageSet]


def test_what_is_kept_is_opened_in_its_order_and_no_pixel_is_stored_twice(
    store: Store, plan: Callable[..., FilteredImages], mislabelled: Paint
) -> None:
    recipe = plan("agreement", mislabelled(10, 3))
    artifact = build_all(store, [recipe])[0]
    assert set(artifact.manifest.files) == {INDICES, SUMMARY}
    every, found = recipe.images.open(store), recipe.open(store)
    right = np.arange(30) % 10 >= 3
    assert np.array_equal(found.images, every.images[right])
    assert np.array_equal(found.labels, every.labels[right])


def test_the_artifact_says_what_was_kept_of_each_class(
    store: Store, plan: Callable[..., FilteredImages], mislabelled: Paint
) -> None:
    recipe = plan("agreement", mislabelled(10, 3))
    assert recipe.counts is None
    build_all(store, [recipe])
    assert read_filter_summary(recipe, store) == FilterSummary(
        filter="agreement",
        uses=("real images", "real labels"),
        classes=("blue", "green", "red"),
        before=(10, 10, 10),
        after=(7, 7, 7),
    )
    mixture = Mixture(parts=(recipe, Painted(per_class=(1, 2, 3))))
    assert mixture.counts is None
    build_all(store, [mixture])
    assert recipe.counted(store, 3) == recipe.open(store).counts(3) == (7, 7, 7)
    assert mixture.counted(store, 3) == mixture.open(store).counts(3) == (8, 9, 10)
    assert unfiltered(recipe) == recipe.images
    assert unfiltered(mixture) == mixture


def test_a_class_without_images_is_one_line(store: Store, plan: Callable[..., FilteredImages], mislabelled: Paint) -> None:
    recipe = plan("agreement", mislabelled(5, 5))
    with pytest.raises(BadData) as caught:
        build_all(store, [recipe])
    assert str(caught.value) == (
        "filter agreement keeps none of the 5 images of class 'blue': lower confidence under [filter.agreement], or "
        "make images that look like their class"
    )
    assert store.find(recipe) is None


def test_a_choice_of_the_wrong_shape_is_refused(
    store: Store, plan: Callable[..., FilteredImages], monkeypatch: pytest.MonkeyPatch
) -> None:
    recipe = plan("top-k", Painted(per_class=(4, 4, 4)))
    monkeypatch.setattr(type(recipe), "choose", lambda *_: np.arange(3))
    with pytest.raises(ValueError, match=r"filter top-k says int64 \(3,\) of 12 images"):
        build_all(store, [recipe])


@pytest.fixture(scope="module")
def memo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("memo")
    locate("digits", DataPaths(), folder)
    return folder


def planned(memo: Path, name: str, mode: Mode = Mode.SYN, **choice: object) -> CasePlan:
    case = Case(dataset="digits", generator="cd", mode=mode, variant=f"filter-{name}")
    return Planner(load_profile("smoke"), DataPaths(), memo, BudgetOverrides(**choice)).case(case)  # type: ignore[arg-type]


def looked_at(recipe: FilteredImages) -> Iterator[Recipe]:
    """Yield everything behind a filtered set that is not behind the unfiltered one."""
    before = {one.key for one in in_order(recipe.images)}
    yield from (one for one in in_order(recipe) if one.key not in before)


@pytest.mark.parametrize("evaluate", ["test", "validation"])
@pytest.mark.parametrize("name", list(filters))
def test_no_filter_sees_validation_or_test_images(memo: Path, name: str, evaluate: str) -> None:
    found = planned(memo, name, evaluate=evaluate)
    behind = list(in_order(*found.synthetic))
    assert {one.key for one in behind if isinstance(one, RealSubset)} == {found.real.key}
    assert {one.split for one in behind if isinstance(one, RealImages)} == {"train"}
    assert found.real.part == "fit"


@pytest.mark.parametrize("name", list(filters))
def test_a_filter_states_all_that_it_has_seen(memo: Path, name: str) -> None:
    """A classifier has seen labels, an extractor with weights from elsewhere has seen the web."""
    (recipe,) = planned(memo, name).synthetic
    assert isinstance(recipe, FilteredImages)
    seen = set()
    for one in looked_at(recipe):
        if isinstance(one, Classifier):
            seen |= {"real images", "real labels"}
        if isinstance(one, Features):
            seen |= {"the web"} if extractors.get(one.extractor).pretrained else set()
            seen |= {"real images"} if isinstance(one.images, RealSubset) else set()
    assert set(recipe.uses) == seen


@pytest.mark.parametrize("name", list(filters))
def test_more_seeds_choose_no_other_images(memo: Path, name: str) -> None:
    few, many = planned(memo, name, seeds=2), planned(memo, name, seeds=5)
    assert [one.key for one in few.synthetic] == [one.key for one in many.synthetic]
    assert {one.key for one in few.classifiers} < {one.key for one in many.classifiers}


@pytest.mark.parametrize("name", list(filters))
def test_a_filter_chooses_among_the_images_of_table_1(memo: Path, name: str) -> None:
    syn, mix = planned(memo, name), planned(memo, name, Mode.MIX)
    table1 = Planner(load_profile("smoke"), DataPaths(), memo).case(syn.case.model_copy(update={"variant": None}))
    assert [unfiltered(images).key for images in syn.synthetic] == [images.key for images in table1.synthetic]
    assert syn.synthetic == syn.training_sets
    assert mix.training_sets == (Mixture(parts=(mix.real, syn.synthetic[0])),)
    assert syn.pictures == ()
    assert {one.classes for one in (*syn.classifiers, *mix.classifiers)} == {10}
    assert mix.comparison is not None
    assert table1.comparison is not None
    assert [one.key for one in mix.comparison.org] == [one.key for one in table1.comparison.org]


def test_every_generator_seed_is_filtered_for_itself(memo: Path) -> None:
    found = planned(memo, "top-k", generator_seeds=2)
    assert len({images.key for images in found.synthetic}) == 2


def test_a_profile_sets_up_a_filter(memo: Path) -> None:
    profile = load_profile("smoke")
    profile._base["filter"] = {"top-k": {"share": 0.25}}
    case = Case(dataset="digits", generator="cd", mode=Mode.SYN, variant="filter-top-k")
    found = Planner(profile, DataPaths(), memo).case(case)
    assert found.synthetic[0].counts == (int(0.25 * min(found.real.counts)),) * 10


def test_planning_is_light() -> None:
    code = (
        "import sys; from suite.filters.filter import filters; assert list(filters);"
        "print([name for name in ('numpy', 'torch', 'scipy', 'PIL') if name in sys.modules])"
    )
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "[]"
