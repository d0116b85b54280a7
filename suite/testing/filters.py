"""The contract of filters."""

from collections.abc import Callable
from typing import Any, ClassVar, get_args

import pytest

from suite.artifacts import DataPaths, Recipe, Store
from suite.classifiers.classifier import TrainedClassifier, classifiers
from suite.compute import Compute
from suite.datasets.real import RealImages, RealSubset
from suite.engines.build import build_all, in_order
from suite.errors import UsageError
from suite.filters.filter import Candidates, Filter, FilterSettings
from suite.filters.filtered import DataUsed, FilteredImages, read_filter_summary
from suite.images import FirstPerClass, ImageSet
from suite.metrics.extractors.extractor import extractors
from suite.metrics.recipes import Features
from suite.testing.checks import (
    build_payloads,
    check_name,
    check_one_line,
    check_steps,
    heavy_imports,
    reseed_global_generators,
)
from suite.testing.digits import CLASSES, SIZE, digits

IMAGES = (24, 23, 22)
FEWER = (20, 21, 22)
REAL = (22, 22, 22)
CLASSIFIER = {"width": 8, "epochs": 15, "batch_size": 22, "augmentation": ()}
Plan = Callable[..., FilteredImages]


def plan_filtered(
    plugin: Filter, settings: dict[str, Any], candidates: Candidates, data_paths: DataPaths
) -> FilteredImages:
    """Return the recipe of the images that a filter keeps of the candidates."""
    return plugin.filtered(candidates, plugin.configure(settings, data_paths))


def candidates_of(*counts: int) -> Candidates:
    """Return candidates for a filter: digits to filter, other digits as real images, and a small ``org`` classifier.

    Args:
        counts: Number of images to filter of each of three classes.

    Returns:
        The candidates.
    """
    images = FirstPerClass(images=digits(*counts, part="validation"), per_class=counts)
    real, compute = digits(*REAL), Compute()
    plugin = classifiers.get("resnet18")
    settings = plugin.configure(CLASSIFIER, DataPaths())
    classifier = plugin.train(real, settings, classes=len(REAL), size=SIZE, seed=0, compute=compute)
    return Candidates(
        images=images,
        real=real,
        classes=CLASSES[: len(REAL)],
        org=classifier.predictions(images),
        size=SIZE,
        sides={"efficientnet-lite0": 32},
        compute=compute,
    )


