"""Images are decoded once in a run: those of the pass that computes the content id are kept for the artifacts."""

from collections.abc import Callable
from pathlib import Path

import pytest
from safetensors import SafetensorError

from suite.artifacts import DataPaths, Store
from suite.datasets import kept_pixels
from suite.datasets.content import CONTENTS
from suite.datasets.decode import decode
from suite.datasets.kept_pixels import delete_kept, kept_files
from suite.datasets.locate import locate
from suite.datasets.real import RealImages
from suite.engines.build import build_all
from suite.errors import BadData
from suite.planning.budget_overrides import BudgetOverrides
from suite.planning.case import Case, Mode
from suite.planning.planner import Planner
from suite.planning.profiles import load_profile

MakeFolder = Callable[..., Path]
SIZE = 8


@pytest.fixture
def decoded(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Names of the files that were decoded."""
    names: list[str] = []

    def counted(data: bytes, name: str) -> object:
        names.append(name)
        return decode(data, name)

    monkeypatch.setattr("suite.datasets.imagefolder.decode", counted)
    return names


@pytest.fixture
def data_paths(tmp_path: Path) -> DataPaths:
    return DataPaths(data_roots=(tmp_path / "data",))


@pytest.fixture
def cache(store: Store) -> Path:
    return store.root / CONTENTS


def planned(data_paths: DataPaths, cache: Path, size: int = SIZE, keep: int | None = SIZE) -> list[RealImages]:
    """Return the recipes of both splits."""
    content = locate("pets", data_paths, cache, size=keep).content
    return [
        RealImages(dataset="pets", content=content.id, split=split, size=size, per_class=counts)
        for split, counts in (("train", content.train), ("test", content.test))
    ]


def payloads(store: Store, recipes: list[RealImages], data_paths: DataPaths) -> list[dict[str, str]]:
    """Build recipes and return the checksums of their files."""
    artifacts = build_all(store, recipes, data_paths=data_paths)
    return [{name: file.sha256 for name, file in artifact.manifest.files.items()} for artifact in artifacts]


def read_again(tmp_path: Path, recipes: list[RealImages], data_paths: DataPaths) -> list[dict[str, str]]:
    """Build recipes in a store without kept images."""
    store = Store(tmp_path / "without kept images")
    store.prepare()
    return payloads(store, recipes, data_paths)


def one_pixel_changed(data: bytes) -> bytes:
    middle = len(data) // 2
    return data[:middle] + bytes([data[middle] ^ 1]) + data[middle + 1 :]


SMALL, LARGE = [(12, 10)], [(70, 90), (100, 66)]


@pytest.mark.parametrize("splits", [{"train": 5, "test": 3}, {"": 10}])
@pytest.mark.parametrize(
    ("sides", "size"), [([(SIZE, SIZE)], SIZE), (SMALL, SIZE), (SMALL, 17), (LARGE, SIZE), (SMALL + LARGE, SIZE)]
)
def test_images_are_decoded_once_and_the_artifacts_have_the_same_bytes(
    image_folder: MakeFolder,
    paint: Callable,
    tmp_path: Path,
    store: Store,
    data_paths: DataPaths,
    cache: Path,
    decoded: list[str],
    splits: dict[str, int],
    sides: list[tuple[int, int]],
    size: int,
) -> None:
    folder = image_folder(splits=splits)
    paths = sorted(folder.rglob("*.png"))
    for number, path in enumerate(paths):
        paint(number, sides[number % len(sides)]).save(path)
    rows = [f"{path.relative_to(folder).as_posix()},{path.parent.parent.name}{path.stem}" for path in paths[:9]]
    (folder / "metadata.csv").write_text("\n".join(["file,patient_id", *rows]))
    recipes = planned(data_paths, cache, size)
    kept = payloads(store, recipes, data_paths)
    assert sorted(decoded) == sorted(map(str, paths))
    assert kept == read_again(tmp_path, recipes, data_paths)
    assert len(decoded) > len(paths)


@pytest.mark.parametrize(
    "overrides",
    [{}, {"image_size": 20}, {"classifier": "linear-probe"}, {"classifier": "linear-probe", "image_size": 20}],
)
@pytest.mark.parametrize("sides", [(12, 10), (150, 90), (400, 300)])
def test_a_planned_case_decodes_images_once(
    image_folder: MakeFolder,
    paint: Callable,
    store: Store,
    data_paths: DataPaths,
    cache: Path,
    decoded: list[str],
    overrides: dict[str, object],
    sides: tuple[int, int],
) -> None:
    """The size at which images are kept, before any of them was read, is that of the classifier."""
    folder = image_folder()
    for number, path in enumerate(sorted(folder.rglob("*.png"))):
        paint(number, sides).save(path)
    planner = Planner(load_profile("smoke"), data_paths, cache, BudgetOverrides(**overrides))
    plan = planner.case(Case(dataset="pets", mode=Mode.ORG))
    build_all(store, [plan.real.images, plan.evaluation.images], data_paths=data_paths)
    assert len(decoded) == 16


def test_large_images_are_read_again_for_another_size(
    image_folder: MakeFolder,
    paint: Callable,
    tmp_path: Path,
    store: Store,
    data_paths: DataPaths,
    cache: Path,
    decoded: list[str],
) -> None:
    folder = image_folder()
    paint(99, (70, 90)).save(folder / "train" / "cat" / "0.png")
    recipes = planned(data_paths, cache, size=9)
    decoded.clear()
    assert payloads(store, recipes, data_paths) == read_again(tmp_path, recipes, data_paths)
    assert len(decoded) == 2 * 16


@pytest.mark.parametrize("damage", [lambda data: data[:-5], one_pixel_changed, lambda _: b""])
def test_a_damaged_file_is_ignored(
    image_folder: MakeFolder,
    tmp_path: Path,
    store: Store,
    data_paths: DataPaths,
    cache: Path,
    damage: Callable[[bytes], bytes],
) -> None:
    image_folder()
    recipes = planned(data_paths, cache)
    for path in kept_files(cache):
        path.write_bytes(damage(path.read_bytes()))
    assert payloads(store, recipes, data_paths) == read_again(tmp_path, recipes, data_paths)


def test_files_that_changed_since_planning_are_refused(
    image_folder: MakeFolder, paint: Callable, store: Store, data_paths: DataPaths, cache: Path
) -> None:
    folder = image_folder()
    recipes = planned(data_paths, cache)
    paint(99, (30, 30)).save(folder / "train" / "cat" / "0.png")
    with pytest.raises(BadData, match=r"pets changed since the work was planned: start the run again"):
        build_all(store, recipes[:1], data_paths=data_paths)


def test_images_of_another_content_with_the_same_fingerprint_are_not_used(
    image_folder: MakeFolder, store: Store, data_paths: DataPaths, cache: Path
) -> None:
    image_folder()
    train, _ = planned(data_paths, cache)
    with pytest.raises(BadData, match="changed since the work was planned"):
        build_all(store, [train.model_copy(update={"content": "0" * 32})], data_paths=data_paths)


def test_a_directory_that_cannot_be_written_is_no_error(
    image_folder: MakeFolder, tmp_path: Path, store: Store, data_paths: DataPaths
) -> None:
    image_folder()
    (tmp_path / "file").touch()
    recipes = planned(data_paths, tmp_path / "file" / "contents")
    assert payloads(store, recipes, data_paths) == read_again(tmp_path, recipes, data_paths)


@pytest.mark.parametrize("error", [OSError(28, "No space left on device"), SafetensorError("I/O error (os error 28)")])
def test_a_full_disk_is_no_error_and_leaves_nothing(
    image_folder: MakeFolder, data_paths: DataPaths, cache: Path, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    def fail(path: Path, _: object) -> None:
        path.write_bytes(b"part")
        raise error

    image_folder()
    monkeypatch.setattr(kept_pixels, "write_tensors", fail)
    planned(data_paths, cache)
    assert kept_files(cache) == []
    assert [path.suffix for path in cache.iterdir()] == [".json"]


@pytest.mark.parametrize(("limit", "count"), [(16 * 12 * 10 * 3, 2), (16 * 12 * 10 * 3 - 1, 0)])
def test_a_set_that_needs_more_bytes_is_not_kept(
    image_folder: MakeFolder,
    data_paths: DataPaths,
    cache: Path,
    monkeypatch: pytest.MonkeyPatch,
    limit: int,
    count: int,
) -> None:
    image_folder()
    monkeypatch.setattr(kept_pixels, "LIMIT", limit)
    planned(data_paths, cache)
    assert len(kept_files(cache)) == count


def test_nothing_is_kept_if_no_size_is_known(image_folder: MakeFolder, data_paths: DataPaths, cache: Path) -> None:
    image_folder()
    planned(data_paths, cache, keep=None)
    assert kept_files(cache) == []


def test_kept_images_are_deleted_and_contents_stay(
    image_folder: MakeFolder, data_paths: DataPaths, cache: Path
) -> None:
    image_folder()
    planned(data_paths, cache)
    assert len(kept_files(cache)) == 2
    delete_kept(cache)
    assert [path.suffix for path in cache.iterdir()] == [".json"]
