"""Checks on a cell, and what makes it not valid. Planted faults are in ``tests/test_planted_faults.py``."""

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from sklearn.datasets import load_digits

from suite.artifacts import DataPaths, Recipe, Store
from suite.artifacts.files import sealed, write_json
from suite.artifacts.manifest import MANIFEST, SEAL
from suite.datasets.real import INDICES
from suite.engines.build import build_all
from suite.planning.budget_overrides import BudgetOverrides
from suite.planning.case import Case, Mode
from suite.planning.case_plan import CasePlan
from suite.planning.planner import Planner
from suite.planning.profiles import Profile
from suite.results.cell_checks import cell_checks, with_validity
from suite.results.looks import Looks
from suite.statistics.summaries import Judgement, Verdict
from suite.testing.digits import CLASSES

HELPS = Judgement(verdict=Verdict.HELPS, interval=(1.0, 2.0), seeds=2)
MIX = Case(dataset="digits", generator="mine", mode=Mode.MIX)


def profile(steps: int) -> Profile:
    """Return a profile with two seeds and a number of training steps."""
    return Profile(
        "tiny",
        {
            "title": "tiny",
            "max_seeds": 2,
            "metrics": {"extractors": [], "smallest_effect": 2.0},
            "data": {"image_size": 8, "per_class": 20},
            "classifier": {"resnet18": {"width": 8, "steps": steps, "batch_size": 32, "augmentation": []}},
        },
    )


@pytest.fixture(scope="module")
def build(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., tuple[CasePlan, Store, Planner]]:
    """Return a function that builds a MIX cell whose synthetic images are digits shifted by one pixel."""
    root = tmp_path_factory.mktemp("validity")
    digits = load_digits()
    for number, (pixels, label) in enumerate(zip(digits.images, digits.target, strict=True)):
        image = Image.fromarray(np.round(np.roll(pixels, 1, axis=1) * 255 / 16).astype(np.uint8))
        (root / "images" / CLASSES[label]).mkdir(parents=True, exist_ok=True)
        image.save(root / "images" / CLASSES[label] / f"{number}.png")
    store = Store(root / "store")
    store.prepare()

    def make(steps: int = 60, case: Case = MIX) -> tuple[CasePlan, Store, Planner]:
        data_paths = DataPaths(cache=root / "cache", folders={"mine": root / "images"})
        planner = Planner(profile(steps), data_paths, root / "memo")
        plan = planner.case(case)
        pictures = {picture.recipe.key for picture in plan.pictures}
        build_all(store, [target for target in plan.targets if target.key not in pictures], data_paths=data_paths)
        return plan, store, planner

    return make


@pytest.fixture
def changed_torch() -> Callable[[Store, Recipe, str | None], None]:
    """Return a function that changes the torch version of an artifact's manifest; None removes the environment."""

    def change(store: Store, recipe: Recipe, version: str | None) -> None:
        path = store.path(recipe.key) / MANIFEST
        content = json.loads(path.read_text(encoding="utf-8"))
        content.pop(SEAL)
        if version is None:
            content["format"] = 1
            del content["built_with"]
        else:
            content["built_with"]["versions"]["torch"] = version
        write_json(path, sealed(content))

    return change


def test_valid_cell_keeps_its_judgement(build: Callable[..., tuple[CasePlan, Store, Planner]]) -> None:
    plan, store, planner = build()
    assert with_validity(HELPS, plan, store) is HELPS
    judgement = Looks(planner, store).judgement(plan)
    assert judgement.reason == "a verdict needs 5 seeds"


def test_org_that_has_not_learnt_makes_a_cell_not_valid(build: Callable[..., tuple[CasePlan, Store, Planner]]) -> None:
    plan, store, planner = build(steps=1)
    judgement = with_validity(HELPS, plan, store)
    assert judgement.verdict is Verdict.NOT_VALID
    assert judgement.interval == HELPS.interval
    assert "no better than always answering the most frequent class (10.3 %): train longer" in judgement.reason
    assert Looks(planner, store).following(plan) is None


def test_org_at_chance_on_corrupted_images_leaves_a_cell_valid(
    build: Callable[..., tuple[CasePlan, Store, Planner]],
) -> None:
    """What is at chance there may have learnt; whether it has is checked in the cell of Table 1."""
    plan, store, _ = build(steps=1, case=MIX.model_copy(update={"variant": "corruption-contrast-5"}))
    assert with_validity(HELPS, plan, store) is HELPS
    (check,) = (check for check in cell_checks(plan, store) if check.name == "real images alone at chance")
    assert check.not_run == "the test images are corrupted: see the cell of Table 1"


def test_arms_of_different_releases_are_not_valid(
    build: Callable[..., tuple[CasePlan, Store, Planner]], changed_torch: Callable[[Store, Recipe, str | None], None]
) -> None:
    plan, store, _ = build(steps=59)
    recent = store.get(plan.classifiers[0]).built_with
    assert recent is not None
    torch = recent.versions["torch"]
    changed_torch(store, plan.predictions[0], "2.1.0")
    judgement = with_validity(HELPS, plan, store)
    assert judgement.verdict is Verdict.NOT_VALID
    releases = f"different library releases: torch {torch} and 2.1.0/{torch}"
    assert judgement.reason.endswith(f"{releases}: build them again with --force")
    changed_torch(store, plan.predictions[0], torch)
    assert with_validity(HELPS, plan, store) is HELPS
    changed_torch(store, plan.org[0].classifier, "2.1.0")
    assert with_validity(HELPS, plan, store).verdict is Verdict.NOT_VALID
    changed_torch(store, plan.org[0].classifier, None)
    assert "unknown for older artifacts of ORG" in with_validity(HELPS, plan, store).reason