class FilterContract:
    """Tests for a filter. Inherit and set ``plugin``.

    The images to filter are scikit-learn's digits of three classes; the real ones are other digits of these classes.

    Attributes:
        plugin: The filter class.
        settings: Fields of ``[filter.<name>]`` in a profile.
    """

    plugin: type[Filter]
    settings: ClassVar[dict[str, Any]] = {}

    @pytest.fixture(scope="class")
    @classmethod
    def filtering(cls) -> Filter:
        """The plugin; override this fixture if the class takes arguments."""
        return cls.plugin()

    @pytest.fixture(scope="class")
    @classmethod
    def data_paths(cls, tmp_path_factory: pytest.TempPathFactory) -> DataPaths:
        """Where weights are; override this fixture if they must be present."""
        return DataPaths(cache=tmp_path_factory.mktemp("cache"))

    @pytest.fixture(scope="class")
    @classmethod
    def plan(cls, filtering: Filter, data_paths: DataPaths) -> Plan:
        """A function that plans the kept images, from the number of images to filter of each class."""

        def plan_counts(*counts: int) -> FilteredImages:
            return plan_filtered(filtering, cls.settings, candidates_of(*counts), data_paths)

        return plan_counts

    @pytest.fixture(scope="class")
    @classmethod
    def store(cls, plan: Plan, data_paths: DataPaths, tmp_path_factory: pytest.TempPathFactory) -> Store:
        """A store in which a larger and a smaller set were filtered."""
        store = Store(tmp_path_factory.mktemp("store"))
        store.prepare()
        reseed_global_generators(1)
        build_all(store, [plan(*IMAGES), plan(*FEWER)], data_paths=data_paths)
        return store

    def test_name_title_and_remedy(self, filtering: Filter, plan: Plan) -> None:
        """The name is part of the ids of variants; title and remedy are one line each."""
        check_name(filtering.name)
        check_one_line(filtering.title, plan(*IMAGES).remedy)
        assert plan(*IMAGES).filter == filtering.name

    def test_unknown_settings_are_rejected(self, filtering: Filter, data_paths: DataPaths) -> None:
        """A misspelt setting of a profile gives a one-line error that names it."""
        assert issubclass(filtering.settings, FilterSettings)
        with pytest.raises(UsageError, match="no_such_setting") as raised:
            filtering.configure({**self.settings, "no_such_setting": 1}, data_paths)
        check_one_line(str(raised.value))

    def test_planning_imports_no_heavy_library(self, filtering: Filter, data_paths: DataPaths) -> None:
        """A finished table is shown without importing what only building needs."""
        assert heavy_imports(plan_filtered, filtering, self.settings, candidates_of(*IMAGES), data_paths) == []

    def test_keys_depend_only_on_the_candidates(self, plan: Plan) -> None:
        """Equal candidates give equal keys, other candidates other keys."""
        assert plan(*IMAGES).key == plan(*IMAGES).key != plan(*FEWER).key

    def test_step_names_are_unique(self, plan: Plan) -> None:
        """Two steps with one name would share their artifacts."""
        check_steps(plan(*IMAGES))

    def test_uses_lists_all_data_used(self, plan: Plan) -> None:
        """``uses`` lists real images, real labels (used by a classifier), and the data of pretrained networks."""
        candidates, filtered = candidates_of(*IMAGES), plan(*IMAGES)
        steps = _steps_beside(candidates.images, filtered)
        used: set[DataUsed] = set()
        if any(isinstance(step, RealImages | RealSubset) for step in steps):
            used.add("real images")
        if any(isinstance(step, TrainedClassifier) for step in steps):
            used.add("real labels")
        if any(isinstance(step, Features) and extractors.get(step.extractor).pretrained_on for step in steps):
            used.add("the web")
        assert set(filtered.uses) <= set(get_args(DataUsed))
        assert used <= set(filtered.uses)

    def test_only_the_given_images_are_used(self, plan: Plan) -> None:
        """A filter never reads validation or test images."""
        candidates = candidates_of(*IMAGES)
        given = {step.key for step in in_order(candidates.images, candidates.real)}
        read = [step for step in in_order(plan(*IMAGES)) if isinstance(step, RealImages | RealSubset)]
        assert [step.label for step in read if step.key not in given] == []

    def test_kept_images_are_unchanged(self, plan: Plan, store: Store) -> None:
        """Images, labels and their order are unchanged; no image is kept twice."""
        given, kept = candidates_of(*IMAGES).images.open(store), plan(*IMAGES).open(store)
        index_of = {image.tobytes(): index for index, image in enumerate(given.images)}
        indices = [index_of[image.tobytes()] for image in kept.images]
        assert indices == sorted(set(indices))
        assert kept.labels.tolist() == given.labels[indices].tolist()

    def test_counts_before_and_after_are_recorded(self, plan: Plan, store: Store) -> None:
        """The artifact records how many images of each class there were, and how many were kept."""
        for counts in (IMAGES, FEWER):
            recipe = plan(*counts)
            kept = recipe.open(store).counts(len(counts))
            recorded = read_filter_summary(recipe, store)
            assert recorded.before == counts
            assert recorded.after == kept == recipe.read_counts(store, len(counts))
            assert recipe.counts in (None, kept)
            assert min(kept) > 0
            assert (recorded.filter, recorded.uses) == (recipe.filter, recipe.uses)

    def test_same_key_same_bytes(
        self, plan: Plan, store: Store, data_paths: DataPaths, tmp_path_factory: pytest.TempPathFactory
    ) -> None:
        """Filtering again gives the same bytes, in any order and whatever the state of the global random generators."""
        recipes = [plan(*IMAGES), plan(*FEWER)]
        first = build_payloads(store, recipes, data_paths)
        other = Store(tmp_path_factory.mktemp("another"))
        other.prepare()
        reseed_global_generators(2)
        again = build_payloads(other, reversed(recipes), data_paths)
        assert sorted(again) == sorted(first)
        assert [name for name in first if again[name] != first[name]] == []


def _steps_beside(images: ImageSet, filtered: FilteredImages) -> list[Recipe]:
    """Return all steps that a filtered set needs, without the images to filter and their own dependencies."""
    stack, found = [recipe for recipe in filtered.dependencies if recipe.key != images.key], []
    while stack:
        step = stack.pop()
        found.append(step)
        stack += (recipe for recipe in step.dependencies if recipe.key != images.key)
    return found
