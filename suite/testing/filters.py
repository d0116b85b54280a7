"""What every filter promises."""

from collections.abc import Callable
from typing import Any, ClassVar, get_args

import pytest

from suite.artifacts import DataPaths, Recipe, Store
from suite.classifiers.recipes import Classifier, Predictions
from suite.classifiers.settings import ClassifierSettings
from suite.compute import Compute
from suite.datasets.real import RealImages, RealSubset
from suite.engines.build import build_all, in_order
from suite.errors import UsageError
from suite.filters.filter import Candidates, Filter, FilterSettings
from suite.filters.filtered import DataUsed, Filtered, read_filtering
from suite.images import FirstPerClass, ImageSet
from suite.metrics.extractors.extractor import extractors
from suite.metrics.recipes import Features
from suite.testing.checks import check_name, check_steps, check_texts, disturb, heavy_imports, payload
from suite.testing.digits import CLASSES, SIZE, digits

IMAGES = (24, 23, 22)
FEWER = (20, 21, 22)
REAL = (22, 22, 22)
JUDGE = ClassifierSettings(width=8, epochs=15, batch_size=22, augmentation=())
Plan = Callable[..., Filtered]


def plan_filtered(plugin: Filter, settings: dict[str, Any], candidates: Candidates, data_paths: DataPaths) -> Filtered:
    """Return the recipe of the images that a filter keeps."""
    return plugin.filtered(candidates, plugin.configure(settings, data_paths))


def candidates_of(*counts: int) -> Candidates:
    """Return so many digits of each of three classes to choose from, others as real images, and a small ``org``."""
    images = FirstPerClass(images=digits(*counts, part="validation"), per_class=counts)
    real, compute = digits(*REAL), Compute()
    judge = Classifier(training_set=real, classes=len(REAL), settings=JUDGE, seed=0, compute=compute)
    return Candidates(
        images=images,
        real=real,
        classes=CLASSES[: len(REAL)],
        org=Predictions(classifier=judge, images=images, compute=compute),
        size=SIZE,
        sides={"efficientnet-lite0": 32},
        compute=compute,
    )