def test_artifacts_that_were_built_again_are_judged_again(
    build: Callable[..., tuple[CasePlan, Store, Planner]], changed_torch: Callable[[Store, Recipe, str | None], None]
) -> None:
    """With --force, or after a repair, one run sees a cell before and after."""
    plan, store, planner = build(steps=58)
    looks = Looks(planner, store)
    torch = store.get(plan.classifiers[0]).built_with.versions["torch"]  # type: ignore[union-attr]
    changed_torch(store, plan.classifiers[0], "2.1.0")
    assert looks.judgement(plan).verdict is Verdict.NOT_VALID
    changed_torch(store, plan.classifiers[0], torch)
    assert looks.judgement(plan).verdict is Verdict.UNDECIDED


def test_few_copies_of_test_images_are_valid(
    build: Callable[..., tuple[CasePlan, Store, Planner]], tmp_path: Path
) -> None:
    """Two of 360 are more than 0.5 %; one is not enough."""
    _, _, planner = build()
    digits, folder = load_digits(), tmp_path / "images"
    store = Store(tmp_path / "store")
    store.prepare()
    evaluation = planner.case(Case(dataset="digits", mode=Mode.ORG)).evaluation
    build_all(store, [evaluation])
    test = evaluation.open(store)
    for number, (pixels, label) in enumerate(zip(digits.images, digits.target, strict=True)):
        (folder / CLASSES[label]).mkdir(parents=True, exist_ok=True)
        image = Image.fromarray(np.round(np.roll(pixels, 1, axis=1) * 255 / 16).astype(np.uint8))
        image.save(folder / CLASSES[label] / f"{number}.png")
    found = []
    for leaked in (1, 3):
        for number in range(leaked):
            Image.fromarray(test.images[number]).save(folder / CLASSES[test.labels[number]] / f"test{number}.png")
        data_paths = DataPaths(cache=tmp_path / "cache", folders={"mine": folder})
        settings = profile(60).changed({"data": {"per_class": None}})
        every = BudgetOverrides(amount=10)
        plan = Planner(settings, data_paths, tmp_path / "memo", every).case(MIX)
        pictures = {picture.recipe.key for picture in plan.pictures}
        build_all(store, [target for target in plan.targets if target.key not in pictures], data_paths=data_paths)
        found.append(with_validity(HELPS, plan, store))
    assert found[0] is HELPS
    assert found[1].reason == "3 of 360 test images are among the synthetic ones"


@pytest.fixture
def judged(tmp_path: Path) -> Callable[..., tuple[Judgement, str]]:
    """Return a function that judges a MIX cell with a folder of digits, tested on five images per class.

    It also returns what the checks found about copies.
    """
    store = Store(tmp_path / "store")
    store.prepare()

    def judge(split: str, indices: slice, name: str) -> tuple[Judgement, str]:
        settings = profile(60).changed({"data": {"per_class": None, "test_per_class": 5}})
        planner = Planner(settings, DataPaths(cache=tmp_path / "cache", folders={name: tmp_path / name}), tmp_path)
        org = planner.case(Case(dataset="digits", mode=Mode.ORG))
        chosen = {"train": org.real, "test": org.evaluation}[split]
        build_all(store, [chosen])
        everything = chosen.images.open(store)
        selected = set(store.get(chosen).tensors(INDICES)["indices"].tolist()) if split == "test" else set()
        rest = [index for index in range(len(everything.images)) if index not in selected][indices]
        for label in range(10):
            (tmp_path / name / CLASSES[label]).mkdir(parents=True)
        for index in rest:
            folder = tmp_path / name / CLASSES[everything.labels[index]]
            Image.fromarray(everything.images[index]).save(folder / f"{index}.png")
        for number, (pixels, label) in enumerate(zip(load_digits().images, load_digits().target, strict=True)):
            if number < 200:
                image = Image.fromarray(np.round(pixels.T * 255 / 16).astype(np.uint8))
                image.save(tmp_path / name / CLASSES[label] / f"other{number}.png")
        plan = planner.case(Case(dataset="digits", generator=name, mode=Mode.MIX))
        pictures = {picture.recipe.key for picture in plan.pictures}
        targets = [target for target in plan.targets if target.key not in pictures]
        build_all(store, targets, data_paths=planner.data_paths)
        texts = [text for check in cell_checks(plan, store) for text in check.found if "synthetic" in text]
        return with_validity(HELPS, plan, store), "; ".join(texts)

    return judge


def test_copies_of_the_whole_splits_are_warnings(judged: Callable[..., tuple[Judgement, str]]) -> None:
    """Copies of test images that are not evaluated, and of any training image, leave a cell valid."""
    unused = "copies of 10 test images that are not used here are among the synthetic ones"
    assert judged("test", slice(0, 300, 30), "leaking") == (HELPS, unused)
    judgement, found = judged("train", slice(0, 1400, 20), "copying")
    assert judgement is HELPS
    assert found == "26% of the synthetic images are copies of training images (70 with equal pixels)"
    assert judged("train", slice(0, 0), "healthy") == (HELPS, "")
