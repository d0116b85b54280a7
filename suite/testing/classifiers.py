"""The contract of classifiers."""

from collections.abc import Callable, Iterator
from typing import Any, ClassVar

import pytest

import suite.artifacts.checkpoint
from suite.artifacts import DataPaths, Store
from suite.classifiers.classifier import (
    HISTORY,
    PREDICTIONS,
    SUMMARY,
    Classifier,
    ClassifierSettings,
    ResampledClassifier,
    TrainedClassifier,
    classifiers,
)
from suite.compute import Compute
from suite.engines.build import build_all
from suite.errors import UsageError
from suite.images import ImageSet, Mixture
from suite.testing.checks import (
    build_payloads,
    check_name,
    check_one_line,
    check_steps,
    heavy_imports,
    interrupt_build,
    reseed_global_generators,
)
from suite.testing.digits import CLASSES, SIZE, digits

REAL = (22,) * len(CLASSES)
MORE = (15,) * len(CLASSES)
GUESSING = 100 / len(CLASSES)
Plan = Callable[..., TrainedClassifier]


def plan_classifier(
    classifier: Classifier, settings: dict[str, Any], images: ImageSet, seed: int, data_paths: DataPaths
) -> TrainedClassifier:
    """Return the recipe of a classifier trained on digits."""
    return classifier.train(
        images,
        classifier.configure(settings, data_paths),
        classes=len(CLASSES),
        size=SIZE,
        seed=seed,
        compute=Compute(),
    )


def training_set(*, mixed: bool) -> ImageSet:
    """Return digits, or a mixture of two sets of digits."""
    real = digits(*REAL)
    return Mixture(parts=(real, digits(*MORE, part="validation"))) if mixed else real


