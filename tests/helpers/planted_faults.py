"""Planted faults: what is wrong with images, a command, a file or a cell, and what the suite says."""

import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from bad_datasets import ARCHIVES, DATASETS
from PIL import Image
from plugin_project import write_dataset

from suite.statistics.summaries import Verdict


class Photos:
    """A valid dataset and a valid synthetic set, to plant faults in.

    Args:
        folder: An empty directory.

    Attributes:
        root: The data root.
        photos: The dataset, with 12 training and 6 test images in each of the classes blue, green and red.
        mine: The synthetic set, with 12 images in each class.
    """

    def __init__(self, folder: Path) -> None:
        self.root = write_dataset(folder / "data")
        self.photos = self.root / "photos"
        self.mine = write_dataset(folder / "made", test=1) / "photos" / "train"
        for path in self.mine.rglob("*.png"):
            Image.open(path).rotate(90).save(path)


@dataclass(frozen=True)
class Fault:
    """One planted fault.

    Attributes:
        where: ``dataset``, ``synthetic set``, ``command``, ``results.json`` or ``cell``.
        name: What is planted.
        plant: Plants it; what it is given depends on ``where``.
        says: Part of what the suite says.
    """

    where: str
    name: str
    plant: Callable[[Any], Any]
    says: str


def _noise(path: Path, size: tuple[int, int] = (8, 8), mode: str = "RGB") -> None:
    """Save an image of random pixels, ``size`` wide and high."""
    pixels = np.random.default_rng(sum(path.name.encode())).integers(0, 256, (size[1], size[0], 3), dtype=np.uint8)
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(pixels).convert(mode).save(path)


def _paint_black(folder: Path) -> None:
    for number, path in enumerate(folder.iterdir()):
        Image.new("RGB", (8, 8), (0, 0, number)).save(path)


def _repeat(folder: Path, keep: int) -> None:
    """Replace all but the first images of every class by copies of the first."""
    for label in folder.iterdir():
        first, *others = sorted(label.iterdir())
        for path in others[keep - 1 :]:
            shutil.copy(first, path)


def _remove(folder: Path, keep: int) -> None:
    for path in sorted(folder.iterdir())[keep:]:
        path.unlink()


def _sixteen_bit(path: Path, largest: int) -> None:
    Image.fromarray(np.linspace(0, largest, 64).astype(np.uint16).reshape(8, 8)).save(path)


def _two_ranges(work: Photos) -> None:
    _sixteen_bit(work.photos / "train" / "red" / "0.png", 65535)
    _sixteen_bit(work.photos / "train" / "red" / "1.png", 255)


def _groups(work: Photos, *rows: str, head: str = "file,group") -> None:
    (work.photos / "metadata.csv").write_text("\n".join((head, *rows)), encoding="utf-8")


def _darker(work: Photos) -> None:
    pixels = np.random.default_rng(0).integers(0, 256, (6, 6, 3), dtype=np.uint8)
    original = Image.fromarray(pixels).resize((48, 48), Image.Resampling.BICUBIC)
    original.save(work.photos / "train" / "red" / "0.png")
    original.point(lambda value: value * 0.8).save(work.photos / "test" / "red" / "0.png")


def _undivided(work: Photos) -> None:
    shutil.rmtree(work.photos / "test")
    for folder in (work.photos / "train").iterdir():
        folder.rename(work.photos / folder.name)
    (work.photos / "train").rmdir()


def _as_digits(work: Photos) -> str:
    """Return the name under which the images are checked."""
    return "digits" if work.photos.is_dir() else ""


def _divided(work: Photos) -> None:
    shutil.copytree(work.mine, work.mine / "train")
    shutil.copytree(work.photos / "test", work.mine / "test")
    for label in ("blue", "green", "red"):
        shutil.rmtree(work.mine / label)


