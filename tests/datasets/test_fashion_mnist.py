import gzip
from pathlib import Path

import numpy as np
import pytest

from suite.artifacts import DataPaths
from suite.datasets import fashion_mnist
from suite.datasets.fashion_mnist import DEBIAN, IdxFiles
from suite.datasets.locate import locate
from suite.datasets.statistics import committed_statistics
from suite.errors import BadData

IMAGES = np.random.default_rng(0).integers(0, 256, (20, 28, 28), dtype=np.uint8)


@pytest.fixture
def files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Twenty images per split in the published format; the training files are compressed."""
    monkeypatch.setattr(fashion_mnist, "COUNTS", {"train": 20, "test": 20})
    folder = tmp_path / "data" / "fashion-mnist"
    folder.mkdir(parents=True)
    for stem in ("train", "t10k"):
        pack, suffix = (gzip.compress, ".gz") if stem == "train" else (bytes, "")
        header = bytes([0, 0, 8, 3, 0, 0, 0, 20, 0, 0, 0, 28, 0, 0, 0, 28])
        (folder / f"{stem}-images-idx3-ubyte{suffix}").write_bytes(pack(header + IMAGES.tobytes()))
        labels = np.repeat(np.arange(10, dtype=np.uint8), 2).tobytes()
        (folder / f"{stem}-labels-idx1-ubyte{suffix}").write_bytes(pack(bytes([0, 0, 8, 1, 0, 0, 0, 20]) + labels))
    return folder


def test_idx_files_are_read_compressed_or_not(files: Path) -> None:
    for split in ("train", "test"):
        examples = list(IdxFiles(files).examples(split))
        assert [example.label for example in examples] == sorted([*range(10)] * 2)
        assert all(
            np.array_equal(example.image, np.stack([grey] * 3, -1))
            for example, grey in zip(examples, IMAGES, strict=True)
        )


@pytest.mark.parametrize("layout", ["fashion-mnist", "FashionMNIST/raw", "fashion-mnist/FashionMNIST/raw"])
def test_every_known_folder_layout_is_found(files: Path, tmp_path: Path, layout: str) -> None:
    target = tmp_path / "root" / layout
    target.parent.mkdir(parents=True)
    files.rename(target)
    found = locate("fashion-mnist", DataPaths(data_roots=(tmp_path / "root",)), tmp_path / "cache")
    assert found.where == str(target)
    assert found.content.train == (2,) * 10


def test_damaged_files_are_named(files: Path) -> None:
    def refusal(split: str) -> str:
        with pytest.raises(BadData) as caught:
            list(IdxFiles(files).examples(split))
        return str(caught.value)

    plain, packed = files / "t10k-images-idx3-ubyte", files / "train-images-idx3-ubyte.gz"
    plain.write_bytes(plain.read_bytes()[:-1])
    assert refusal("test") == f"{plain} is not an idx file of 20 items: download Fashion-MNIST again"
    packed.write_bytes(packed.read_bytes()[:100])
    assert f"{packed} cannot be read (" in refusal("train")
    packed.unlink()
    assert f"{packed} is missing" in refusal("train")


def test_the_files_of_the_debian_package_match_the_committed_statistics() -> None:
    if not IdxFiles.are_in(DEBIAN):
        pytest.skip("Debian's package dataset-fashion-mnist is not installed")
    expected = committed_statistics("fashion-mnist")
    assert expected is not None
    source = IdxFiles(DEBIAN)
    first = next(source.examples("train"))
    assert (first.label, int(first.image.sum())) == (9, 3 * 76247)
    assert (sum(expected.train), sum(expected.test)) == (60_000, 10_000) == (len(source) - 10_000, 10_000)
