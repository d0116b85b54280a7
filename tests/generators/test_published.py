"""Published image sets: cards, checksums, labels in file names, downloads."""

import hashlib
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from suite.artifacts import DataPaths, Store
from suite.compute import Compute
from suite.datasets.dataset import datasets
from suite.datasets.locate import available
from suite.datasets.published import PublishedCard, published_cards, read_cards
from suite.datasets.real import RealImages
from suite.engines.build import build_all
from suite.errors import BadData, DownloadFailed, Unavailable, UsageError
from suite.generators.folder import FolderImages
from suite.generators.generator import Request, generators
from suite.generators.published import Published
from suite.testing import GeneratorContract
from suite.testing.checks import check_name

CLASSES = ("zero", "one", "two")
LABELS = {"pattern": r"fake/\d+(?: \((\d)\))?\.png", "classes": {"": "zero", "2": "one", "3": "two"}}
CARD: dict[str, Any] = {
    "title": "Made",
    "model": "a model",
    "trained_on": "the web",
    "training_data": "web images",
    "url": "https://example.org/made",
    "licence": "MIT",
    "citation": "A. Author, Made, 2024",
    "dataset": "digits",
    "archives": ["made-1", "made"],
    "sha256": "0" * 64,
}


def write_images(root: Path, name: Callable[[int, int], str], count: int = 6) -> Path:
    """Write images of 10x10 pixels for each class: red is the label, green the number; one corner is white."""
    for label in range(len(CLASSES)):
        for number in range(count):
            path = root / name(label, number)
            path.parent.mkdir(parents=True, exist_ok=True)
            image = Image.new("RGB", (10, 10), (label, number, 0))
            image.putpixel((9, 9), (255, 255, 255))
            image.save(path)
    return root


def in_folders(label: int, number: int) -> str:
    return f"{CLASSES[label]}/{number}.png"


def in_file_names(label: int, number: int) -> str:
    return f"fake/{number}{f' ({label + 1})' if label else ''}.png"


def card_of(archive: Path | None = None, **values: Any) -> PublishedCard:
    if archive is not None:
        values["sha256"] = hashlib.sha256(archive.read_bytes()).hexdigest()
    return PublishedCard.model_validate({"name": "made", **CARD, **values})


def zipped(folder: Path, data_root: Path) -> Path:
    data_root.mkdir(exist_ok=True)
    return Path(shutil.make_archive(str(data_root / "made-1"), "zip", folder))


def request(counts: tuple[int, ...] = (3, 2, 1), dataset: str = "digits") -> Request:
    real = RealImages(dataset=dataset, content="0" * 32, split="train", size=8, per_class=counts)
    return Request(
        real=real, dataset=dataset, classes=CLASSES, prompts=(), size=8, counts=counts, seed=0, compute=Compute()
    )


def plan(card: PublishedCard, data_paths: DataPaths, image_request: Request | None = None) -> FolderImages:
    generator = Published(card)
    recipe = generator.synthetic(image_request or request(), generator.configure({}, data_paths))
    assert isinstance(recipe, FolderImages)
    return recipe


def error_of_plan(card: PublishedCard, data_paths: DataPaths, image_request: Request | None = None) -> str:
    with pytest.raises((BadData, Unavailable, UsageError, DownloadFailed)) as caught:
        plan(card, data_paths, image_request)
    assert "\n" not in str(caught.value)
    return str(caught.value)


def found(generator: Published, data_paths: DataPaths) -> list[str]:
    return [text for check in generator.checks(generator.configure({}, data_paths)) for text in check.found]


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    """A zip with one folder a class, under a data root."""
    return zipped(write_images(tmp_path / "images", in_folders), tmp_path / "data")


@pytest.fixture
def data_paths(tmp_path: Path) -> DataPaths:
    (tmp_path / "data").mkdir(exist_ok=True)
    (tmp_path / "data" / "other").mkdir()
    return DataPaths(cache=tmp_path / "cache", data_roots=(tmp_path / "data",))


class TestContract(GeneratorContract):
    @pytest.fixture(scope="class")
    @classmethod
    def generator(cls, data_paths: DataPaths) -> Iterator[Published]:
        plugin = Published(card_of(data_paths.data_roots[0] / "made-1.zip", labels=LABELS))
        with generators.temporarily_registered(plugin):
            yield plugin

    @pytest.fixture(scope="class")
    @classmethod
    def data_paths(cls, tmp_path_factory: pytest.TempPathFactory) -> DataPaths:
        root = tmp_path_factory.mktemp("published")
        zipped(write_images(root / "images", in_file_names), root / "data")
        return DataPaths(cache=root / "cache", data_roots=(root / "data",))