IMAGES = (
    Fault(
        "dataset",
        "a test image that is a training image",
        lambda work: shutil.copy(work.photos / "train/red/0.png", work.photos / "test/red/x.png"),
        "1 of 19 test images are in the train split too, pixel for pixel (train/red/0.png = test/red/x.png)",
    ),
    Fault(
        "dataset",
        "an image in two classes",
        lambda work: shutil.copy(work.photos / "train/red/0.png", work.photos / "train/blue/x.png"),
        "images with equal pixels and different labels: 1 (train/blue/x.png = train/red/0.png)",
    ),
    Fault(
        "dataset",
        "many copies of one image",
        lambda work: _repeat(work.photos / "train", keep=2),
        "only 24 of 54 images are different",
    ),
    Fault(
        "dataset",
        "an image twice",
        lambda work: shutil.copy(work.photos / "train/red/0.png", work.photos / "train/red/x.png"),
        "54 different images of 55 (train/red/0.png = train/red/x.png)",
    ),
    Fault(
        "dataset",
        "a class of black images",
        lambda work: [_paint_black(work.photos / split / "red") for split in ("train", "test")],
        "images of one colour: all 18 of class 'red'",
    ),
    Fault(
        "dataset",
        "an image of 20000x1 pixels",
        lambda work: _noise(work.photos / "train/red/x.png", (20000, 1)),
        "very elongated images: 1 (train/red/x.png)",
    ),
    Fault(
        "dataset",
        "a class of one training image",
        lambda work: _remove(work.photos / "train/red", keep=1),
        "classes of very different size: 1 of 'red', 12 of 'green'",
    ),
    Fault(
        "dataset",
        "a class with fewer images",
        lambda work: _remove(work.photos / "train/red", keep=9),
        "9 to 12 training images per class (red, green)",
    ),
    Fault(
        "dataset",
        "an image of another size",
        lambda work: _noise(work.photos / "train/red/x.png", (30, 20)),
        "2 sizes from 8x8 to 30x20 pixels",
    ),
    Fault(
        "dataset",
        "a greyscale image with transparency",
        lambda work: _noise(work.photos / "train/red/0.png", mode="LA"),
        "transparency composited on white: 1 image",
    ),
    Fault(
        "dataset",
        "a 16-bit file with values up to 255",
        lambda work: _sixteen_bit(work.photos / "train/red/0.png", 255),
        "16-bit file with 8-bit values: 1 image",
    ),
    Fault("dataset", "16-bit files with two ranges of values", _two_ranges, "1.png has no value above 255, "),
    Fault(
        "dataset",
        "a patient in train and test",
        lambda work: _groups(work, "train/red/0.png,A", "test/red/0.png,A"),
        "groups in train and test: 1 ('A')",
    ),
    Fault(
        "dataset",
        "table rows without an image",
        lambda work: _groups(work, "train/red/0.png,A", "train/red/gone.png,B"),
        "rows of metadata.csv that name no image: 1",
    ),
    Fault(
        "dataset",
        "images without a group",
        lambda work: _groups(work, "train/red/0.png,A"),
        "without a group: 53 images",
    ),
    Fault(
        "dataset",
        "a table without a column of groups",
        lambda work: _groups(work, "train/red/0.png,7", head="file,age"),
        "no groups in metadata.csv: its columns are 'file', 'age'",
    ),
    Fault(
        "dataset",
        "a test image that is a darker training image",
        _darker,
        "test images are nearly equal to a training image",
    ),
    Fault("dataset", "no test folder", _undivided, "no test folder: 20% of each class held out"),
    Fault(
        "dataset",
        "a text file among the images",
        lambda work: (work.photos / "train/red/x.txt").write_text("x"),
        "text and table files beside the images left out: 1",
    ),
    Fault(
        "dataset",
        "other images under the name of a shipped dataset",
        _as_digits,
        "not the images of the release used in the reports: train 12 12 12, not 1437 in 10 classes",
    ),
)

SYNTHETIC = (
    Fault(
        "synthetic set",
        "a class of black images",
        lambda work: _paint_black(work.mine / "red"),
        "images of one colour: all 12 of class 'red'",
    ),
    Fault(
        "synthetic set",
        "one image for each class",
        lambda work: _repeat(work.mine, keep=1),
        "only 3 of 36 images are different",
    ),
    Fault(
        "synthetic set",
        "an image twice",
        lambda work: shutil.copy(work.mine / "red/0.png", work.mine / "red/x.png"),
        "36 different images of 37 (red/0.png = red/x.png)",
    ),
    Fault(
        "synthetic set",
        "an image in two classes",
        lambda work: shutil.copy(work.mine / "red/0.png", work.mine / "blue/x.png"),
        "images with equal pixels and different labels: 1 (blue/x.png = red/0.png)",
    ),
    Fault(
        "synthetic set",
        "a class of one image",
        lambda work: _remove(work.mine / "red", keep=1),
        "classes of very different size: 1 of 'red', 12 of 'green'",
    ),
    Fault(
        "synthetic set",
        "an image of 20000x1 pixels",
        lambda work: _noise(work.mine / "red/x.png", (20000, 1)),
        "very elongated images: 1 (red/x.png)",
    ),
    Fault(
        "synthetic set",
        "a class of another name",
        lambda work: (work.mine / "red").rename(work.mine / "rot"),
        "(only in the folders: 'rot'; only in photos: 'red'): rename the folders",
    ),
    Fault(
        "synthetic set",
        "a class in two spellings",
        lambda work: shutil.copytree(work.mine / "red", work.mine / "Red"),
        "has the class folders 'Red', 'red', which are two spellings",
    ),
    Fault(
        "synthetic set",
        "a text file called png",
        lambda work: (work.mine / "red/x.png").write_text("x"),
        "red/x.png is not a readable image",
    ),
    Fault(
        "synthetic set",
        "folders for train and test",
        _divided,
        "is divided into train and test: give the folder that holds the class folders",
    ),
)

