"""Whole commands with invalid input end with one error line and a failing exit status.

Defects of single files, zips and folders are tested with the datasets.
"""

import shutil
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from plugin_project import USAGE_ERROR, Project, replace_by_zip, write_dataset

from suite.errors import UsageError
from suite.planning.options import OPTIONS

FAILED = pytest.ExitCode.TESTS_FAILED
QUOTED = "<b>\"red\" & 'blue'</b>"


def lines_of(result: pytest.RunResult) -> list[str]:
    """Return the output lines of a run, which must have no traceback."""
    output = result.outlines + result.errlines
    assert not [line for line in output if "Traceback" in line or "INTERNALERROR" in line], output
    assert not [line for line in output if "direct cause" in line or "During handling" in line], output
    return output


@pytest.fixture
def fails(project: Project, data_root: Path) -> Callable[..., str]:
    """A function that runs a cell that fails, and returns its one-line reason."""

    def run(cell: str, *arguments: str | Path) -> str:
        result = project.run_here("-k", cell, "--data-root", data_root, "--seeds", "1", *arguments)
        lines = lines_of(result)
        assert result.ret == FAILED, lines
        result.assert_outcomes(errors=1)
        title = next(number for number, line in enumerate(lines) if "ERROR at setup of test_" in line)
        assert cell in lines[title], "the reason is shown under the name of its cell"
        assert lines[title + 2] == "", "the reason has one line"
        return lines[title + 1]

    return run


@pytest.fixture
def usage_error(project: Project) -> Callable[..., str]:
    """A function that runs an invalid command and returns its one-line error; it must write no report."""

    def run(*arguments: str | Path) -> str:
        result = project.run_here("-k", "digits-org", *arguments)
        lines = [line for line in lines_of(result) if line.startswith("ERROR: ")]
        assert result.ret == USAGE_ERROR, result.outlines
        assert len(lines) == 1, result.outlines
        assert not (project.path / "reports").exists()
        return lines[0].removeprefix("ERROR: ")

    return run


# Valid input, as a control.


@pytest.mark.parametrize("kind", ["folder", "zip", "quotes and markup", "real", "synthetic"])
def test_valid_input_is_planned(project: Project, data_root: Path, kind: str) -> None:
    photos, extra = data_root / "photos", ["--data-root", str(data_root)]
    if kind == "zip":
        replace_by_zip(photos)
    elif kind == "quotes and markup":
        for split in ("train", "test"):
            (photos / split / "red").rename(photos / split / QUOTED.replace("/", "|"))
    elif kind == "real":
        extra = ["--real", str(photos), "--profile", "smoke"]
    elif kind == "synthetic":
        extra += ["--synthetic", f"mine={photos / 'train'}"]
    result = project.run_here("-k", "photos", "--plan", "--seeds", "1", *extra)
    assert result.ret == 0, lines_of(result)
    cells = [line for line in lines_of(result) if line.startswith("photos-")]
    assert ("photos-mine-mix" in cells) == (kind == "synthetic")
    assert "photos-org" in cells
    assert "cannot run" not in result.stdout.str()


@pytest.mark.slow
def test_valid_command_passes(project: Project, data_root: Path) -> None:
    small_run = ("--seeds", "1", "--limit-steps", "1", "--image-size", "4", "--reports", "out")
    result = project.run("-k", "photos-org", "--data-root", data_root, *small_run)
    assert result.ret == 0, lines_of(result)
    result.assert_outcomes(passed=1)
    assert (project.path / "out" / "smoke" / "results.json").is_file()


# Invalid options.


