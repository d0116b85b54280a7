"""Reading a cell from its artifacts: every generator seed is reported."""

import json
from pathlib import Path
from statistics import fmean

import numpy as np
import pytest
from PIL import Image
from sklearn.datasets import load_digits

from suite.artifacts import DataPaths, Store
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
        "metrics": {"extractors": ["pixels"], "smallest_effect": 2.0},
        "data": {"image_size": 8, "per_class": 4},
        "classifier": {"resnet18": {"width": 8, "steps": 1, "batch_size": 8, "augmentation": []}},
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
    overrides = BudgetOverrides(max_seeds=2, generator_seeds=generator_seeds)
    plan = Planner(PROFILE, data_paths, folder / "memo", overrides).case(SYN)
    pictures = {picture.recipe.key for picture in plan.pictures}
    build_all(store, [target for target in plan.targets if target.key not in pictures], data_paths=data_paths)
    return plan


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A directory for the images; each generator seed draws other images from it."""
    monkeypatch.setattr(Folder, "has_seeds", True)
    return tmp_path


def test_metrics_are_the_mean_over_generator_seeds(folder: Path, store: Store) -> None:
    plan = built_plan(folder, store, generator_seeds=2)
    cell = read_cell(plan, store, None, "pytest")
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
    both = {name: [expected[name, seed] for seed in (0, 1)] for name in names}
    assert cell.metrics == {name: None if None in values else fmean(values) for name, values in both.items()}
    assert any(expected[name, 0] != expected[name, 1] for name in names), "the two sets of images differ"


def test_one_generator_seed_adds_the_key_and_nothing_else(folder: Path, store: Store) -> None:
    plan = built_plan(folder, store, generator_seeds=1)
    cell = read_cell(plan, store, None, "pytest")
    measured = [
        {"id": name, **entry} for recipe in plan.fidelity for name, entry in store.get(recipe).json(METRICS).items()
    ]
    assert list(cell.measurements) == [{**entry, "generator_seed": 0} for entry in measured]
    assert json.dumps(cell.metrics) == json.dumps({entry["id"]: entry["value"] for entry in measured})


def test_a_cell_of_an_earlier_version_is_read_without_calibration_and_classes(folder: Path, store: Store) -> None:
    plan = built_plan(folder, store, generator_seeds=1)
    new = read_cell(plan, store, None, "")
    assert new.calibration is not None
    assert [one.images for one in new.by_class] == [count for count in plan.evaluation.counts if count]
    assert [one.accuracy for one in new.by_class] == pytest.approx(
        [recall for recall in new.per_class if recall is not None]
    )
    assert new.seconds["calibration"] > 0
    assert plan.by_class is not None
    for recipe in (plan.calibration, plan.by_class):
        store.discard(recipe.key)
    old = read_cell(plan, store, None, "")
    assert (old.calibration, old.by_class, old.mean) == (None, (), new.mean)