COMMANDS = (  # the arguments of a run
    Fault(
        "command",
        "two real datasets",
        lambda work: ["--real", work.photos, "--real", work.root],
        "--real is given 2 times",
    ),
    Fault(
        "command",
        "one synthetic set under two names",
        lambda work: ["--synthetic", f"a={work.mine}", "--synthetic", f"b={work.mine}"],
        "--synthetic a and b are the same images",
    ),
    Fault(
        "command",
        "a synthetic set with the name of a dataset",
        lambda work: ["--synthetic", f"digits={work.mine}"],
        "--synthetic digits: this is a dataset, generator, mode or operator of -k",
    ),
    Fault(
        "command",
        "reports inside the synthetic set",
        lambda work: ["--synthetic", f"mine={work.mine}", "--reports", work.mine / "out"],
        "is inside --synthetic mine",
    ),
    Fault(
        "command",
        "the store around the dataset",
        lambda work: ["--real", work.photos, "--store", work.root],
        "is inside --store",
    ),
    Fault("command", "a million seeds", lambda _: ["--seeds", "1000000"], "--seeds 1000000: give at most 1000"),
)

RESULTS = (  # changed fields of a cell that helps by 5 points
    Fault(
        "results.json",
        "a mean that is not that of the accuracies",
        lambda _: {"mean": 70.0},
        "cells.digits-cd-mix.mean: it is not the mean of the accuracies",
    ),
    Fault(
        "results.json",
        "an interval without its difference",
        lambda cell: {"judgement": cell.judgement.model_copy(update={"interval": (6.0, 9.0)})},
        "cells.digits-cd-mix.judgement.interval: it does not contain the difference",
    ),
    Fault(
        "results.json",
        "another verdict",
        lambda cell: {"judgement": cell.judgement.model_copy(update={"verdict": Verdict.HURTS})},
        "cells.digits-cd-mix.judgement.verdict: it does not follow from the interval",
    ),
    Fault(
        "results.json",
        "a verdict that ignores a check",
        lambda cell: {"checks": (*cell.checks, cell.checks[0].model_copy(update={"found": ("a leak",)}))},
        "cells.digits-cd-mix.judgement.verdict: it does not follow from the checks",
    ),
)


def _exchange(folder: Path) -> None:
    (folder / "three").rename(folder / "x")
    (folder / "eight").rename(folder / "three")
    (folder / "x").rename(folder / "eight")


def _only_sevens(folder: Path) -> None:
    shutil.rmtree(folder / "one")
    shutil.copytree(folder / "seven", folder / "one")


def _mixed(folder: Path) -> None:
    """Replace the images of one class by images of all others."""
    shutil.rmtree(folder / "four")
    paths = [path for label in sorted(folder.iterdir()) for path in sorted(label.iterdir())[:8]]
    (folder / "four").mkdir()
    for path in paths:
        shutil.copy(path, folder / "four" / f"{path.parent.name}{path.name}")


CELLS = (  # planted in a folder of synthetic digits, or in the built artifacts
    Fault(
        "cell",
        "two exchanged class folders",
        lambda cell: _exchange(cell.folder),
        "class folders of mine seem exchanged: 'three' and 'eight'",
    ),
    Fault(
        "cell",
        "a class with the images of another",
        lambda cell: _only_sevens(cell.folder),
        "classes of mine that are mostly recognised as another one: 'one' as 'seven'",
    ),
    Fault(
        "cell",
        "a class with images of all others",
        lambda cell: _mixed(cell.folder),
        "classes of mine that are hardly recognised: 'four' (",
    ),
    Fault(
        "cell",
        "test images in the synthetic set",
        lambda cell: cell.add(cell.test, 40),
        " of 360 test images are among the synthetic ones",
    ),
    Fault(
        "cell",
        "one test image in the synthetic set",
        lambda cell: cell.add(cell.test, 1),
        "copies of 1 of 360 test images are among the synthetic ones",
    ),
    Fault(
        "cell",
        "training images in the synthetic set",
        lambda cell: cell.add(cell.real, len(cell.real)),
        "of the synthetic images are copies of training images",
    ),
    Fault(
        "cell",
        "classifiers that were hardly trained",
        lambda cell: cell.train(1),
        "no better than always answering the most frequent class (10.3 %): train longer",
    ),
    Fault(
        "cell",
        "a classifier of another release of torch",
        lambda cell: cell.release("2.1.0"),
        "different library releases: torch ",
    ),
    Fault(
        "cell",
        "a classifier of an unknown release",
        lambda cell: cell.release(None),
        "ORG and this cell may differ in library releases or device kind",
    ),
)

FILES = tuple(
    Fault(where, bad.name, bad.make, bad.message)
    for where, inputs in (("dataset", DATASETS), ("zip", ARCHIVES))
    for bad in inputs
)  # run by ``tests/test_bad_files.py``

FAULTS = (*IMAGES, *FILES, *SYNTHETIC, *CELLS, *COMMANDS, *RESULTS)
