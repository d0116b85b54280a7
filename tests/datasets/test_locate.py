from collections.abc import Callable
from pathlib import Path

import pytest

from suite.artifacts import DataPaths
from suite.datasets.locate import available, dataset_name, find_dataset, locate
from suite.errors import BadData, UsageError

MakeFolder = Callable[..., Path]
REGISTERED = ("cifar10", "digits", "fashion-mnist", "imagenette", "imagenette64", "melanoma")


def usage(data_paths: DataPaths, name: str = "pets") -> str:
    with pytest.raises(UsageError) as caught:
        find_dataset(name, data_paths)
    assert "\n" not in str(caught.value)
    return str(caught.value)


def test_registered_datasets_are_always_available() -> None:
    assert available(DataPaths()) == REGISTERED


def test_folders_and_zips_under_a_root_are_datasets(
    image_folder: MakeFolder, zipped: Callable[..., Path], tmp_path: Path
) -> None:
    data_paths = DataPaths(data_roots=(tmp_path / "data",))
    image_folder("pets")
    zipped(image_folder("Vögel & co"), to=tmp_path / "data" / "my birds.zip")
    (tmp_path / "data" / "notes").mkdir()
    (tmp_path / "data" / "README.md").touch()
    (tmp_path / "data" / ".cache" / "x").mkdir(parents=True)
    assert available(data_paths) == (*REGISTERED, "Vögel & co", "my birds", "pets")
    found = locate("my birds", data_paths, tmp_path / "cache")
    assert found.card.name == "my birds"
    assert found.where == str(tmp_path / "data" / "my birds.zip")
    assert found.content.classes == ("cat", "dog")
    assert found.checks == found.content.checks, "there is no release to compare with"
    assert all(check.passed or check.not_run for check in found.checks)


def test_the_first_root_and_directories_take_precedence(
    image_folder: MakeFolder, zipped: Callable[..., Path], tmp_path: Path
) -> None:
    first, second = image_folder("pets", root=tmp_path / "1"), image_folder("pets", root=tmp_path / "2")
    zipped(first)
    for roots, expected in (((1, 2), first), ((2, 1), second)):
        data_paths = DataPaths(data_roots=tuple(tmp_path / str(root) for root in roots))
        assert find_dataset("pets", data_paths).locate(data_paths).where == str(expected)


def test_the_only_dataset_of_a_run_is_the_only_path_read(image_folder: MakeFolder, zipped: Callable[..., Path]) -> None:
    """Folders beside it are not datasets, and their names are not checked."""
    folder = image_folder("pets.v2")
    image_folder("digits")
    for path in (folder, zipped(folder)):
        data_paths = DataPaths(alone=path)
        assert dataset_name(path) == "pets.v2"
        assert available(data_paths)[-1] == "pets.v2"
        assert find_dataset("pets.v2", data_paths).locate(data_paths).where == str(path)


def test_the_only_dataset_of_a_run_needs_class_folders(tmp_path: Path) -> None:
    (tmp_path / "photos").mkdir()
    data_paths = DataPaths(alone=tmp_path / "photos")
    with pytest.raises(BadData, match="photos has no class folders: lay the images out as train/<class>/<file>"):
        locate("photos", data_paths, tmp_path / "cache")


@pytest.mark.parametrize(("folder", "name"), [("imagenette2-160", "imagenette"), ("cifar10", "cifar10"), ("a", "a")])
def test_the_folder_of_a_registered_dataset_has_its_name(folder: str, name: str) -> None:
    assert dataset_name(Path("x") / folder) == name


def test_an_unknown_name_is_refused_with_the_choices(image_folder: MakeFolder, tmp_path: Path) -> None:
    image_folder("pets")
    assert usage(DataPaths(), "pet\ns") == (
        "unknown dataset 'pet\\ns': choose from cifar10, digits, fashion-mnist, imagenette, imagenette64, melanoma "
        "(--data-root: none given)"
    )
    assert f"melanoma, pets (--data-root: {tmp_path / 'data'})" in usage(
        DataPaths(data_roots=(tmp_path / "data",)), "pet"
    )


