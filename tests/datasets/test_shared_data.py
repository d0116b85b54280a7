"""The real archives, if they are available: they are found and listed, and a few hundred images are decoded."""

from itertools import islice
from pathlib import Path

import numpy as np
import pytest

from suite.artifacts import DataPaths
from suite.datasets.cifar10 import CLASSES
from suite.datasets.content import load_content
from suite.datasets.imagefolder import ImageFolder
from suite.datasets.locate import find_dataset
from suite.datasets.statistics import committed_statistics


@pytest.mark.parametrize("name", ["cifar10", "imagenette64", "melanoma"])
class TestArchive:
    @pytest.fixture
    def source(self, name: str, shared_data: Path) -> ImageFolder:
        data_paths = DataPaths(data_roots=(shared_data,))
        found = find_dataset(name, data_paths).locate(data_paths)
        assert isinstance(found, ImageFolder)
        assert found.where == str(shared_data / f"{name}.zip")
        return found

    def test_counts_match_the_committed_statistics(self, name: str, source: ImageFolder) -> None:
        expected = committed_statistics(name)
        assert expected is not None
        for files, counts in ((source.layout.train, expected.train), (source.layout.test, expected.test)):
            labels = [source.labels[parts[-2]] for parts in files or ()]
            assert tuple(np.bincount(labels).tolist()) == counts
        assert source.divided
        assert len(source) == sum(expected.train) + sum(expected.test)

    def test_images_are_decoded(self, name: str, source: ImageFolder) -> None:
        expected = committed_statistics(name)
        assert expected is not None
        for example in islice(source.examples("test"), 100):
            assert example.image.dtype == np.uint8
            assert example.image.shape == (*expected.smallest, 3)
            assert example.notes == ()


def test_melanoma_is_grouped_by_lesion(shared_data: Path) -> None:
    source = ImageFolder(shared_data / "melanoma.zip")
    assert source.remarks == ("without a group: 478 images",)
    groups = {split: {example.group for example in source.examples(split)} - {""} for split in ("train", "test")}
    assert len(groups["train"]) + len(groups["test"]) == 975
    assert not groups["train"] & groups["test"]


@pytest.mark.thorough
@pytest.mark.parametrize("name", ["cifar10", "imagenette64", "melanoma"])
def test_the_whole_content_matches_the_committed_statistics(name: str, shared_data: Path, tmp_path: Path) -> None:
    data_paths = DataPaths(data_roots=(shared_data,))
    content = load_content(find_dataset(name, data_paths).locate(data_paths), tmp_path)
    expected = committed_statistics(name)
    assert expected is not None
    assert (content.train, content.test) == (expected.train, expected.test)
    if name == "cifar10":  # lossless; the pixels of a decoded JPEG depend on the library
        assert content.classes == CLASSES
        assert content.id == expected.content


def test_cifar10_has_the_published_mean_and_std() -> None:
    found = committed_statistics("cifar10")
    assert found is not None
    assert found.mean == (0.49139968, 0.48215841, 0.44653091)
    assert found.std == (0.24703223, 0.24348513, 0.26158784)
