"""Every dataset of the suite passes the dataset contract."""

from pathlib import Path

import pytest
from PIL import Image

from suite.artifacts import DataPaths
from suite.datasets.cifar10 import Cifar10
from suite.datasets.dataset import Dataset
from suite.datasets.digits import Digits
from suite.datasets.fashion_mnist import FashionMnist
from suite.datasets.imagenette import Imagenette
from suite.datasets.imagenette64 import Imagenette64
from suite.datasets.melanoma import Melanoma
from suite.testing import DatasetContract


def paint(root: Path, name: str, classes: tuple[str, ...]) -> None:
    """Make two training images and one test image per class, each of a single colour."""
    number = 0
    for split, count in (("train", 2), ("test", 1)):
        for label in classes:
            folder = root / name / split / label.replace("/", "_")
            folder.mkdir(parents=True)
            for _ in range(count):
                number += 1
                Image.new("RGB", (12, 10), (number, 0, 255 - number)).save(folder / f"{number}.png")


class TestDigits(DatasetContract):
    plugin = Digits


class Folders(DatasetContract):
    """Contract of a dataset that can be read from class folders under a data root."""

    @pytest.fixture(scope="class")
    @classmethod
    def data_paths(cls, dataset: Dataset, tmp_path_factory: pytest.TempPathFactory) -> DataPaths:
        root = tmp_path_factory.mktemp("data")
        paint(root, dataset.folders[0], dataset.card.classes)
        return DataPaths(data_roots=(root,), cache=root / "cache")


class TestCifar10(Folders):
    plugin = Cifar10


class TestFashionMnist(Folders):
    plugin = FashionMnist


class TestImagenette(Folders):
    plugin = Imagenette


class TestImagenette64(Folders):
    plugin = Imagenette64


class TestMelanoma(Folders):
    plugin = Melanoma