@pytest.mark.parametrize(
    ("arguments", "line"),
    [
        (["--profile", "huge"], "--profile huge: choose from cpu, paper, smoke"),
        (["--device", "tpu"], "--device tpu: choose from auto, cpu, cuda, mps"),
        (["--seeds", "0"], "--seeds 0: give a whole number from 1"),
        (["--seeds=-1"], "--seeds -1: give a whole number from 1"),
        (["--generator-seeds", "0"], "--generator-seeds 0: give a whole number from 1"),
        (["--generator-seeds=-2"], "--generator-seeds -2: give a whole number from 1"),
        (["--data-root", "nowhere"], "--data-root nowhere is not a directory: give the folder that holds the datasets"),
        (["--data-root", "empty"], "--data-root empty is empty: put a dataset there, as a folder or zip of "),
        (["--real", "nowhere"], "nowhere does not exist: give a directory or zip of split/class/file or class/file"),
        (
            ["--synthetic", "mine=nowhere"],
            "--synthetic mine=nowhere does not exist: give a directory or a zip of class/file",
        ),
        (["--store", "file/store"], "file/store cannot be written (Not a directory): choose another --store"),
    ],
)
def test_invalid_option(project: Project, usage_error: Callable[..., str], arguments: list[str], line: str) -> None:
    (project.path / "empty").mkdir()
    (project.path / "file").touch()
    assert line in usage_error(*arguments)


@pytest.mark.parametrize(
    ("option", "most"),
    [
        ("seeds", 1000),
        ("generator-seeds", 1000),
        ("image-size", 4096),
        ("limit-steps", 10_000_000),
        ("jobs", 1024),
    ],
)
def test_numbers_that_are_too_large(project: Project, option: str, most: int) -> None:
    project.options(f"--{option}", str(most))
    for number in (str(most + 1), "9" * 5000):
        with pytest.raises(UsageError, match=f"^--{option} [0-9]+: give at most {most}$"):
            project.options(f"--{option}", number)


def test_real_given_twice(project: Project, data_root: Path) -> None:
    (data_root / "other").mkdir()
    arguments = ("--real", str(data_root / "photos"), "--real", str(data_root / "other"))
    assert project.options(*arguments[:2], "--profile", "smoke").real == data_root / "photos"
    with pytest.raises(UsageError, match=r"^--real is given 2 times \(.*photos, .*other\): give it once$"):
        project.options(*arguments)


def test_one_folder_under_two_names(project: Project, data_root: Path) -> None:
    train, link = data_root / "photos" / "train", data_root / "link"
    link.symlink_to(train)
    project.options("--synthetic", f"mine={train}", "--synthetic", f"held={data_root / 'photos' / 'test'}")
    for same in (train, link, train / ".." / "train"):
        with pytest.raises(UsageError, match=r"^--synthetic mine and again are the same images \(.*\): give each set "):
            project.options("--synthetic", f"mine={train}", "--synthetic", f"again={same}")


@pytest.mark.parametrize("name", ["digits", "CIFAR10", "photos", "org", "syn", "MIX", "and", "or", "not", "CD"])
def test_name_of_a_synthetic_set_that_means_something_else(project: Project, data_root: Path, name: str) -> None:
    photos = data_root / "photos"
    with pytest.raises(UsageError, match=f"^--synthetic {name}: this is a dataset, generator, mode or operator of -k"):
        project.options("--real", str(photos), "--synthetic", f"{name}={photos / 'train'}")


@pytest.mark.parametrize("name", ["mine", "folder", "organs", "photos2"])
def test_valid_name_of_a_synthetic_set(project: Project, data_root: Path, name: str) -> None:
    photos = data_root / "photos"
    options = project.options("--real", str(photos), "--profile", "smoke", "--synthetic", f"{name}={photos / 'train'}")
    assert list(options.data_paths.folders) == [name]


@pytest.mark.parametrize("option", ["--store", "--reports"])
@pytest.mark.parametrize("given", ["--real", "--synthetic mine"])
def test_images_and_results_inside_each_other(project: Project, data_root: Path, option: str, given: str) -> None:
    photos, link = data_root / "photos", project.path / "link"
    link.symlink_to(photos)
    before = sorted(data_root.rglob("*"))

    def error(directory: Path, images: Path) -> str:
        name, _, value = given.partition(" ")
        with pytest.raises(UsageError) as caught:
            project.options(option, str(directory), name, f"{value}={images}" if value else str(images))
        return str(caught.value)

    for directory in (photos, photos / "out", link / "new" / "out"):
        assert error(directory, photos) == f"{option} {directory} is inside {given} {photos}: choose another {option}"
    for directory in (data_root, link / ".."):
        assert error(directory, photos).startswith(f"{given} {photos} is inside {option} ")
    assert sorted(data_root.rglob("*")) == before, "nothing is written"


