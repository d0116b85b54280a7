"""What every dataset promises."""

from pathlib import Path

import pytest

from suite.artifacts import DataPaths, Store
from suite.datasets.content import Content, content_of
from suite.datasets.dataset import Dataset, Example, Source, Split, datasets
from suite.datasets.real import RealImages
from suite.engines.build import build_all
from suite.errors import Unavailable
from suite.testing.checks import check_name, check_texts, disturb, heavy_imports, payload, refusal

SIZE = 8
SPLITS: tuple[Split, ...] = ("train", "test")


def find_files(dataset: Dataset, data_paths: DataPaths) -> None:
    """Do what planning does with a dataset that was read before."""
    try:
        source = dataset.locate(data_paths)
    except Unavailable:
        return
    source.fingerprint()


class DatasetContract:
    """Inherit, set ``plugin``, and override ``data_paths`` so that a few of the files are there.

    Without files the tests that read them are skipped.

    Attributes:
        plugin: The class.
    """

    plugin: type[Dataset]

    @pytest.fixture(scope="class")
    @classmethod
    def dataset(cls) -> Dataset:
        """The plugin; override it where the class takes arguments."""
        return cls.plugin()

    @pytest.fixture(scope="class")
    @classmethod
    def data_paths(cls, tmp_path_factory: pytest.TempPathFactory) -> DataPaths:
        """Where the files lie; override it with a data root that holds a few of them."""
        return DataPaths(cache=tmp_path_factory.mktemp("cache"))

    @pytest.fixture(scope="class")
    @classmethod
    def source(cls, dataset: Dataset, data_paths: DataPaths) -> Source:
        """The files."""
        try:
            return dataset.locate(data_paths)
        except Unavailable as error:
            pytest.skip(f"{error} (or override the fixture places)")

    @pytest.fixture(scope="class")
    @classmethod
    def examples(cls, source: Source) -> dict[Split, list[Example]]:
        """All decoded images of each split."""
        return {split: list(source.examples(split)) for split in (SPLITS if source.divided else SPLITS[:1])}

    @pytest.fixture(scope="class")
    @classmethod
    def content(cls, source: Source, tmp_path_factory: pytest.TempPathFactory) -> Content:
        """What the files hold."""
        disturb(1)
        return content_of(source, tmp_path_factory.mktemp("memo"))

    def test_the_card_says_what_a_reader_wants_to_know(self, dataset: Dataset) -> None:
        """Before believing a number about it: what it is, whose, under which terms, and how to get it."""
        card = dataset.card
        check_texts(card.title, card.version, card.licence, card.citation, card.get)
        assert card.url.startswith("https://")
        assert card.prompts
        for prompt in card.prompts:
            assert prompt.count("{}") == 1
            assert "cat" in prompt.format("cat")

    def test_the_name_selects_nothing_else(self, dataset: Dataset) -> None:
        """``-k`` matches parts of names."""
        check_name(dataset.name)

    def test_classes_are_distinct_and_aliases_stand_for_them(self, dataset: Dataset) -> None:
        """Where the card names classes at all."""
        classes = dataset.card.classes
        assert len(set(classes)) == len(classes) != 1
        assert set(dataset.aliases.values()) <= set(classes)
        assert not set(dataset.aliases) & set(classes)

    def test_planning_is_light(self, dataset: Dataset, data_paths: DataPaths) -> None:
        """Files that were read before are found again without anything that only reading needs."""
        assert heavy_imports(find_files, dataset, data_paths) == []

    def test_missing_files_are_one_line_that_says_how_to_get_them(self, dataset: Dataset, tmp_path: Path) -> None:
        """Unless they cannot be missing; nothing is fetched without leave."""
        data_paths = DataPaths(cache=tmp_path / "cache")
        words = refusal(lambda: dataset.locate(data_paths))
        if words is not None:
            check_texts(words)
            assert dataset.card.get in words
        assert not data_paths.cache.exists()

    def test_files_that_do_not_change_keep_their_fingerprint(
        self, dataset: Dataset, data_paths: DataPaths, source: Source
    ) -> None:
        """It is what their content is remembered by."""
        assert dataset.locate(data_paths).fingerprint() == source.fingerprint()
        check_texts(source.where, *source.remarks)

    def test_images_are_bytes_with_a_label_and_a_name(
        self, source: Source, examples: dict[Split, list[Example]]
    ) -> None:
        """One image format: uint8, HWC, RGB; labels are indices into the classes."""
        assert len(source) == sum(len(part) for part in examples.values())
        for example in (one for part in examples.values() for one in part):
            assert example.image.dtype.name == "uint8", example.name
            assert example.image.ndim == 3, example.name
            assert example.image.shape[2] == 3, example.name
            assert 0 <= example.label < len(source.classes), example.name
            check_texts(example.name)

    def test_every_class_has_images_in_both_splits(
        self, dataset: Dataset, content: Content, examples: dict[Split, list[Example]]
    ) -> None:
        """With the classes of the card, and no group on both sides."""
        assert content.classes == (dataset.card.classes or content.classes)
        assert min(content.train + content.test) > 0
        assert sum(content.train + content.test) == sum(len(part) for part in examples.values())

    def test_reading_again_finds_the_same(
        self, dataset: Dataset, data_paths: DataPaths, content: Content, tmp_path: Path
    ) -> None:
        """Data that has not changed has the content id it had, whatever the state of anyone's random numbers."""
        disturb(2)
        assert content_of(dataset.locate(data_paths), tmp_path) == content

    @pytest.mark.parametrize("split", SPLITS)
    def test_same_key_same_bytes(
        self, dataset: Dataset, data_paths: DataPaths, content: Content, tmp_path: Path, split: Split
    ) -> None:
        """Decoded and resized, in canonical order; counts are exact."""
        counts = content.train if split == "train" else content.test
        recipe = RealImages(dataset=dataset.name, content=content.id, split=split, size=SIZE, per_class=counts)
        made = []
        with datasets.knowing(dataset):
            for number in (3, 4):
                disturb(number)
                store = Store(tmp_path / f"store {number}")
                store.prepare()
                made.append(payload(store, [recipe], data_paths))
        assert made[0] == made[1]
        build_all(store, [recipe], data_paths=data_paths)
        images = recipe.open(store)
        assert images.images.shape == (sum(counts), SIZE, SIZE, 3)
        assert images.counts(len(counts)) == counts