class FilterContract:
    """Inherit, and set ``plugin``.

    The images to choose from are scikit-learn's digits of three classes; the real ones are others of the same classes.

    Attributes:
        plugin: The class.
        settings: What a profile would say under ``[filter.<name>]``.
    """

    plugin: type[Filter]
    settings: ClassVar[dict[str, Any]] = {}

    @pytest.fixture(scope="class")
    @classmethod
    def filtering(cls) -> Filter:
        """The plugin; override it where the class takes arguments."""
        return cls.plugin()

    @pytest.fixture(scope="class")
    @classmethod
    def data_paths(cls, tmp_path_factory: pytest.TempPathFactory) -> DataPaths:
        """Where weights lie; override it where they have to be there."""
        return DataPaths(cache=tmp_path_factory.mktemp("cache"))

    @pytest.fixture(scope="class")
    @classmethod
    def plan(cls, filtering: Filter, data_paths: DataPaths) -> Plan:
        """How a choice is planned: by the numbers of images per class to choose from."""

        def planned(*counts: int) -> Filtered:
            return plan_filtered(filtering, cls.settings, candidates_of(*counts), data_paths)

        return planned

    @pytest.fixture(scope="class")
    @classmethod
    def store(cls, plan: Plan, data_paths: DataPaths, tmp_path_factory: pytest.TempPathFactory) -> Store:
        """A store in which images were chosen twice, from more and from fewer."""
        made = Store(tmp_path_factory.mktemp("store"))
        made.prepare()
        disturb(1)
        build_all(made, [plan(*IMAGES), plan(*FEWER)], data_paths=data_paths)
        return made

    def test_says_what_it_is(self, filtering: Filter, plan: Plan) -> None:
        """The name stands in the ids of variants."""
        check_name(filtering.name)
        check_texts(filtering.title, plan(*IMAGES).remedy)
        assert plan(*IMAGES).filter == filtering.name

    def test_settings_that_do_not_exist_are_refused(self, filtering: Filter, data_paths: DataPaths) -> None:
        """A misspelt setting of a profile is one line that names it."""
        assert issubclass(filtering.settings, FilterSettings)
        with pytest.raises(UsageError, match="no_such_setting") as caught:
            filtering.configure({**self.settings, "no_such_setting": 1}, data_paths)
        check_texts(str(caught.value))

    def test_planning_is_light(self, filtering: Filter, data_paths: DataPaths) -> None:
        """A finished table is shown without importing anything that only building needs."""
        assert heavy_imports(plan_filtered, filtering, self.settings, candidates_of(*IMAGES), data_paths) == []

    def test_planning_is_pure(self, plan: Plan) -> None:
        """One set of candidates has one key; another has another."""
        assert plan(*IMAGES).key == plan(*IMAGES).key != plan(*FEWER).key

    def test_steps_have_names_and_versions_of_their_own(self, plan: Plan) -> None:
        """Steps of one name would share their artifacts."""
        check_steps(plan(*IMAGES))

    def test_what_it_has_seen_is_said(self, plan: Plan) -> None:
        """Real images, their labels by way of a classifier, and what networks were trained on elsewhere."""
        candidates, chosen = candidates_of(*IMAGES), plan(*IMAGES)
        steps = _without(candidates.images, chosen)
        seen: set[DataUsed] = set()
        if any(isinstance(step, RealImages | RealSubset) for step in steps):
            seen.add("real images")
        if any(isinstance(step, Classifier) for step in steps):
            seen.add("real labels")
        if any(isinstance(step, Features) and extractors.get(step.extractor).pretrained for step in steps):
            seen.add("the web")
        assert set(chosen.uses) <= set(get_args(DataUsed))
        assert seen <= set(chosen.uses)

    def test_only_the_given_images_are_seen(self, plan: Plan) -> None:
        """Never validation or test images."""
        candidates = candidates_of(*IMAGES)
        given = {step.key for step in in_order(candidates.images, candidates.real)}
        read = [step for step in in_order(plan(*IMAGES)) if isinstance(step, RealImages | RealSubset)]
        assert [step.label for step in read if step.key not in given] == []

    def test_what_is_kept_stays_as_it_was(self, plan: Plan, store: Store) -> None:
        """Images, labels and their order; no image is kept twice."""
        given, kept = candidates_of(*IMAGES).images.open(store), plan(*IMAGES).open(store)
        data_paths = {image.tobytes(): number for number, image in enumerate(given.images)}
        numbers = [data_paths[image.tobytes()] for image in kept.images]
        assert numbers == sorted(set(numbers))
        assert kept.labels.tolist() == given.labels[numbers].tolist()

    def test_counts_are_told_before_and_after(self, plan: Plan, store: Store) -> None:
        """The manifest of what is published says how many images of each class a filter left."""
        for counts in (IMAGES, FEWER):
            recipe = plan(*counts)
            made = recipe.open(store).counts(len(counts))
            told = read_filtering(recipe, store)
            assert told.before == counts
            assert told.after == made == recipe.counted(store, len(counts))
            assert recipe.counts in (None, made)
            assert min(made) > 0
            assert (told.filter, told.uses) == (recipe.filter, recipe.uses)

    def test_same_key_same_bytes(
        self, plan: Plan, store: Store, data_paths: DataPaths, tmp_path_factory: pytest.TempPathFactory
    ) -> None:
        """Whatever was chosen before it, and whatever the state of anyone's random numbers."""
        recipes = [plan(*IMAGES), plan(*FEWER)]
        first = payload(store, recipes, data_paths)
        other = Store(tmp_path_factory.mktemp("another"))
        other.prepare()
        disturb(2)
        again = payload(other, reversed(recipes), data_paths)
        assert sorted(again) == sorted(first)
        assert [name for name in first if again[name] != first[name]] == []


def _without(images: ImageSet, chosen: Filtered) -> list[Recipe]:
    """Return the steps that a choice needs besides the images to choose from, and what they were made of."""
    stack, found = [recipe for recipe in chosen.dependencies if recipe.key != images.key], []
    while stack:
        step = stack.pop()
        found.append(step)
        stack += (recipe for recipe in step.dependencies if recipe.key != images.key)
    return found