@pytest.mark.parametrize("name", published_cards())
def test_cards_of_the_suite_are_generators_of_existing_datasets(name: str) -> None:
    card, generator = published_cards()[name], generators.get(name)
    check_name(name)
    assert isinstance(generator, Published)
    assert generators.is_built_in(name)
    assert (generator.title, generator.trained_on, generator.has_seeds) == (card.title, card.trained_on, False)
    assert card.dataset in datasets
    if card.labels is not None:
        assert set(card.labels.classes.values()) == set(datasets.get(card.dataset).card.classes)


def test_labels_in_file_names_give_the_same_images_as_class_folders(
    tmp_path: Path, archive: Path, data_paths: DataPaths, store: Store
) -> None:
    """The encoding is no part of the key: only classes and pixels are."""
    write_images(tmp_path / "published", in_file_names)
    write_images(tmp_path / "published" / "real", in_file_names)
    named = DataPaths(cache=tmp_path / "cache", data_roots=(tmp_path / "other",))
    card = card_of(zipped(tmp_path / "published", tmp_path / "other"), labels=LABELS)
    assert plan(card, named).key == plan(card_of(archive), data_paths).key
    with generators.temporarily_registered(Published(card)):
        recipe = plan(card, named)
        build_all(store, [recipe], data_paths=named)
    images = recipe.open(store)
    assert images.labels.tolist() == [0, 0, 0, 1, 1, 2]
    assert images.images[:, 0, 0, 0].tolist() == images.labels.tolist()


def test_a_directory_has_the_key_of_the_zip_and_a_remark(tmp_path: Path, archive: Path, data_paths: DataPaths) -> None:
    card = card_of(archive, remarks=["a remark of the card"])
    (tmp_path / "unpacked").mkdir()
    shutil.copytree(tmp_path / "images", tmp_path / "unpacked" / "made")
    unpacked = data_paths.model_copy(update={"data_roots": (tmp_path / "unpacked",)})
    assert plan(card, unpacked).key == plan(card, data_paths).key
    generator = Published(card)
    assert "a remark of the card" in found(generator, data_paths)
    remark = "unpacked, so the published checksum was not checked"
    assert set(found(generator, unpacked)) - set(found(generator, data_paths)) == {remark}


def test_description_names_model_training_data_and_source(archive: Path, data_paths: DataPaths) -> None:
    generator = Published(card_of(archive))
    assert generator.describe(generator.configure({}, data_paths), 8) == (
        "Made: 18 images of a model, trained on web images; MIT; https://example.org/made"
    )


def test_a_wrong_checksum_is_an_error(archive: Path, data_paths: DataPaths) -> None:
    found = hashlib.sha256(archive.read_bytes()).hexdigest()[:12]
    assert error_of_plan(card_of(), data_paths) == (
        f"{archive} is not the published made: its sha256 begins with {found} instead of 000000000000: get it again "
        "from https://example.org/made"
    )


def test_missing_files_name_the_data_root_and_what_to_do(data_paths: DataPaths) -> None:
    assert error_of_plan(card_of(), data_paths) == (
        f"made is not on this machine (--data-root: {data_paths.data_roots[0]}): put made-1.zip under a --data-root; "
        "published at https://example.org/made"
    )
    with_download = data_paths.model_copy(update={"download": True})
    assert error_of_plan(card_of(), with_download) == error_of_plan(card_of(), data_paths)


def test_missing_classes_are_an_error(tmp_path: Path, data_paths: DataPaths) -> None:
    shutil.rmtree(write_images(tmp_path / "images", in_folders) / "two")
    line = error_of_plan(card_of(zipped(tmp_path / "images", tmp_path / "data")), data_paths)
    assert line.endswith("(only in digits: 'two'): add images of these classes")


def test_an_unknown_class_code_is_an_error(tmp_path: Path, data_paths: DataPaths) -> None:
    path = zipped(write_images(tmp_path / "images", in_file_names), tmp_path / "data")
    labels = {**LABELS, "classes": {"": "zero", "2": "one"}}
    line = error_of_plan(card_of(path, labels=labels), data_paths)
    assert line == f"{path}/fake/0 (3).png has the class code '3', which is not on the card of the set"


