"""Reading a cell from its artifacts: every generator seed is reported, and different environments are named."""

import json
from pathlib import Path
from statistics import fmean

import numpy as np
import pytest
from PIL import Image
from sklearn.datasets import load_digits

from suite.artifacts import DataPaths, Recipe, Store
from suite.artifacts.files import sealed, write_json
from suite.artifacts.manifest import MANIFEST, SEAL
from suite.engines.build import build_all
from suite.generators.folder import Folder
from suite.metrics.recipes import METRICS
from suite.planning.budget_overrides import BudgetOverrides
from suite.planning.case import Case, Mode
from suite.planning.case_plan import CasePlan
from suite.planning.planner import Planner
from suite.planning.profiles import Profile
from suite.results.read_artifacts import read_cell

PROFILE = Profile(
    "tiny",
    {
        "title": "tiny",
        "metrics": {"extractors": [], "smallest_effect": 2.0},
        "data": {"image_size": 8, "per_class": 4},
        "classifier": {"width": 8, "steps": 1, "batch_size": 8, "augmentation": []},
    },
)
SYN = Case(dataset="digits", generator="mine", mode=Mode.SYN)


def built_plan(folder: Path, store: Store, generator_seeds: int) -> CasePlan:
    """Build the plan of a cell whose generator is a folder of real digits, eight per class."""
    classes = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
    digits = load_digits()
    for label, name in enumerate(classes):
        (folder / "images" / name).mkdir(parents=True, exist_ok=True)
        for number, pixels in enumerate(digits.images[digits.target == label][:8]):
            image = Image.fromarray(np.round(pixels * 255 / 16).astype(np.uint8))
            image.save(folder / "images" / name / f"{number}.png")
    data_paths = DataPaths(cache=folder / "cache", folders={"mine": folder / "images"})
    overrides = BudgetOverrides(seeds=2, generator_seeds=generator_seeds)
    plan = Planner(PROFILE, data_paths, folder / "memo", overrides).case(SYN)
    targets = [*plan.synthetic, *plan.classifiers, *plan.fidelity, plan.summary, plan.comparison]
    targets += [prediction for row in plan.predictions for prediction in row]
    build_all(store, [target for target in targets if target is not None], data_paths=data_paths)
    return plan


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A directory for the images; each generator seed draws other images from it."""
    monkeypatch.setattr(Folder, "has_seeds", True)
    return tmp_path


def test_metrics_are_the_mean_over_generator_seeds(folder: Path, store: Store) -> None:
    plan = built_plan(folder, store, generator_seeds=2)
    cell = read_cell(plan, store, "pytest")
    expected = {
        (name, seed): measured["value"]
        for seed, images in enumerate(plan.synthetic)
        for recipe in plan.fidelity
        if recipe.synthetic.features.images == images
        for name, measured in store.get(recipe).json(METRICS).items()
    }
    assert {seed for _, seed in expected} == {0, 1}
    values = {(entry["id"], entry["generator_seed"]): entry["value"] for entry in cell.measurements}
    assert values == expected
    names = {name for name, _ in expected}
    assert cell.metrics == {name: fmean(expected[name, seed] for seed in (0, 1)) for name in names}
    assert any(expected[name, 0] != expected[name, 1] for name in names), "the two sets of images differ"


def test_one_generator_seed_adds_the_key_and_nothing_else(folder: Path, store: Store) -> None:
    plan = built_plan(folder, store, generator_seeds=1)
    cell = read_cell(plan, store, "pytest")
    measured = [
        {"id": name, **entry} for recipe in plan.fidelity for name, entry in store.get(recipe).json(METRICS).items()
    ]
    assert list(cell.measurements) == [{**entry, "generator_seed": 0} for entry in measured]
    assert json.dumps(cell.metrics) == json.dumps({entry["id"]: entry["value"] for entry in measured})


def test_environments_of_both_arms_are_compared(folder: Path, store: Store) -> None:
    plan = built_plan(folder, store, generator_seeds=1)
    assert plan.comparison is not None

    def notes() -> tuple[str, ...]:
        return read_cell(plan, store, "pytest").notes[len(plan.notes) :]

    def change_torch(recipe: Recipe, version: str) -> None:
        path = store.path(recipe.key) / MANIFEST
        content = json.loads(path.read_text(encoding="utf-8"))
        content.pop(SEAL)
        content["built_with"]["versions"]["torch"] = version
        write_json(path, sealed(content))

    assert notes() == ()
    recent = store.get(plan.classifiers[0]).built_with
    assert recent is not None
    torch = recent.versions["torch"]
    change_torch(plan.predictions[0][0], "2.1.0")
    (predictions,) = notes()
    assert predictions.endswith(f"different library releases: torch {torch} and 2.1.0/{torch}")
    change_torch(plan.predictions[0][0], torch)
    change_torch(plan.classifiers[0], "2.1.0")
    (classifiers,) = notes()
    assert classifiers == predictions
    change_torch(plan.comparison.org[0], "2.1.0")
    change_torch(plan.comparison.org[0].classifier, "2.1.0")
    (both,) = notes()
    assert both.endswith(f"different library releases: torch 2.1.0/{torch} and 2.1.0/{torch}")
