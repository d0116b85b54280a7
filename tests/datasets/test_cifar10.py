import hashlib
import pickle
import tarfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from suite.artifacts import DataPaths, Store
from suite.datasets.cifar10 import BATCHES, CLASSES
from suite.datasets.locate import LocatedDataset, locate
from suite.datasets.real import RealImages
from suite.engines.build import build_all
from suite.errors import BadData, Unavailable

PER_CLASS = {"train": 5, "test": 2}


@pytest.fixture
def images() -> dict[str, tuple[np.ndarray, np.ndarray]]:
    """Images of both splits in shuffled order, as in the published batches."""
    made = {}
    for split, count in PER_CLASS.items():
        random = np.random.default_rng(len(split))
        labels = random.permutation(np.repeat(np.arange(10), count))
        made[split] = random.integers(0, 256, (len(labels), 32, 32, 3), dtype=np.uint8), labels
    return made


@pytest.fixture
def batches(tmp_path: Path, images: dict, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A small version of the published directory, in the same format, with checksums that torchvision verifies."""
    from torchvision.datasets import CIFAR10

    folder = tmp_path / "published" / BATCHES
    folder.mkdir(parents=True)

    def write(name: str, content: dict) -> list[str]:
        (folder / name).write_bytes(pickle.dumps(content))
        return [name, hashlib.md5((folder / name).read_bytes()).hexdigest()]

    def batch(name: str, split: str, part: slice) -> list[str]:
        pixels, labels = images[split]
        rows = pixels[part].transpose(0, 3, 1, 2).reshape(-1, 3072)
        return write(name, {"data": rows, "labels": labels[part].tolist()})

    train = [batch(f"data_batch_{n + 1}", "train", slice(n * 10, n * 10 + 10)) for n in range(5)]
    monkeypatch.setattr(CIFAR10, "train_list", train)
    monkeypatch.setattr(CIFAR10, "test_list", [batch("test_batch", "test", slice(None))])
    name, checksum = write("batches.meta", {"label_names": list(CLASSES)})
    monkeypatch.setattr(CIFAR10, "meta", {"filename": name, "key": "label_names", "md5": checksum})
    return folder


@pytest.fixture
def folder(tmp_path: Path, images: dict) -> Path:
    """The same images as an image folder of lossless files, named in another order."""
    root = tmp_path / "folders" / "cifar10"
    for split, (pixels, labels) in images.items():
        for number, (image, label) in enumerate(zip(pixels, labels, strict=True)):
            path = root / split / CLASSES[label] / f"{99 - number}.webp"
            path.parent.mkdir(parents=True, exist_ok=True)
            Image.fromarray(image).save(path, lossless=True)
    return root


def bytes_of(located: LocatedDataset, data_paths: DataPaths, store: Store) -> bytes:
    recipe = RealImages(dataset="cifar10", content=located.content.id, split="train", size=32, per_class=(5,) * 10)
    (artifact,) = build_all(store, [recipe], data_paths=data_paths)
    return artifact.file("images.safetensors").read_bytes()


def test_batches_folder_and_zip_have_the_same_content(
    batches: Path, folder: Path, zipped: Callable[..., Path], tmp_path: Path
) -> None:
    (tmp_path / "zips").mkdir()
    zipped(folder, to=tmp_path / "zips" / "cifar10.zip")
    found, made = [], []
    for root, place in (("published", batches), ("folders", folder), ("zips", tmp_path / "zips" / "cifar10.zip")):
        data_paths, store = DataPaths(data_roots=(tmp_path / root,)), Store(tmp_path / f"store {root}")
        store.prepare()
        found.append(locate("cifar10", data_paths, tmp_path / "contents"))
        made.append(bytes_of(found[-1], data_paths, store))
        assert found[-1].where == str(place)
    assert found[0].content == found[1].content == found[2].content
    assert found[0].content.classes == CLASSES
    assert found[0].content.train == (5,) * 10
    assert made[0] == made[1] == made[2]


def test_batches_with_a_wrong_checksum_are_not_unpickled(batches: Path, tmp_path: Path) -> None:
    (batches / "data_batch_3").write_bytes(b"cos\nsystem\n(S'false'\ntR.")
    with pytest.raises(BadData) as caught:
        locate("cifar10", DataPaths(data_roots=(tmp_path / "published",)), tmp_path / "contents")
    assert str(caught.value) == (
        f"{batches} does not have the published checksums of CIFAR-10: remove it and download it again"
    )


def test_the_download_is_verified_and_reused(
    batches: Path, tmp_path: Path, web: tuple[str, Path], closed_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    from torchvision.datasets import CIFAR10

    address, served = web
    archive = served / CIFAR10.filename
    with tarfile.open(archive, "w:gz") as tar:
        tar.add(batches, BATCHES)
    monkeypatch.setattr(CIFAR10, "url", f"{address}/{archive.name}")
    monkeypatch.setattr(CIFAR10, "tgz_md5", hashlib.md5(archive.read_bytes()).hexdigest())
    data_paths = DataPaths(cache=tmp_path / "cache", download=True)
    found = locate("cifar10", data_paths, tmp_path / "contents")
    assert found.content.train == (5,) * 10
    monkeypatch.setattr(CIFAR10, "url", f"{closed_url}/{archive.name}")
    again = locate("cifar10", data_paths.model_copy(update={"download": False}), tmp_path / "contents")
    assert again == found


def test_a_missing_dataset_says_how_to_get_it(tmp_path: Path) -> None:
    with pytest.raises(Unavailable) as caught:
        locate("cifar10", DataPaths(cache=tmp_path / "cache"), tmp_path / "contents")
    assert str(caught.value) == (
        "cifar10 is not on this machine: run with --download, or put cifar10.zip (split/class/file), cifar10/ or "
        "cifar-10-batches-py/ under a --data-root"
    )
    assert not (tmp_path / "cache").exists()
