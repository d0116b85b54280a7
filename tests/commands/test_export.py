"""``suite export``: a synthetic set as a folder of PNGs with a dataset card."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from plugin_project import write_dataset

from suite.__main__ import main
from suite.artifacts import DataPaths, Store
from suite.commands.export import folder_names
from suite.datasets.content import CONTENTS
from suite.engines.build import build_all
from suite.generators.folder import FolderImages
from suite.planning.case import Case, Mode
from suite.planning.planner import Planner
from suite.planning.profiles import load_profile
from suite.report.writer import write_report
from suite.results.models import Counts, ResultsFile

CLASSES = ("blue", "green/dark", "red")


@dataclass(frozen=True)
class Exportable:
    """A store with the set ``mine``, and a report whose cell photos-mine uses it."""

    store: Store
    reports: Path
    recipe: FolderImages

    def run(self, name: str, target: Path) -> int:
        return main(["export", name, str(target), "--store", str(self.store.root), "--reports", str(self.reports)])


@pytest.fixture
def exportable(tmp_path: Path, store: Store, make_results: Callable[..., ResultsFile]) -> Exportable:
    root = write_dataset(tmp_path / "data")
    data_paths = DataPaths(
        alone=root / "photos", folders={"mine": root / "photos" / "test"}, cache=store.root / "downloads"
    )
    planner = Planner(load_profile("smoke"), data_paths, store.root / CONTENTS)
    recipe = planner.case(Case(dataset="photos", generator="mine", mode=Mode.SYN)).synthetic[0]
    assert isinstance(recipe, FolderImages)
    build_all(store, [recipe], data_paths=data_paths)
    results = make_results()
    cell = next(cell for cell in results.cells if cell.mode == "syn")
    update = {
        "dataset": "photos",
        "generator": "mine",
        "keys": {"synthetic": (recipe.key,)},
        "trained_on": "photos of | birds",
        "counts": Counts(classes=CLASSES, real=(0, 0, 0), synthetic=recipe.counts, evaluation=(6, 6, 6)),
        "judgement": None,
        "comparison": None,
    }
    write_report(results.model_copy(update={"cells": (cell.model_copy(update=update),)}), tmp_path / "reports", {})
    return Exportable(store, tmp_path / "reports", recipe)


def test_an_exported_set_has_the_images_of_the_store(exportable: Exportable, tmp_path: Path) -> None:
    assert exportable.run("photos-mine", tmp_path / "out") == 0
    folders = sorted(path.name for path in (tmp_path / "out").iterdir() if path.is_dir())
    assert folders == ["blue", "green_dark", "red"]
    images = exportable.recipe.open(exportable.store)
    for number, (pixels, label) in enumerate(zip(images.images, images.labels, strict=True)):
        with Image.open(tmp_path / "out" / folders[label] / f"{number:06d}.png") as image:
            assert np.array_equal(np.asarray(image), pixels)


def test_the_card_says_what_the_images_are(exportable: Exportable, tmp_path: Path) -> None:
    assert exportable.run("photos-mine", tmp_path / "out") == 0
    text = (tmp_path / "out" / "README.md").read_text("utf-8")
    _, front, body = text.split("---\n", 2)
    values = dict(line.split(": ", 1) for line in front.splitlines())
    assert json.loads(values["pretty_name"]) == "photos-mine"
    assert json.loads(values["size_categories"]) == ["n<1K"]
    for expected in (
        exportable.recipe.key,
        "photos of \\| birds",
        "| green/dark |",
        '"per_class"',
        "suite judge REAL DIR",
    ):
        assert expected in body


def test_a_key_or_a_name_finds_the_set_too(exportable: Exportable, tmp_path: Path) -> None:
    assert exportable.run(exportable.recipe.key[:8], tmp_path / "by key") == 0
    assert exportable.run("mine images", tmp_path / "by name") == 0
    (exportable.reports / "smoke" / "results.json").unlink()
    assert exportable.run(exportable.recipe.key, tmp_path / "numbered") == 0
    assert sorted(path.name for path in (tmp_path / "numbered").iterdir()) == ["000", "001", "002", "README.md"]


def test_mistakes_are_one_line(exportable: Exportable, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert exportable.run("birds-cd", tmp_path / "out") == 2
    assert capsys.readouterr().err.endswith("is called 'birds-cd': suite store list --keys shows keys and names\n")
    assert exportable.run("photos-mine", tmp_path / "data") == 2
    assert capsys.readouterr().err == f"error: {tmp_path / 'data'} is not an empty directory: choose another DIR\n"
    assert main(["export", "x", "y", "--store", str(tmp_path / "nowhere")]) == 2
    assert "is not a store" in capsys.readouterr().err


def test_class_names_become_names_of_folders() -> None:
    assert folder_names(("a/b", "..", "c:d", "plain")) == ["a_b", "_", "c_d", "plain"]
    assert folder_names(("a/b", "a_b")) == ["000-a_b", "001-a_b"], "two classes never share a folder"