def test_images_and_results_beside_each_other(project: Project, data_root: Path) -> None:
    """A data root may hold the working directory: its folders are read only if they are named."""
    photos = data_root / "photos"
    project.options("--data-root", str(project.path.parent))
    project.options("--data-root", str(data_root), "--store", str(data_root / ".store"))
    project.options("--real", str(photos), "--profile", "smoke", "--store", str(data_root / "photos.store"))


@pytest.mark.skipif("engine" not in [option.name for option in OPTIONS], reason="there is no option --engine")
def test_unknown_engine(usage_error: Callable[..., str]) -> None:
    assert "choose from " in usage_error("--engine", "steam")


def test_reports_directory_that_cannot_be_written(project: Project) -> None:
    (project.path / "file").touch()
    result = project.run_here("-k", "melanoma-org", "--reports", "file/reports")
    assert result.ret == USAGE_ERROR
    (line,) = [line for line in lines_of(result) if line.startswith("ERROR: ")]
    assert "file/reports/smoke cannot be written (Not a directory): choose another --reports" in line


@pytest.mark.parametrize(
    ("row", "cell", "line"),
    [
        ("phantom", "phantom-org", "unknown dataset 'phantom': choose from cifar10, digits, "),
        ("photos", "photos-gan-syn", "unknown generator 'gan': choose from biggan, cd, cifake, folder, heldback, sd"),
    ],
)
def test_unknown_dataset_or_generator(
    project: Project, fails: Callable[..., str], row: str, cell: str, line: str
) -> None:
    (project.path / "cases" / f"{row}.toml").write_text('generators = ["gan"]\n', encoding="utf-8")
    assert line in fails(cell)


# Images that cannot be used.


def empty_class(photos: Path) -> None:
    for image in (photos / "train" / "red").iterdir():
        image.unlink()


def other_classes(photos: Path) -> None:
    (photos / "test" / "red").rename(photos / "test" / "pink")


def one_class(photos: Path) -> None:
    for folder in (*photos.glob("*/blue"), *photos.glob("*/green")):
        shutil.rmtree(folder)


def one_class_with_quotes(photos: Path) -> None:
    one_class(photos)
    for folder in photos.glob("*/red"):
        folder.rename(folder.with_name("<i>\"r'"))


def line_break(photos: Path) -> None:
    for folder in photos.glob("*/red"):
        folder.rename(folder.with_name("re\nd"))


def truncated_jpeg(photos: Path) -> None:
    noise = np.random.default_rng(0).integers(0, 256, (64, 64, 3), dtype=np.uint8)
    path = photos / "train" / "red" / "x.jpg"
    Image.fromarray(noise).save(path)
    path.write_bytes(path.read_bytes()[:1500])


def text_instead_of_image(photos: Path) -> None:
    (photos / "train" / "red" / "x.png").write_text("text", encoding="utf-8")


def too_many_pixels(photos: Path) -> None:
    Image.new("1", (2**14, 2**13)).save(photos / "train" / "red" / "x.png")


def damaged_zip(photos: Path) -> None:
    path = replace_by_zip(photos)
    path.write_bytes(path.read_bytes()[:-100])


def encrypted_zip(photos: Path) -> None:
    path = replace_by_zip(photos)
    data = bytearray(path.read_bytes())
    data[data.index(b"PK\x03\x04") + 6] |= 1
    data[data.index(b"PK\x01\x02") + 8] |= 1
    path.write_bytes(data)


def zip_with_outside_path(photos: Path) -> None:
    with zipfile.ZipFile(replace_by_zip(photos), "a") as archive:
        archive.writestr("../../etc/passwd", b"x")


