"""Filtered images: selection, counts, summary, and the data that a filter uses."""

import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from simple_recipes import Painted

from suite.artifacts import DataPaths, Recipe, Store
from suite.classifiers.influence import Influence
from suite.classifiers.network import TrainedNetwork
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

MakeImages = Callable[[int, int], ImageSet]


def test_kept_images_are_opened_in_their_order_and_only_indices_are_stored(
    store: Store, plan: Callable[..., FilteredImages], mislabelled: MakeImages
) -> None:
    recipe = plan("agreement", mislabelled(10, 3))
    artifact = build_all(store, [recipe])[0]
    assert set(artifact.manifest.files) == {INDICES, SUMMARY}
    unfiltered_data, data = recipe.images.open(store), recipe.open(store)
    correct = np.arange(30) % 10 >= 3
    assert np.array_equal(data.images, unfiltered_data.images[correct])
    assert np.array_equal(data.labels, unfiltered_data.labels[correct])


def test_the_summary_has_the_images_per_class_before_and_after(
    store: Store, plan: Callable[..., FilteredImages], mislabelled: MakeImages
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
    assert recipe.read_counts(store, 3) == recipe.open(store).counts(3) == (7, 7, 7)
    assert mixture.read_counts(store, 3) == mixture.open(store).counts(3) == (8, 9, 10)
    assert unfiltered(recipe) == recipe.images
    assert unfiltered(mixture) == mixture


def test_a_class_without_images_gives_a_one_line_error(
    store: Store, plan: Callable[..., FilteredImages], mislabelled: MakeImages
) -> None:
    recipe = plan("agreement", mislabelled(5, 5))
    with pytest.raises(BadData) as caught:
        build_all(store, [recipe])
    assert str(caught.value) == (
        "filter agreement keeps none of the 5 images of class 'blue': lower confidence under [filter.agreement], or "
        "generate images that look like their class"
    )
    assert store.find(recipe) is None


def test_a_selection_of_the_wrong_shape_is_refused(
    store: Store, plan: Callable[..., FilteredImages], monkeypatch: pytest.MonkeyPatch
) -> None:
    recipe = plan("top-k", Painted(per_class=(4, 4, 4)))
    monkeypatch.setattr(type(recipe), "choose", lambda *_: np.arange(3))
    with pytest.raises(ValueError, match=r"filter top-k: choose must return bool \(12,\), not int64 \(3,\)"):
        build_all(store, [recipe])


@pytest.fixture(scope="module")
def memo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Directory with the remembered content of digits."""
    directory = tmp_path_factory.mktemp("memo")
    locate("digits", DataPaths(), directory)
    return directory


def planned(memo: Path, name: str, mode: Mode = Mode.SYN, **overrides: object) -> CasePlan:
    case = Case(dataset="digits", generator="cd", mode=mode, variant=f"filter-{name}")
    return Planner(load_profile("smoke"), DataPaths(), memo, BudgetOverrides(**overrides)).case(case)  # type: ignore[arg-type]


def filter_steps(recipe: FilteredImages) -> Iterator[Recipe]:
    """Yield the dependencies of a filtered set that are not dependencies of the unfiltered set."""
    before = {step.key for step in in_order(recipe.images)}
    yield from (step for step in in_order(recipe) if step.key not in before)


@pytest.mark.parametrize("evaluate", ["test", "validation"])
@pytest.mark.parametrize("name", list(filters))
def test_no_filter_uses_validation_or_test_images(memo: Path, name: str, evaluate: str) -> None:
    found = planned(memo, name, evaluate=evaluate)
    steps = list(in_order(*found.synthetic))
    assert {step.key for step in steps if isinstance(step, RealSubset)} == {found.real.key}
    assert {step.split for step in steps if isinstance(step, RealImages)} == {"train"}
    assert found.real.part == "fit"


@pytest.mark.parametrize("name", list(filters))
def test_a_filter_states_all_data_that_it_uses(memo: Path, name: str) -> None:
    """A classifier is trained on real labels; a pretrained extractor is trained on data from the web."""
    (recipe,) = planned(memo, name).synthetic
    assert isinstance(recipe, FilteredImages)
    used = set()
    for step in filter_steps(recipe):
        if isinstance(step, TrainedNetwork | Influence):
            used |= {"real images", "real labels"}
        if isinstance(step, Features):
            used |= {"the web"} if extractors.get(step.extractor).pretrained_on else set()
            used |= {"real images"} if isinstance(step.images, RealSubset) else set()
    assert set(recipe.uses) == used


@pytest.mark.parametrize("name", list(filters))
def test_the_selection_does_not_depend_on_the_number_of_seeds(memo: Path, name: str) -> None:
    few, many = planned(memo, name, max_seeds=2), planned(memo, name, max_seeds=5)
    assert [images.key for images in few.synthetic] == [images.key for images in many.synthetic]
    assert {classifier.key for classifier in few.classifiers} < {classifier.key for classifier in many.classifiers}


@pytest.mark.parametrize("name", list(filters))
def test_a_filter_selects_from_the_images_of_the_unfiltered_case(memo: Path, name: str) -> None:
    syn, mix = planned(memo, name), planned(memo, name, Mode.MIX)
    base = Planner(load_profile("smoke"), DataPaths(), memo).case(syn.case.model_copy(update={"variant": None}))
    assert [unfiltered(images).key for images in syn.synthetic] == [images.key for images in base.synthetic]
    assert syn.synthetic == syn.training_sets
    assert mix.training_sets == (Mixture(parts=(mix.real, syn.synthetic[0])),)
    assert syn.pictures == ()
    assert {classifier.classes for classifier in (*syn.classifiers, *mix.classifiers)} == {10}
    assert [org.key for org in mix.org] == [org.key for org in base.org]


def test_every_generator_seed_is_filtered_separately(memo: Path) -> None:
    found = planned(memo, "top-k", generator_seeds=2)
    assert len({images.key for images in found.synthetic}) == 2


def test_a_profile_configures_a_filter(memo: Path) -> None:
    profile = load_profile("smoke")
    profile._base["filter"] = {"top-k": {"share": 0.25}}
    case = Case(dataset="digits", generator="cd", mode=Mode.SYN, variant="filter-top-k")
    found = Planner(profile, DataPaths(), memo).case(case)
    assert found.synthetic[0].counts == (int(0.25 * min(found.real.counts)),) * 10


def test_planning_imports_no_heavy_module() -> None:
    code = (
        "import sys; from suite.filters.filter import filters; assert list(filters);"
        "print([name for name in ('numpy', 'torch', 'scipy', 'PIL') if name in sys.modules])"
    )
    process = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert process.stdout.strip() == "[]"