@pytest.mark.parametrize("name", ["pets", "digits"])
def test_a_missing_or_empty_root_is_a_usage_error(tmp_path: Path, name: str) -> None:
    missing, empty = tmp_path / "missing", tmp_path / "empty"
    empty.mkdir()
    assert usage(DataPaths(data_roots=(missing,)), name) == (
        f"data root {missing} cannot be read (No such file or directory): check --data-root"
    )
    (empty / "file.txt").touch()
    assert usage(DataPaths(data_roots=(empty,)), name) == (
        f"data root {empty} contains no directory and no zip: check --data-root"
    )
    with pytest.raises(UsageError, match="contains no directory and no zip"):
        available(DataPaths(data_roots=(empty,)))


def test_a_folder_with_the_name_of_another_dataset_is_refused(image_folder: MakeFolder, tmp_path: Path) -> None:
    image_folder("digits")
    assert "data/digits has the name of a dataset that is not read from there: rename it" in usage(
        DataPaths(data_roots=(tmp_path / "data",))
    )


@pytest.mark.parametrize("name", ["org", "SYN", "mix", "cd", "BigGAN", "sd", "folder"])
@pytest.mark.parametrize("kind", ["directory", "zip"])
def test_a_dataset_named_like_a_mode_or_a_generator_is_a_usage_error(
    image_folder: MakeFolder, zipped: Callable[..., Path], tmp_path: Path, name: str, kind: str
) -> None:
    """``pytest -k cd`` ignores case and would select all cases of a dataset called CD."""
    root = tmp_path / "data"
    image_folder("pets")
    if kind == "directory":
        path = image_folder(name)
    else:
        path = zipped(image_folder("x", root=tmp_path), to=root / f"{name}.zip")
    data_paths = DataPaths(data_roots=(root,))
    expected = (
        f"{path} has the name of a mode or generator, so that -k {name.casefold()} would also select this dataset: "
        "rename it"
    )
    assert usage(data_paths) == expected
    with pytest.raises(UsageError) as caught:
        available(data_paths)
    assert str(caught.value) == expected


def test_a_dataset_named_like_an_installed_generator_is_a_usage_error(image_folder: MakeFolder, tmp_path: Path) -> None:
    folder = image_folder("gaussian")
    data_paths = DataPaths(data_roots=(tmp_path / "data",))
    assert "gaussian" in available(data_paths)
    with pytest.raises(UsageError) as caught:
        available(data_paths, reserved=("gaussian",))
    assert str(caught.value).startswith(f"{folder} has the name of a mode or generator, so that -k gaussian ")


def test_names_that_only_contain_a_mode_or_a_generator_are_allowed(image_folder: MakeFolder, tmp_path: Path) -> None:
    for name in ("organs", "cdrom", "sd-card", "mixed"):
        image_folder(name)
    (tmp_path / "data" / "syn").mkdir()
    assert {"organs", "cdrom", "sd-card", "mixed"} < set(available(DataPaths(data_roots=(tmp_path / "data",))))
    only = DataPaths(alone=image_folder("org"))
    assert find_dataset("org", only).name == "org", "nothing else can be selected"


def test_a_registered_dataset_with_other_classes_is_refused(image_folder: MakeFolder, tmp_path: Path) -> None:
    folder = image_folder("melanoma")
    with pytest.raises(BadData) as caught:
        locate("melanoma", DataPaths(data_roots=(tmp_path / "data",)), tmp_path / "cache")
    assert str(caught.value).startswith(
        f"{folder} has class folders 'cat', 'dog', expected 'benign', 'malignant' "
        "(only in the folders: 'cat', 'dog'; only in the dataset: 'benign', 'malignant'): rename the folders"
    )
