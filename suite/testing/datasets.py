"""The contract of datasets."""

from pathlib import Path

import pytest

from suite.artifacts import DataPaths, Store
from suite.datasets.content import Content, load_content
from suite.datasets.dataset import Dataset, Example, Source, Split, datasets
from suite.datasets.real import RealImages
from suite.engines.build import build_all
from suite.errors import Unavailable
from suite.testing.checks import (
    build_payloads,
    check_name,
    check_one_line,
    heavy_imports,
    reseed_global_generators,
    unavailable_message,
)

SIZE = 8
SPLITS: tuple[Split, ...] = ("train", "test")


def find_files(dataset: Dataset, data_paths: DataPaths) -> None:
    """Find the files of a dataset and compute their fingerprint, as planning does once the files have been read."""
    try:
        source = dataset.locate(data_paths)
    except Unavailable:
        return
    source.fingerprint()


class DatasetContract:
    """Tests for a dataset. Inherit, set ``plugin``, and override ``data_paths`` so that a few of the files exist.

    Without files, the tests that read them are skipped.

    Attributes:
        plugin: The dataset class.
    """

    plugin: type[Dataset]

    @pytest.fixture(scope="class")
    @classmethod
    def dataset(cls) -> Dataset:
        """The plugin; override this fixture if the class takes arguments."""
        return cls.plugin()

    @pytest.fixture(scope="class")
    @classmethod
    def data_paths(cls, tmp_path_factory: pytest.TempPathFactory) -> DataPaths:
        """Where the files are; override this fixture with a data root that holds a few of them."""
        return DataPaths(cache=tmp_path_factory.mktemp("cache"))

    @pytest.fixture(scope="class")
    @classmethod
    def source(cls, dataset: Dataset, data_paths: DataPaths) -> Source:
        """The files."""
        try:
            return dataset.locate(data_paths)
        except Unavailable as error:
            pytest.skip(f"{error} (or override the fixture data_paths)")

    @pytest.fixture(scope="class")
    @classmethod
    def examples(cls, source: Source) -> dict[Split, list[Example]]:
        """All decoded images of each split."""
        return {split: list(source.examples(split)) for split in (SPLITS if source.divided else SPLITS[:1])}

    @pytest.fixture(scope="class")
    @classmethod
    def content(cls, source: Source, tmp_path_factory: pytest.TempPathFactory) -> Content:
        """Classes, counts and content id of the files."""
        reseed_global_generators(1)
        return load_content(source, tmp_path_factory.mktemp("memo"))

    def test_card_is_complete(self, dataset: Dataset) -> None:
        """The card states title, version, licence, citation, URL, how to get the data, and prompts with one ``{}``."""
        card = dataset.card
        check_one_line(card.title, card.version, card.licence, card.citation, card.how_to_get)
        assert card.url.startswith("https://")
        assert card.prompts
        for prompt in card.prompts:
            assert prompt.count("{}") == 1
            assert "cat" in prompt.format("cat")

    def test_name_is_valid(self, dataset: Dataset) -> None:
        """The name is valid in a test id, and contains no name that ``-k`` already selects by."""
        check_name(dataset.name)

    def test_classes_are_distinct_and_aliases_refer_to_them(self, dataset: Dataset) -> None:
        """Class names are distinct, if the card lists them; each alias stands for one of them and is not one itself."""
        classes = dataset.card.classes
        assert len(set(classes)) == len(classes) != 1
        assert set(dataset.aliases.values()) <= set(classes)
        assert not set(dataset.aliases) & set(classes)

    def test_planning_imports_no_heavy_library(self, dataset: Dataset, data_paths: DataPaths) -> None:
        """Files that were read before are found again without importing what only reading needs."""
        assert heavy_imports(find_files, dataset, data_paths) == []

    def test_missing_files_give_a_one_line_message(self, dataset: Dataset, tmp_path: Path) -> None:
        """If files can be missing, the message says how to get them; nothing is downloaded without permission."""
        data_paths = DataPaths(cache=tmp_path / "cache")
        message = unavailable_message(lambda: dataset.locate(data_paths))
        if message is not None:
            check_one_line(message)
            assert dataset.card.how_to_get in message
        assert not data_paths.cache.exists()

    def test_unchanged_files_keep_their_fingerprint(
        self, dataset: Dataset, data_paths: DataPaths, source: Source
    ) -> None:
        """The fingerprint is stable, because the content of the files is cached under it."""
        assert dataset.locate(data_paths).fingerprint() == source.fingerprint()
        check_one_line(source.where, *source.remarks)

    def test_images_are_uint8_with_label_and_name(self, source: Source, examples: dict[Split, list[Example]]) -> None:
        """Images are uint8, HWC, RGB; labels are indices into the classes."""
        assert len(source) == sum(len(images) for images in examples.values())
        for example in (example for images in examples.values() for example in images):
            assert example.image.dtype.name == "uint8", example.name
            assert example.image.ndim == 3, example.name
            assert example.image.shape[2] == 3, example.name
            assert 0 <= example.label < len(source.classes), example.name
            check_one_line(example.name)

    def test_every_class_has_images_in_both_splits(
        self, dataset: Dataset, content: Content, examples: dict[Split, list[Example]]
    ) -> None:
        """The classes are those of the card, if it lists them, and no group is in both splits."""
        assert content.classes == (dataset.card.classes or content.classes)
        assert min(content.train + content.test) > 0
        assert sum(content.train + content.test) == sum(len(images) for images in examples.values())

    def test_reading_twice_gives_the_same_content(
        self, dataset: Dataset, data_paths: DataPaths, content: Content, tmp_path: Path
    ) -> None:
        """Unchanged data keeps its content id, whatever the state of the global random number generators."""
        reseed_global_generators(2)
        assert load_content(dataset.locate(data_paths), tmp_path) == content

    @pytest.mark.parametrize("split", SPLITS)
    def test_same_key_same_bytes(
        self, dataset: Dataset, data_paths: DataPaths, content: Content, tmp_path: Path, split: Split
    ) -> None:
        """Decoding and resizing gives the same bytes in two stores, in canonical order, with exact counts."""
        counts = content.train if split == "train" else content.test
        recipe = RealImages(dataset=dataset.name, content=content.id, split=split, size=SIZE, per_class=counts)
        payloads = []
        with datasets.temporarily_registered(dataset):
            for number in (3, 4):
                reseed_global_generators(number)
                store = Store(tmp_path / f"store {number}")
                store.prepare()
                payloads.append(build_payloads(store, [recipe], data_paths))
        assert payloads[0] == payloads[1]
        build_all(store, [recipe], data_paths=data_paths)
        images = recipe.open(store)
        assert images.images.shape == (sum(counts), SIZE, SIZE, 3)
        assert images.counts(len(counts)) == counts