def zip_bomb(photos: Path) -> None:
    with zipfile.ZipFile(replace_by_zip(photos), "a", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("train/red/x.png", bytes(50_000_000))


@pytest.mark.parametrize(
    ("damage", "line"),
    [
        (empty_class, "photos/train/red is an empty class folder: add images or remove the class"),
        (
            other_classes,
            "photos has different classes in its splits (train only: 'red'; held out only: 'pink'): every ",
        ),
        (
            one_class,
            "photos has one class only ('red'): a classifier needs at least two; lay the images out as train/<class>/",
        ),
        (one_class_with_quotes, "photos has one class only ('<i>\"r''): a classifier needs at least two"),
        (line_break, "photos has a class folder 're\\nd' with unprintable characters: rename it"),
        (truncated_jpeg, "photos/train/red/x.jpg is a damaged image (image file is truncated"),
        (text_instead_of_image, "photos/train/red/x.png is not a readable image (JPEG, PNG, "),
        (too_many_pixels, "photos/train/red/x.png has 16384x8192 pixels, more than the limit of 67,108,864: a decompr"),
        (damaged_zip, "photos.zip is not a complete zip (File is not a zip file): copy or download it again"),
        (encrypted_zip, " is encrypted: unpack the zip and make it again without a password"),
        (
            zip_with_outside_path,
            "photos.zip has a path that leads outside it (../../etc/passwd): make the zip again without it",
        ),
        (zip_bomb, "photos.zip/train/red/x.png grows more than 200-fold: a decompression bomb? remove it"),
    ],
)
def test_invalid_images(fails: Callable[..., str], data_root: Path, damage: Callable[[Path], None], line: str) -> None:
    damage(data_root / "photos")
    reason = fails("photos-org")
    assert line in reason
    assert str(data_root / "photos") in reason


def test_plan_of_an_invalid_dataset_fails(project: Project, data_root: Path) -> None:
    text_instead_of_image(data_root / "photos")
    result = project.run_here("-k", "photos-org or digits-org", "--plan", "--data-root", data_root)
    assert result.ret == FAILED
    (line,) = [line for line in lines_of(result) if line.startswith("  cannot run: ")]
    assert "photos/train/red/x.png is not a readable image" in line
    result.stdout.fnmatch_lines(["digits-org", "  to build *resnet18, seed 0"])


# Invalid synthetic images.


def test_synthetic_images_of_other_classes(fails: Callable[..., str], tmp_path: Path) -> None:
    synthetic = write_dataset(tmp_path, "synthetic") / "synthetic" / "train"
    (synthetic / "red").rename(synthetic / "<pink>")
    line = fails("photos-mine-syn", "--synthetic", f"mine={synthetic}")
    assert line == (
        f"{synthetic} has class folders '<pink>', 'blue', 'green', photos has the classes 'blue', 'green', 'red' "
        "(only in the folders: '<pink>'; only in photos: 'red'): rename the folders"
    )


def test_too_few_synthetic_images(fails: Callable[..., str], tmp_path: Path) -> None:
    synthetic = write_dataset(tmp_path, "synthetic") / "synthetic" / "train"
    line = fails("photos-mine-mix-ratio-2", "--synthetic", f"mine={synthetic}", "--sweep", "ratio")
    assert line == f"{synthetic} has 12 images of class 'blue', but 22 are needed: add images or request fewer"


# Downloads.


@pytest.fixture(scope="session")
def cifar10() -> Any:
    """CIFAR-10 of torchvision; imported before pytester starts, because torch cannot be imported twice."""
    from torchvision.datasets import CIFAR10

    return CIFAR10


@pytest.mark.slow
def test_download_without_network(
    cifar10: Any, fails: Callable[..., str], monkeypatch: pytest.MonkeyPatch, closed_url: str
) -> None:
    monkeypatch.setattr(cifar10, "url", f"{closed_url}/{cifar10.filename}")
    line = fails("cifar10-org", "--download")
    assert line.startswith("cifar10 cannot be downloaded (")
    assert "check the network and the cache; run with --download, or put cifar10.zip" in line


@pytest.mark.slow
def test_download_with_a_wrong_checksum(
    cifar10: Any, fails: Callable[..., str], monkeypatch: pytest.MonkeyPatch, web: tuple[str, Path]
) -> None:
    (web[1] / "cifar-10-python.tar.gz").write_bytes(b"<html>log in to the hotel's network</html>")
    monkeypatch.setattr(cifar10, "url", f"{web[0]}/{cifar10.filename}")
    line = fails("cifar10-org", "--download")
    assert line.startswith(
        "cifar10 was downloaded, but its checksum is not the published one; the files were deleted: "
    )