class ClassifierContract:
    """Tests for a classifier. Inherit, set ``plugin``, and ``settings`` so that training takes a few seconds.

    The training images are scikit-learn's digits: 8x8 pixels, ten classes, 22 images per class.

    Attributes:
        plugin: The classifier class.
        settings: Fields of ``[classifier.<name>]`` in a profile.
    """

    plugin: type[Classifier]
    settings: ClassVar[dict[str, Any]] = {}

    @pytest.fixture(scope="class")
    @classmethod
    def classifier(cls) -> Iterator[Classifier]:
        """The plugin; override this fixture if the class takes arguments."""
        plugin = cls.plugin()
        with classifiers.temporarily_registered(plugin):
            yield plugin

    @pytest.fixture(scope="class")
    @classmethod
    def data_paths(cls, tmp_path_factory: pytest.TempPathFactory) -> DataPaths:
        """Where weights are; override this fixture if they must be present."""
        return DataPaths(cache=tmp_path_factory.mktemp("cache"))

    @pytest.fixture(scope="class")
    @classmethod
    def plan(cls, classifier: Classifier, data_paths: DataPaths) -> Plan:
        """A function that plans a classifier from ``seed``, on one set of images or on two (``mixed``)."""

        def plan_seed(seed: int = 0, *, mixed: bool = False) -> TrainedClassifier:
            return plan_classifier(classifier, cls.settings, training_set(mixed=mixed), seed, data_paths)

        return plan_seed

    @pytest.fixture(scope="class")
    @classmethod
    def store(cls, plan: Plan, data_paths: DataPaths, tmp_path_factory: pytest.TempPathFactory) -> Store:
        """A store with classifiers of two training sets and of two seeds, and their predictions."""
        store = Store(tmp_path_factory.mktemp("store"))
        store.prepare()
        reseed_global_generators(1)
        trained = [plan(), plan(mixed=True), plan(seed=1)]
        build_all(store, [one.predictions(digits(*REAL)) for one in trained], data_paths=data_paths)
        return store

    def test_name_and_title(self, classifier: Classifier, data_paths: DataPaths) -> None:
        """Name, title and what the network was trained on before are one line each."""
        check_name(classifier.name)
        check_one_line(classifier.title)
        pretrained_on = classifier.pretrained_on(classifier.configure(self.settings, data_paths))
        check_one_line(*([pretrained_on] if pretrained_on is not None else []))

    def test_unknown_settings_are_rejected(self, classifier: Classifier, data_paths: DataPaths) -> None:
        """A misspelt setting of a profile gives a one-line error that names it."""
        assert issubclass(classifier.settings, ClassifierSettings)
        with pytest.raises(UsageError, match="no_such_setting") as raised:
            classifier.configure({**self.settings, "no_such_setting": 1}, data_paths)
        check_one_line(str(raised.value))

    def test_planning_imports_no_heavy_library(self, classifier: Classifier, data_paths: DataPaths) -> None:
        """A finished table is shown without importing what only building needs."""
        images = training_set(mixed=True)
        assert heavy_imports(plan_classifier, classifier, self.settings, images, 0, data_paths) == []

    def test_step_names_are_unique(self, plan: Plan) -> None:
        """Two steps with one name would share their artifacts."""
        check_steps(plan().predictions(digits(*REAL)))

    def test_keys_depend_on_training_set_and_seed(self, plan: Plan) -> None:
        """Another training set or seed gives another key."""
        assert plan().key == plan().key
        assert len({plan().key, plan(mixed=True).key, plan(seed=1).key}) == 3

    def test_training_is_recorded(self, plan: Plan, store: Store) -> None:
        """Steps, images seen and parameters stand in the report as the budget of the training."""
        for recipe in (plan(), plan(mixed=True)):
            history = store.get(recipe).json(HISTORY)
            assert history["parameters"] >= 1
            assert history["steps"] >= 1
            assert history["images_seen"] >= 1
            assert recipe.optimiser_steps in (None, history["steps"])

    def test_predictions_are_probabilities_of_the_images_in_order(self, plan: Plan, store: Store) -> None:
        """Every image has one row that sums to one, with the label of the image."""
        images = digits(*REAL)
        tensors = store.get(plan().predictions(images)).tensors(PREDICTIONS)
        assert tensors["probabilities"].shape == (sum(REAL), len(CLASSES))
        assert tensors["probabilities"].dtype.name == "float32"
        assert abs(tensors["probabilities"].sum(axis=1) - 1).max() < 1e-4
        assert tensors["labels"].tolist() == images.open(store).labels.tolist()

    def test_it_learns(self, plan: Plan, store: Store) -> None:
        """Training images are recognised more often than by guessing."""
        for recipe in (plan(), plan(mixed=True)):
            assert store.get(recipe.predictions(digits(*REAL))).json(SUMMARY)["accuracy"] > 2 * GUESSING

    def test_seeds_change_a_classifier_that_has_them(self, classifier: Classifier, plan: Plan, store: Store) -> None:
        """The verdict depends on the variance over seeds, or over resamples for a classifier without seeds."""
        assert isinstance(plan(), ResampledClassifier) == (not classifier.has_seeds)
        first, other = (store.get(plan(seed=seed).predictions(digits(*REAL))) for seed in (0, 1))
        if classifier.has_seeds:
            different = first.tensors(PREDICTIONS)["probabilities"] != other.tensors(PREDICTIONS)["probabilities"]
            assert different.any()

    def test_same_key_same_bytes(
        self, plan: Plan, store: Store, data_paths: DataPaths, tmp_path_factory: pytest.TempPathFactory
    ) -> None:
        """Training again gives the same bytes, whatever the state of the global random generators."""
        recipes = [plan().predictions(digits(*REAL)), plan(mixed=True)]
        first = build_payloads(store, recipes, data_paths)
        other = Store(tmp_path_factory.mktemp("another"))
        other.prepare()
        reseed_global_generators(2)
        again = build_payloads(other, reversed(recipes), data_paths)
        assert sorted(again) == sorted(first)
        assert [name for name in first if again[name] != first[name]] == []

    def test_resumed_training_gives_the_same_bytes(
        self,
        plan: Plan,
        store: Store,
        data_paths: DataPaths,
        tmp_path_factory: pytest.TempPathFactory,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        """A training that was interrupted in the middle continues from its checkpoint."""
        monkeypatch.setattr(suite.artifacts.checkpoint, "SECONDS_BETWEEN", 0.0)
        recipe = plan()
        other = Store(tmp_path_factory.mktemp("interrupted"))
        other.prepare()
        build_all(other, recipe.dependencies, data_paths=data_paths)
        interrupt_build(other, recipe, data_paths)
        again, first = (build_payloads(one, [recipe], data_paths) for one in (other, store))
        assert [name for name in first if again[name] != first[name]] == []