def test_an_unreadable_image_is_an_error(tmp_path: Path, data_paths: DataPaths) -> None:
    write_images(tmp_path / "images", in_file_names)
    (tmp_path / "images" / "fake" / "0 (3).png").write_text("x")
    path = zipped(tmp_path / "images", tmp_path / "data")
    assert f"{path}/fake/0 (3).png is not a readable image" in error_of_plan(card_of(path, labels=LABELS), data_paths)


def test_images_for_another_dataset_are_an_error(archive: Path, data_paths: DataPaths) -> None:
    assert error_of_plan(card_of(archive), data_paths, request(dataset="pets")) == (
        "made has images for digits, not for pets: remove it from the generators of pets"
    )


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"sha256": "abc"}, "sha256: String should match pattern"),
        ({"labels": {"pattern": "(a)(b)", "classes": {}}}, "labels.pattern: Value error, needs exactly one group"),
        ({"labels": {"pattern": "(", "classes": {}}}, "labels.pattern: Value error, not a regular expression"),
        ({"trained_on": "magic"}, "trained_on: Input should be"),
        ({"adress": "x"}, "adress: Extra inputs"),
    ],
)
def test_a_mistake_in_a_card_names_the_file_and_the_field(tmp_path: Path, change: dict[str, Any], message: str) -> None:
    labels = change.pop("labels", None)
    lines = [f"{key} = {value!r}" for key, value in {**CARD, **change}.items()]
    if labels:
        lines += ["[labels]", f"pattern = {labels['pattern']!r}", "[labels.classes]"]
    (tmp_path / "made.toml").write_text("\n".join(lines))
    with pytest.raises(UsageError) as caught:
        read_cards(tmp_path)
    assert str(caught.value).startswith(f"{tmp_path / 'made.toml'}: {message}")


def test_a_published_set_under_a_data_root_is_no_dataset(tmp_path: Path) -> None:
    for name in ("cifake", "cifake-sd14", "photos"):
        (tmp_path / name / "cat").mkdir(parents=True)
    shutil.make_archive(str(tmp_path / "cifake-sd14"), "zip", tmp_path / "photos")
    found = available(DataPaths(data_roots=(tmp_path,)), reserved=tuple(generators))
    assert set(found) - set(datasets) == {"photos"}


def test_download_is_verified_and_kept(
    archive: Path, tmp_path: Path, web: tuple[str, Path], closed_url: str, store: Store
) -> None:
    address, served = web
    shutil.move(archive, served / "made.zip")
    card = card_of(served / "made.zip", download=f"{address}/made.zip")
    without = DataPaths(cache=tmp_path / "cache")
    assert ": run with --download, or put made-1.zip under a --data-root; published at" in error_of_plan(card, without)
    allowed = DataPaths(cache=tmp_path / "cache", download=True)
    offline = card.model_copy(update={"download": f"{closed_url}/made.zip"})
    with generators.temporarily_registered(Published(card)):
        build_all(store, [plan(card, allowed)], data_paths=allowed)
    assert plan(offline, without) == plan(card, allowed), "kept in the cache"


@pytest.mark.parametrize("content", [None, b"<html>log in to this network</html>"])
def test_a_failed_download_is_one_line(
    tmp_path: Path, web: tuple[str, Path], closed_url: str, content: bytes | None
) -> None:
    if content is not None:
        (web[1] / "made.zip").write_bytes(content)
    card = card_of(download=f"{web[0] if content else closed_url}/made.zip")
    line = error_of_plan(card, DataPaths(cache=tmp_path / "cache", download=True))
    reason = "its checksum is not the published one" if content else "made cannot be downloaded"
    assert reason in line
    assert not (tmp_path / "cache" / "made").exists()


def test_cifake_as_published(tmp_path: Path, shared_data: Path) -> None:
    """Class folders and class codes of the archive agree, and what is known about its images is said."""
    generator = generators.get("cifake")
    assert isinstance(generator, Published)
    data_paths = DataPaths(cache=tmp_path / "cache", data_roots=(shared_data,))
    source = generator.source(data_paths)
    assert all(parts[1].startswith(f"{parts[0]}/") for parts in source.layout.train)
    settings = generator.configure({}, data_paths)
    assert settings.content.counts == (5000,) * 10  # type: ignore[attr-defined]
    remarks = " ".join(found(generator, data_paths))
    for said in ("JPEG", "nearly grey", "49,080 different images of 50,000"):
        assert said in remarks
