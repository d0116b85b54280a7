"""The contract of generators."""

from collections.abc import Callable
from typing import Any, ClassVar, get_args

import pytest
from pydantic import BaseModel

import suite.artifacts.checkpoint
from suite.artifacts import DataPaths, Store
from suite.datasets.real import RealImages, RealSubset
from suite.engines.build import build_all, in_order
from suite.errors import UsageError
from suite.generators.generator import REAL_IMAGES, Generator, GeneratorSettings, Request, TrainedOn
from suite.images import ImageSet
from suite.testing.checks import (
    build_payloads,
    check_name,
    check_one_line,
    check_steps,
    heavy_imports,
    interrupt_build,
    reseed_global_generators,
)
from suite.testing.digits import SIZE, request

COUNTS = (3, 0, 2)
FEWER = (2, 0, 1)
Plan = Callable[..., ImageSet]


def plan_images(
    generator: Generator, settings: dict[str, Any], image_request: Request, data_paths: DataPaths
) -> ImageSet:
    """Return the recipe of the requested images."""
    return generator.synthetic(image_request, generator.configure(settings, data_paths))


class GeneratorContract:
    """Tests for a generator. Inherit and set ``plugin``; set ``settings`` so that training takes about a second.

    The requested images are scikit-learn's digits: 8x8 pixels, three classes, five real images per class to train on.
    The number of requested images differs between classes; for one class it is zero.

    Attributes:
        plugin: The generator class.
        settings: Fields of ``[generator.<name>]`` in a profile.
    """

    plugin: type[Generator]
    settings: ClassVar[dict[str, Any]] = {}

    @pytest.fixture(scope="class")
    @classmethod
    def generator(cls) -> Generator:
        """The plugin; override this fixture if the class takes arguments."""
        return cls.plugin()

    @pytest.fixture(scope="class")
    @classmethod
    def data_paths(cls, tmp_path_factory: pytest.TempPathFactory) -> DataPaths:
        """Where data is; override this fixture if images of the classes zero, one and two must be present."""
        return DataPaths(cache=tmp_path_factory.mktemp("cache"))

    @pytest.fixture(scope="class")
    @classmethod
    def ask(cls) -> Callable[..., Request]:
        """A function that makes a request from counts per class and ``seed``."""
        return request

    @pytest.fixture(scope="class")
    @classmethod
    def plan(cls, generator: Generator, data_paths: DataPaths, ask: Callable[..., Request]) -> Plan:
        """A function that plans images from counts per class and ``seed``."""

        def plan_counts(*counts: int, seed: int = 0) -> ImageSet:
            return plan_images(generator, cls.settings, ask(*counts, seed=seed), data_paths)

        return plan_counts

    @pytest.fixture(scope="class")
    @classmethod
    def store(cls, plan: Plan, data_paths: DataPaths, tmp_path_factory: pytest.TempPathFactory) -> Store:
        """A store in which the images of two seeds were built, seed 0 first."""
        store = Store(tmp_path_factory.mktemp("store"))
        store.prepare()
        reseed_global_generators(1)
        build_all(store, [plan(*COUNTS), plan(*COUNTS, seed=1)], data_paths=data_paths)
        return store

    @pytest.fixture
    def another_store(self, tmp_path_factory: pytest.TempPathFactory) -> Store:
        """An empty store."""
        store = Store(tmp_path_factory.mktemp("another"))
        store.prepare()
        return store

    def test_name_title_and_training_source(self, generator: Generator) -> None:
        """Every report shows the name, the title and what the generator was trained on."""
        check_name(generator.name)
        check_one_line(generator.title)
        assert generator.trained_on in get_args(TrainedOn)

    def test_description_is_one_line(self, generator: Generator, data_paths: DataPaths) -> None:
        """The description of the settings in a report is one line, and contains no path of this machine."""
        description = generator.describe(generator.configure(self.settings, data_paths), SIZE)
        check_one_line(description)
        assert str(data_paths.cache) not in description

    def test_unknown_settings_are_rejected(self, generator: Generator, data_paths: DataPaths) -> None:
        """A misspelt setting of a profile, at any depth, gives a one-line error that names it."""
        assert issubclass(generator.settings, GeneratorSettings)
        for model in _models(generator.settings):
            assert model.model_config.get("extra") == "forbid", f"{model.__name__} accepts unknown fields"
            assert model.model_config.get("frozen"), f"{model.__name__} is not frozen, although it is part of a key"
        with pytest.raises(UsageError, match="no_such_setting") as raised:
            generator.configure({**self.settings, "no_such_setting": 1}, data_paths)
        assert "\n" not in str(raised.value)

    def test_planning_imports_no_heavy_library(
        self, generator: Generator, plan: Plan, data_paths: DataPaths, ask: Callable[..., Request]
    ) -> None:
        """A finished table is shown without importing what only building needs."""
        plan(*COUNTS)  # files that planning has to read are read and cached here
        assert heavy_imports(plan_images, generator, self.settings, ask(*COUNTS), data_paths) == []

    def test_keys_depend_only_on_the_request(self, generator: Generator, plan: Plan) -> None:
        """Equal requests give equal keys; other counts, or another seed of a generator with seeds, another key."""
        assert plan(*COUNTS).key == plan(*COUNTS).key
        keys = {plan(*COUNTS).key, plan(*FEWER).key}
        assert len(keys) == 2
        assert not generator.has_seeds or plan(*COUNTS, seed=1).key not in keys

    def test_step_names_are_unique(self, plan: Plan) -> None:
        """Two steps with one name would share their artifacts."""
        check_steps(plan(*COUNTS))

    def test_only_the_given_real_images_are_used(
        self, generator: Generator, plan: Plan, data_paths: DataPaths, ask: Callable[..., Request]
    ) -> None:
        """A generator never reads validation or test images; one that reads real images declares it."""
        given = {recipe.key for recipe in in_order(ask(*COUNTS).real)}
        read = [recipe for recipe in in_order(plan(*COUNTS)) if isinstance(recipe, RealImages | RealSubset)]
        assert [recipe.label for recipe in read if recipe.key not in given] == []
        data_source = generator.training_data(generator.configure(self.settings, data_paths))
        assert not read or data_source in ("this train split", "the web", REAL_IMAGES), (
            f"it reads real images, but declares {data_source!r}"
        )

    def test_counts_are_exact_and_labels_sorted(self, plan: Plan, store: Store) -> None:
        """Each class has exactly the requested number of images, which can be zero."""
        recipe = plan(*COUNTS)
        images = recipe.open(store)
        assert recipe.counts == images.counts(len(COUNTS)) == COUNTS
        assert images.labels.tolist() == sorted(images.labels.tolist())

    def test_images_are_uint8_of_the_requested_size(
        self, plan: Plan, store: Store, ask: Callable[..., Request]
    ) -> None:
        """Images are uint8, NHWC, RGB, and not all equal."""
        size = ask(*COUNTS).size
        images = plan(*COUNTS).open(store).images
        assert images.dtype.name == "uint8"
        assert images.shape == (sum(COUNTS), size, size, 3)
        assert len({image.tobytes() for image in images}) > 1

    def test_same_key_same_bytes(self, plan: Plan, store: Store, another_store: Store, data_paths: DataPaths) -> None:
        """Building again gives the same bytes, in any order and whatever the state of the global random generators."""
        recipes = [plan(*COUNTS), plan(*COUNTS, seed=1)]
        first = build_payloads(store, recipes, data_paths)
        reseed_global_generators(2)
        again = build_payloads(another_store, reversed(recipes), data_paths)
        assert sorted(again) == sorted(first)
        assert [name for name in first if again[name] != first[name]] == []

    def test_another_seed_gives_other_images(self, generator: Generator, plan: Plan, store: Store) -> None:
        """If seeds changed nothing, copies of one generator would count as several."""
        if not generator.has_seeds:
            pytest.skip(f"{generator.name} has no seeds: it is planned once")
        first, second = (plan(*COUNTS, seed=seed).open(store).images for seed in (0, 1))
        assert first.tobytes() != second.tobytes()

    def test_a_larger_set_contains_the_smaller_set(self, plan: Plan, store: Store, data_paths: DataPaths) -> None:
        """An image depends neither on the other images of its batch nor on the number of images."""
        build_all(store, [plan(*FEWER)], data_paths=data_paths)
        few, many = plan(*FEWER).open(store), plan(*COUNTS).open(store)
        for label in range(len(COUNTS)):
            smaller, larger = ({image.tobytes() for image in data.images[data.labels == label]} for data in (few, many))
            assert smaller <= larger, f"class {label}"

    def test_an_interrupted_build_gives_the_same_bytes(
        self, plan: Plan, store: Store, another_store: Store, data_paths: DataPaths, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Each step is interrupted halfway and built again; an unfinished step is not in the store."""
        monkeypatch.setattr(suite.artifacts.checkpoint, "SECONDS_BETWEEN", 0.0)
        recipe = plan(*COUNTS)
        for step in in_order(recipe):
            if interrupt_build(another_store, step, data_paths):
                assert another_store.find(step) is None
                build_all(another_store, [step], data_paths=data_paths)
        assert build_payloads(another_store, [recipe], data_paths) == build_payloads(store, [recipe], data_paths)


def _models(model: type[BaseModel]) -> list[type[BaseModel]]:
    """Return a settings model and the models of all its fields, recursively."""
    found = [model]
    for field in model.model_fields.values():
        annotations = (field.annotation, *get_args(field.annotation))
        for annotation in annotations:
            if isinstance(annotation, type) and issubclass(annotation, GeneratorSettings):
                found += _models(annotation)
    return found
