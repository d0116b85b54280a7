"""Bad input ends in one clear line and an exit that says so, beside healthy input that does not.

Each of these is the whole command. What a single file, zip or folder can be ill with is tested in the rooms.
"""

import shutil
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from plugin_project import USAGE_ERROR, Project, paint, zipped

from suite.plugin.options import OPTIONS

FAILED = pytest.ExitCode.TESTS_FAILED
QUOTED = "<b>\"red\" & 'blue'</b>"


def lines_of(found: pytest.RunResult) -> list[str]:
    everything = found.outlines + found.errlines
    assert not [line for line in everything if "Traceback" in line or "INTERNALERROR" in line], everything
    assert not [line for line in everything if "direct cause" in line or "During handling" in line], everything
    return everything


@pytest.fixture
def fails(project: Project, data_root: Path) -> Callable[..., str]:
    """Run a cell that cannot run: return the one line that says why."""

    def run(cell: str, *arguments: str | Path) -> str:
        found = project.run_here("-k", cell, "--data-root", data_root, "--seeds", "1", *arguments)
        lines = lines_of(found)
        assert found.ret == FAILED, lines
        found.assert_outcomes(errors=1)
        title = next(number for number, line in enumerate(lines) if "ERROR at setup of test_" in line)
        assert cell in lines[title], "the line stands under the name of its cell"
        assert lines[title + 2] == "", "one line, and nothing after it"
        return lines[title + 1]

    return run


@pytest.fixture
def refused(project: Project) -> Callable[..., str]:
    """Run a command that cannot be meant: return the one line that says why, before anything was begun."""

    def run(*arguments: str | Path) -> str:
        found = project.run_here("-k", "digits-org", *arguments)
        lines = [line for line in lines_of(found) if line.startswith("ERROR: ")]
        assert found.ret == USAGE_ERROR, found.outlines
        assert len(lines) == 1, found.outlines
        assert not (project.path / "reports").exists()
        return lines[0].removeprefix("ERROR: ")

    return run


# Healthy controls.


@pytest.mark.parametrize("kind", ["folder", "zip", "quotes and markup", "real", "synthetic"])
def test_healthy_input_is_planned(project: Project, data_root: Path, kind: str) -> None:
    photos, extra = data_root / "photos", ["--data-root", str(data_root)]
    if kind == "zip":
        zipped(photos)
    elif kind == "quotes and markup":
        for split in ("train", "test"):
            (photos / split / "red").rename(photos / split / QUOTED.replace("/", "|"))
    elif kind == "real":
        extra = ["--real", str(photos), "--profile", "smoke"]
    elif kind == "synthetic":
        extra += ["--synthetic", f"mine={photos / 'train'}"]
    found = project.run_here("-k", "photos", "--plan", "--seeds", "1", *extra)
    assert found.ret == 0, lines_of(found)
    cells = [line for line in lines_of(found) if line.startswith("photos-")]
    assert ("photos-mine-mix" in cells) == (kind == "synthetic")
    assert "photos-org" in cells
    assert "cannot run" not in found.stdout.str()


@pytest.mark.slow
def test_a_healthy_command_passes(project: Project, data_root: Path) -> None:
    quick = ("--seeds", "1", "--limit-steps", "1", "--image-size", "4", "--reports", "out")
    found = project.run("-k", "photos-org", "--data-root", data_root, *quick)
    assert found.ret == 0, lines_of(found)
    found.assert_outcomes(passed=1)
    assert (project.path / "out" / "smoke" / "results.json").is_file()


# What cannot be meant.


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
        (["--synthetic", "mine=nowhere"], "--synthetic mine=nowhere does not exist: give a directory or zip of class/"),
        (["--store", "file/store"], "file/store cannot be written (Not a directory): choose another --store"),
    ],
)
def test_an_option_that_cannot_be_meant(
    project: Project, refused: Callable[..., str], arguments: list[str], line: str
) -> None:
    (project.path / "empty").mkdir()
    (project.path / "file").touch()
    assert line in refused(*arguments)


@pytest.mark.skipif("engine" not in [option.name for option in OPTIONS], reason="there is one engine: no option")
def test_an_unknown_engine(refused: Callable[..., str]) -> None:
    assert "choose from " in refused("--engine", "steam")


def test_reports_that_cannot_be_written(project: Project) -> None:
    (project.path / "file").touch()
    found = project.run_here("-k", "melanoma-org", "--reports", "file/reports")
    assert found.ret == USAGE_ERROR
    (line,) = [line for line in lines_of(found) if line.startswith("ERROR: ")]
    assert "file/reports/smoke cannot be written (Not a directory): choose another --reports" in line


@pytest.mark.parametrize(
    ("row", "cell", "line"),
    [
        ("phantom", "phantom-org", "unknown dataset 'phantom': choose from cifar10, digits, "),
        ("photos", "photos-gan-syn", "unknown generator 'gan': choose from biggan, cd, folder, sd"),
    ],
)
def test_a_name_that_nothing_has(project: Project, fails: Callable[..., str], row: str, cell: str, line: str) -> None:
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


def no_image(photos: Path) -> None:
    (photos / "train" / "red" / "x.png").write_text("no image at all", encoding="utf-8")


