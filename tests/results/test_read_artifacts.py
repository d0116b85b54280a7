"""Reading a cell from its artifacts: every generator seed is reported, and different environments are named."""

import json
from pathlib import Path
from statistics import fmean

import numpy as np
import pytest
from PIL import Image
from sklearn.datasets import load_digits

from suite.artifacts import Artifact, DataPaths, Store
from suite.engines.build import build_all
from suite.generators.folder import Folder
from suite.metrics.recipes import METRICS
from suite.planning.budget_overrides import BudgetOverrides
from suite.planning.case import Case, Mode
from suite.planning.case_plan import CasePlan
from suite.planning.planner import Planner
from suite.planning.profiles import Profile
from suite.results.read_artifacts import environment_differences, read_cell

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


def test_equal_environments_give_no_note() -> None:
    built = {"device": "cpu", "torch": "2.14.1", "numpy": "2.3"}
    assert environment_differences([built, built], [built]) == ()
    assert environment_differences([None, None], [None]) == (), "nothing is known of either"


@pytest.mark.parametrize("nested", [False, True])
def test_differences_of_both_arms_are_named(nested: bool) -> None:
    def built(device: str, torch: str) -> dict[str, object]:
        versions = {"torch": torch, "numpy": "2.3"}
        return {"device": device, **({"versions": versions} if nested else versions)}

    old, new = built("cpu", "2.11.0"), built("cpu", "2.14.1")
    releases = "ORG and this cell were made with different library releases: torch"
    assert environment_differences([new], [old]) == (f"{releases} 2.11.0 and 2.14.1",)
    assert environment_differences([new, old], [old]) == (f"{releases} 2.11.0 and 2.11.0/2.14.1",)
    device = "ORG and this cell were made on different device kinds: cpu and cuda"
    assert environment_differences([built("cuda:1", "2.14.1")], [new]) == (device,)
    assert environment_differences([built("cuda (NVIDIA H100)", "2.14.1")], [built("cuda:0", "2.14.1")]) == ()
    assert environment_differences([built("cuda", "2.14.1")], [old]) == (f"{releases} 2.11.0 and 2.14.1", device)


@pytest.mark.parametrize(
    ("cell", "org", "unknown"),
    [
        ([{"device": "cpu"}], [None], "ORG"),
        ([None, {"device": "cpu"}], [{"device": "cpu"}], "this cell"),
        ([None, {"device": "cpu"}], [None], "ORG and this cell"),
    ],
)
def test_an_unknown_environment_is_said_to_be_unknown(
    cell: list[dict[str, str] | None], org: list[dict[str, str] | None], unknown: str
) -> None:
    text = "ORG and this cell may differ in library releases or device kind: unknown for older artifacts of"
    assert environment_differences(cell, org) == (f"{text} {unknown}",)


def test_environments_of_both_arms_are_compared(folder: Path, store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    plan = built_plan(folder, store, generator_seeds=1)
    assert plan.comparison is not None
    org = {recipe.key for prediction in plan.comparison.org for recipe in (prediction, prediction.classifier)}
    case = {prediction.key for row in plan.predictions for prediction in row}

    def note(**releases: str) -> tuple[str, ...]:
        def built_with(artifact: Artifact) -> dict[str, str] | None:
            arm = "org" if artifact.key in org else "case" if artifact.key in case else "classifiers"
            return {"device": "cpu", "torch": releases[arm]} if arm in releases else None

        monkeypatch.setattr(Artifact, "built_with", property(built_with), raising=False)
        return read_cell(plan, store, "pytest").notes[len(plan.notes) :]

    assert note(org="2.14.1", case="2.14.1", classifiers="2.14.1") == ()
    (predictions,) = note(org="2.11.0", case="2.14.1", classifiers="2.11.0")
    assert predictions.endswith("different library releases: torch 2.11.0 and 2.11.0/2.14.1")
    (classifiers,) = note(org="2.14.1", case="2.14.1", classifiers="2.11.0")
    assert classifiers.endswith("different library releases: torch 2.14.1 and 2.11.0/2.14.1")
    assert note() == ()
