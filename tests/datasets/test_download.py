import hashlib
import tarfile
from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image

from suite.artifacts import DataPaths
from suite.datasets.dataset import datasets
from suite.datasets.imagenette import CLASSES, RELEASE
from suite.datasets.locate import locate
from suite.errors import DownloadFailed

PUBLISHED = {"cifar10": "CIFAR10", "imagenette": "Imagenette", "fashion-mnist": "FashionMNIST"}


def redirect(name: str, address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Make torchvision download a dataset from ``address``."""
    import torchvision.datasets

    published = getattr(torchvision.datasets, PUBLISHED[name])
    if name == "cifar10":
        monkeypatch.setattr(published, "url", f"{address}/{published.filename}")
    elif name == "imagenette":
        archives = {"160px": (f"{address}/{RELEASE}.tgz", published._ARCHIVES["160px"][1])}
        monkeypatch.setattr(published, "_ARCHIVES", published._ARCHIVES | archives)
    else:
        monkeypatch.setattr(published, "mirrors", [f"{address}/"])
        monkeypatch.setattr("suite.datasets.fashion_mnist.DEBIAN", Path("/nonexistent"))


def refusal(name: str, cache: Path) -> str:
    with pytest.raises(DownloadFailed) as caught:
        locate(name, DataPaths(cache=cache, download=True), cache / "contents")
    line = str(caught.value)
    assert "\n" not in line
    assert line.endswith(datasets.get(name).card.how_to_get)
    assert not (cache / name).exists()
    return line


@pytest.mark.parametrize("name", PUBLISHED)
def test_download_without_network(name: str, tmp_path: Path, closed_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    redirect(name, closed_url, monkeypatch)
    line = refusal(name, tmp_path / "cache")
    assert line.startswith(f"{name} cannot be downloaded (")
    assert "Connection refused" in line
    assert "check the network and the cache" in line


@pytest.mark.parametrize("name", PUBLISHED)
def test_download_of_a_missing_file(
    name: str, tmp_path: Path, web: tuple[str, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    redirect(name, web[0], monkeypatch)
    assert "HTTP Error 404" in refusal(name, tmp_path / "cache")


@pytest.mark.parametrize("name", PUBLISHED)
def test_download_with_a_wrong_checksum(
    name: str, tmp_path: Path, web: tuple[str, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    address, served = web
    for file in ("cifar-10-python.tar.gz", f"{RELEASE}.tgz", "train-images-idx3-ubyte.gz"):
        (served / file).write_bytes(b"<html>log in to this network</html>")
    redirect(name, address, monkeypatch)
    line = refusal(name, tmp_path / "cache")
    assert line.startswith(
        f"{name} was downloaded, but its checksum is not the published one; the files were deleted: "
    )
    assert not list((tmp_path / "cache").glob("*.part"))


def test_download_to_a_cache_that_cannot_be_written(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    assert "Not a directory" in refusal("cifar10", tmp_path / "file" / "cache")


def test_imagenette_is_downloaded_once_and_has_its_class_names(
    image_folder: Callable[..., Path], tmp_path: Path, web: tuple[str, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    from torchvision.datasets import Imagenette

    address, served = web
    release = image_folder(RELEASE, splits={"train": 2, "val": 1}, classes=tuple(CLASSES))
    for path in release.rglob("*.png"):
        Image.open(path).save(path.with_suffix(".JPEG"))
        path.unlink()
    (release / "noisy_imagenette.csv").write_text("path,noisy_labels_0\n")
    with tarfile.open(served / f"{RELEASE}.tgz", "w:gz") as tar:
        tar.add(release, RELEASE)
    redirect("imagenette", address, monkeypatch)
    checksum = hashlib.md5((served / f"{RELEASE}.tgz").read_bytes()).hexdigest()
    monkeypatch.setitem(Imagenette._ARCHIVES, "160px", (f"{address}/{RELEASE}.tgz", checksum))
    (tmp_path / "cache" / "imagenette.part" / RELEASE / "train" / "n01440764").mkdir(
        parents=True
    )  # left by an interrupted download
    data_paths = DataPaths(cache=tmp_path / "cache", download=True)
    found = locate("imagenette", data_paths, tmp_path / "contents")
    assert found.content.classes[:2] == ("tench", "English springer")
    assert (found.content.train, found.content.test) == ((2,) * 10, (1,) * 10)
    assert not list((tmp_path / "cache").rglob("*.tgz"))
    (served / f"{RELEASE}.tgz").unlink()
    assert locate("imagenette", data_paths, tmp_path / "contents") == found
    under_root = locate("imagenette", DataPaths(data_roots=(tmp_path / "data",)), tmp_path / "contents")
    assert under_root.content == found.content