def too_many_pixels(photos: Path) -> None:
    Image.new("1", (2**14, 2**13)).save(photos / "train" / "red" / "x.png")


def damaged_zip(photos: Path) -> None:
    path = zipped(photos)
    path.write_bytes(path.read_bytes()[:-100])


def encrypted_zip(photos: Path) -> None:
    path = zipped(photos)
    data = bytearray(path.read_bytes())
    data[data.index(b"PK\x03\x04") + 6] |= 1
    data[data.index(b"PK\x01\x02") + 8] |= 1
    path.write_bytes(data)


def leaving_zip(photos: Path) -> None:
    with zipfile.ZipFile(zipped(photos), "a") as archive:
        archive.writestr("../../etc/passwd", b"x")


def zip_bomb(photos: Path) -> None:
    with zipfile.ZipFile(zipped(photos), "a", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("train/red/x.png", bytes(50_000_000))


@pytest.mark.parametrize(
    ("spoil", "line"),
    [
        (empty_class, "photos/train/red is an empty class folder: add images or remove the class"),
        (
            other_classes,
            "photos has different classes in its splits (train only: 'red'; held out only: 'pink'): every ",
        ),
        (one_class, "photos has one class only ('red'): a classifier needs two; lay the images out as train/<class>/"),
        (one_class_with_quotes, "photos has one class only ('<i>\"r''): a classifier needs two"),
        (line_break, "photos has a class folder 're\\nd' with unprintable characters: rename it"),
        (truncated_jpeg, "photos/train/red/x.jpg is a damaged image (image file is truncated"),
        (no_image, "photos/train/red/x.png is no image that can be read (JPEG, PNG, "),
        (too_many_pixels, "photos/train/red/x.png has 16384x8192 pixels, more than the limit of 67,108,864: a decompr"),
        (damaged_zip, "photos.zip is no whole zip (File is not a zip file): copy or download it again"),
        (encrypted_zip, " is encrypted: unpack the zip and make it again without a password"),
        (leaving_zip, "photos.zip has a path that leaves it (../../etc/passwd): make the zip again without it"),
        (zip_bomb, "photos.zip/train/red/x.png grows more than 200-fold: a decompression bomb? remove it"),
    ],
)
def test_images_that_cannot_be_used(
    fails: Callable[..., str], data_root: Path, spoil: Callable[[Path], None], line: str
) -> None:
    spoil(data_root / "photos")
    found = fails("photos-org")
    assert line in found
    assert str(data_root / "photos") in found


def test_the_plan_of_a_bad_dataset_fails_too(project: Project, data_root: Path) -> None:
    no_image(data_root / "photos")
    found = project.run_here("-k", "photos-org or digits-org", "--plan", "--data-root", data_root)
    assert found.ret == FAILED
    (line,) = [line for line in lines_of(found) if line.startswith("  cannot run: ")]
    assert "photos/train/red/x.png is no image that can be read" in line
    found.stdout.fnmatch_lines(["digits-org", "  to build *classifier, seed 0"])


# Synthetic images that do not fit.


def test_synthetic_folders_of_other_classes(fails: Callable[..., str], tmp_path: Path) -> None:
    made = paint(tmp_path, "made") / "made" / "train"
    (made / "red").rename(made / "<pink>")
    line = fails("photos-mine-syn", "--synthetic", f"mine={made}")
    assert line == (
        f"{made} has class folders '<pink>', 'blue', 'green', photos has the classes 'blue', 'green', 'red' "
        "(only there: '<pink>'; only in photos: 'red'): rename the folders"
    )


def test_fewer_synthetic_images_than_asked_for(fails: Callable[..., str], tmp_path: Path) -> None:
    made = paint(tmp_path, "made") / "made" / "train"
    line = fails("photos-mine-mix-ratio-2", "--synthetic", f"mine={made}", "--sweep", "ratio")
    assert line == f"{made} has 12 images of class 'blue', but 22 are needed: add images or request fewer"


# Downloads.


@pytest.fixture(scope="session")
def published() -> Any:
    """What torchvision knows of CIFAR-10; imported before pytester comes, which torch would not survive later."""
    from torchvision.datasets import CIFAR10

    return CIFAR10


@pytest.mark.slow
def test_no_network(published: Any, fails: Callable[..., str], monkeypatch: pytest.MonkeyPatch, nowhere: str) -> None:
    monkeypatch.setattr(published, "url", f"{nowhere}/{published.filename}")
    line = fails("cifar10-org", "--download")
    assert line.startswith("cifar10 cannot be downloaded (")
    assert "check the network and the cache; run with --download, or put cifar10.zip" in line


@pytest.mark.slow
def test_a_checksum_that_does_not_hold(
    published: Any, fails: Callable[..., str], monkeypatch: pytest.MonkeyPatch, web: tuple[str, Path]
) -> None:
    (web[1] / "cifar-10-python.tar.gz").write_bytes(b"<html>log in to the hotel's network</html>")
    monkeypatch.setattr(published, "url", f"{web[0]}/{published.filename}")
    line = fails("cifar10-org", "--download")
    assert line.startswith("cifar10 was downloaded but does not have its published checksum, and was thrown away: ")
