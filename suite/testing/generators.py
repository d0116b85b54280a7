"""What every generator promises."""

from collections.abc import Callable
from typing import Any, ClassVar, get_args

import pytest
from pydantic import BaseModel

import suite.artifacts.checkpoint
from suite.artifacts import DataPaths, Store
from suite.datasets.real import RealImages, RealSubset
from suite.engines.build import build_all, in_order
from suite.errors import UsageError
from suite.generators.generator import Generator, GeneratorSettings, Request, TrainedOn
from suite.images import ImageSet
from suite.testing.checks import break_off, check_name, check_steps, check_texts, disturb, heavy_imports, payload
from suite.testing.digits import SIZE, request

COUNTS = (3, 0, 2)
FEWER = (2, 0, 1)
Plan = Callable[..., ImageSet]


def plan_images(generator: Generator, settings: dict[str, Any], asked: Request, data_paths: DataPaths) -> ImageSet:
    """Return the recipe of the images that a request asks for."""
    return generator.synthetic(asked, generator.configure(settings, data_paths))


class GeneratorContract:
    """Inherit, set ``plugin``, and for a generator that trains ``settings`` so small that it takes a second.

    The images asked for are of scikit-learn's digits, 8x8 pixels, three classes, with five real images each to learn
    from. They are asked for in numbers that differ between classes; one class gets none.

    Attributes:
        plugin: The class.
        settings: What a profile would say under ``[generator.<name>]``.
    """

    plugin: type[Generator]
    settings: ClassVar[dict[str, Any]] = {}

    @pytest.fixture(scope="class")
    @classmethod
    def generator(cls) -> Generator:
        """The plugin; override it where the class takes arguments."""
        return cls.plugin()

    @pytest.fixture(scope="class")
    @classmethod
    def data_paths(cls, tmp_path_factory: pytest.TempPathFactory) -> DataPaths:
        """Where data lies; override it where images have to be there, the classes being zero, one and two."""
        return DataPaths(cache=tmp_path_factory.mktemp("cache"))

    @pytest.fixture(scope="class")
    @classmethod
    def ask(cls) -> Callable[..., Request]:
        """How images are asked for: by counts per class, and ``seed``."""
        return request

    @pytest.fixture(scope="class")
    @classmethod
    def plan(cls, generator: Generator, data_paths: DataPaths, ask: Callable[..., Request]) -> Plan:
        """How images are planned: by counts per class, and ``seed``."""

        def planned(*counts: int, seed: int = 0) -> ImageSet:
            return plan_images(generator, cls.settings, ask(*counts, seed=seed), data_paths)

        return planned

    @pytest.fixture(scope="class")
    @classmethod
    def store(cls, plan: Plan, data_paths: DataPaths, tmp_path_factory: pytest.TempPathFactory) -> Store:
        """A store in which the images of two seeds were made, the first seed first."""
        made = Store(tmp_path_factory.mktemp("store"))
        made.prepare()
        disturb(1)
        build_all(made, [plan(*COUNTS), plan(*COUNTS, seed=1)], data_paths=data_paths)
        return made

    @pytest.fixture
    def another_store(self, tmp_path_factory: pytest.TempPathFactory) -> Store:
        """An empty store."""
        made = Store(tmp_path_factory.mktemp("another"))
        made.prepare()
        return made

    def test_says_what_it_is_and_what_it_has_seen(self, generator: Generator) -> None:
        """Name, title and provenance stand in every report."""
        check_name(generator.name)
        check_texts(generator.title)
        assert generator.trained_on in get_args(TrainedOn)

    def test_says_in_one_line_what_it_was_given(self, generator: Generator, data_paths: DataPaths) -> None:
        """What a report says was done fits into a sentence, and names no directory of this machine."""
        description = generator.describe(generator.configure(self.settings, data_paths), SIZE)
        check_texts(description)
        assert str(data_paths.cache) not in description

    def test_settings_that_do_not_exist_are_refused(self, generator: Generator, data_paths: DataPaths) -> None:
        """A misspelt setting of a profile is one line that names it, at every depth."""
        assert issubclass(generator.settings, GeneratorSettings)
        for model in _models(generator.settings):
            assert model.model_config.get("extra") == "forbid", f"{model.__name__} takes any field"
            assert model.model_config.get("frozen"), f"{model.__name__} can be changed after it was part of a key"
        with pytest.raises(UsageError, match="no_such_setting") as caught:
            generator.configure({**self.settings, "no_such_setting": 1}, data_paths)
        assert "\n" not in str(caught.value)

    def test_planning_is_light(
        self, generator: Generator, plan: Plan, data_paths: DataPaths, ask: Callable[..., Request]
    ) -> None:
        """A finished table is shown without importing anything that only building needs."""
        plan(*COUNTS)  # what has to be read of files is remembered from now on
        assert heavy_imports(plan_images, generator, self.settings, ask(*COUNTS), data_paths) == []

    def test_planning_is_pure(self, plan: Plan) -> None:
        """One request has one key; another seed and other counts have others."""
        assert plan(*COUNTS).key == plan(*COUNTS).key
        assert len({plan(*COUNTS).key, plan(*COUNTS, seed=1).key, plan(*FEWER).key}) == 3

    def test_steps_have_names_and_versions_of_their_own(self, plan: Plan) -> None:
        """Steps of one name would share their artifacts."""
        check_steps(plan(*COUNTS))

    def test_only_the_given_real_images_are_seen(
        self, generator: Generator, plan: Plan, data_paths: DataPaths, ask: Callable[..., Request]
    ) -> None:
        """Never validation or test images; and who reads real images says so."""
        given = {recipe.key for recipe in in_order(ask(*COUNTS).real)}
        read = [one for one in in_order(plan(*COUNTS)) if isinstance(one, RealImages | RealSubset)]
        assert [recipe.label for recipe in read if recipe.key not in given] == []
        trained_on = generator.training_data(generator.configure(self.settings, data_paths))
        assert not read or trained_on in ("this train split", "the web"), "it reads real images"

    def test_counts_are_exact_and_labels_in_order(self, plan: Plan, store: Store) -> None:
        """Exactly as many images of each class as were asked for, be it none."""
        recipe = plan(*COUNTS)
        made = recipe.open(store)
        assert recipe.counts == made.counts(len(COUNTS)) == COUNTS
        assert made.labels.tolist() == sorted(made.labels.tolist())

    def test_images_are_bytes_of_the_size_asked_for(
        self, plan: Plan, store: Store, ask: Callable[..., Request]
    ) -> None:
        """One image format: uint8, NHWC, RGB. Images that are all alike are no training set."""
        size = ask(*COUNTS).size
        images = plan(*COUNTS).open(store).images
        assert images.dtype.name == "uint8"
        assert images.shape == (sum(COUNTS), size, size, 3)
        assert len({image.tobytes() for image in images}) > 1

    def test_same_key_same_bytes(self, plan: Plan, store: Store, another_store: Store, data_paths: DataPaths) -> None:
        """Whatever was built before it, and whatever the state of anyone else's random numbers."""
        recipes = [plan(*COUNTS), plan(*COUNTS, seed=1)]
        first = payload(store, recipes, data_paths)
        disturb(2)
        again = payload(another_store, reversed(recipes), data_paths)
        assert sorted(again) == sorted(first)
        assert [name for name in first if again[name] != first[name]] == []

    def test_another_seed_makes_other_images(self, plan: Plan, store: Store) -> None:
        """A seed that changes nothing would make one generator look like several."""
        one, other = (plan(*COUNTS, seed=seed).open(store).images for seed in (0, 1))
        assert one.tobytes() != other.tobytes()

    def test_a_larger_set_holds_a_smaller_ones_images(self, plan: Plan, store: Store, data_paths: DataPaths) -> None:
        """An image depends neither on those made in its batch nor on how many there are."""
        build_all(store, [plan(*FEWER)], data_paths=data_paths)
        few, many = plan(*FEWER).open(store), plan(*COUNTS).open(store)
        for label in range(len(COUNTS)):
            inner, outer = ({image.tobytes() for image in made.images[made.labels == label]} for made in (few, many))
            assert inner <= outer, f"class {label}"

    def test_an_interrupted_build_ends_in_the_same_bytes(
        self, plan: Plan, store: Store, another_store: Store, data_paths: DataPaths, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Each step, broken off halfway and begun again; what is unfinished is not in the store."""
        monkeypatch.setattr(suite.artifacts.checkpoint, "SECONDS_BETWEEN", 0.0)
        recipe = plan(*COUNTS)
        for step in in_order(recipe):
            if break_off(another_store, step, data_paths):
                assert another_store.find(step) is None
                build_all(another_store, [step], data_paths=data_paths)
        assert payload(another_store, [recipe], data_paths) == payload(store, [recipe], data_paths)


def _models(model: type[BaseModel]) -> list[type[BaseModel]]:
    """Return a model of settings and all models among its fields."""
    found = [model]
    for field in model.model_fields.values():
        kinds = (field.annotation, *get_args(field.annotation))
        for kind in kinds:
            if isinstance(kind, type) and issubclass(kind, GeneratorSettings):
                found += _models(kind)
    return found
