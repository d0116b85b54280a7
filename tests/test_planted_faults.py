"""Every planted fault is named, every control stays quiet, and the documentation says the same."""

import json
import shutil
from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from checks_document import DOCUMENT, document
from PIL import Image
from planted_faults import CELLS, COMMANDS, FAULTS, IMAGES, RESULTS, SYNTHETIC, Fault, Photos
from plugin_project import Project

from suite.__main__ import main
from suite.artifacts import DataPaths, Store
from suite.artifacts.files import sealed, write_json
from suite.artifacts.manifest import MANIFEST, SEAL
from suite.classifiers.label_check import LabelAgreement
from suite.compute import Compute
from suite.datasets.check import check
from suite.datasets.checks import Check
from suite.datasets.content import load_content
from suite.datasets.image_checks import DATASET_RULES, IMAGE_RULES
from suite.datasets.imagefolder import ImageFolder
from suite.datasets.near_duplicates import SMALLEST
from suite.datasets.real import RealImages
from suite.engines.build import build_all
from suite.errors import BadData, UsageError
from suite.generators.folder import Folder
from suite.generators.generator import Request
from suite.images.labelled import LabelledImages
from suite.planning.case import Case, Mode
from suite.planning.case_plan import CasePlan
from suite.planning.planner import Planner
from suite.planning.profiles import Profile
from suite.results.cell_checks import (
    COMPARISON_RULES,
    MIN_IMAGES,
    SEARCHED,
    SYNTHETIC_RULES,
    cell_checks,
    hardly_recognised,
    look_alikes,
    with_validity,
)
from suite.results.consistency import contradiction
from suite.results.models import Cell, ResultsFile
from suite.statistics.summaries import Difference, Judgement, Verdict
from suite.testing.digits import CLASSES

by_name = pytest.mark.parametrize("fault", IMAGES, ids=lambda fault: fault.name)


@pytest.fixture
def work(tmp_path: Path) -> Photos:
    return Photos(tmp_path)


# Datasets: the command, and the same checks when a run reads the images.


def command(work: Photos, capsys: pytest.CaptureFixture[str]) -> tuple[int, list[str]]:
    code = main(["datasets", "check", "photos", "--data-root", str(work.root), "--cache", str(work.root / ".cache")])
    return code, capsys.readouterr().out.splitlines()


def found(checks: Iterable[Check]) -> list[str]:
    return [text for check in checks for text in check.found]


def read_by_a_run(work: Photos) -> list[str]:
    try:
        return found(load_content(ImageFolder(work.photos), work.root / ".cache").checks)
    except BadData as error:
        return [str(error)]


def test_a_valid_dataset_passes_every_check(work: Photos, capsys: pytest.CaptureFixture[str]) -> None:
    code, lines = command(work, capsys)
    assert code == 0
    assert lines[-1] == f"Checks: {len(DATASET_RULES) - 2} passed, 2 not run"
    assert not [line for line in lines if line.startswith(("not valid", "warning", "note"))]
    content = load_content(ImageFolder(work.photos), work.root / ".cache")
    assert found(content.checks) == []
    not_run = {check.name: check.not_run for check in content.checks if check.not_run}
    assert set(not_run) == {"test images nearly equal to training images", "nearly equal images"}
    assert set(not_run.values()) == {f"the images are smaller than {SMALLEST} pixels"}
    assert [check.name for check in content.checks] == [rule.name for rule in DATASET_RULES]


@by_name
def test_faults_of_datasets(work: Photos, capsys: pytest.CaptureFixture[str], fault: Fault) -> None:
    if fault.plant(work) == "digits":
        assert fault.says in found(check("digits", ImageFolder(work.photos))[1])[0]
        return
    code, lines = command(work, capsys)
    assert len([line for line in lines if fault.says in line]) == 1
    assert code == any(line.startswith(("not valid", "warning")) for line in lines)
    in_run = [text for text in read_by_a_run(work) if fault.says in text]
    if "groups in train and test" in fault.says:
        with pytest.raises(BadData, match="images of one group in train and test"):
            load_content(ImageFolder(work.photos), work.root / ".cache")
    else:
        assert len(in_run) == 1


# Synthetic sets.


def read_set(work: Photos) -> list[str]:
    folder, data_paths = Folder("mine"), DataPaths(cache=work.root / ".cache", folders={"mine": work.mine})
    real = RealImages(dataset="photos", content="0" * 32, split="train", size=8, per_class=(1, 1, 1))
    request = Request(
        real=real,
        dataset="photos",
        classes=("blue", "green", "red"),
        prompts=(),
        size=8,
        counts=(1, 1, 1),
        seed=0,
        compute=Compute(),
    )
    try:
        settings = folder.configure({}, data_paths)
        folder.synthetic(request, settings)
    except BadData as error:
        return [str(error)]
    checks = folder.checks(settings)
    assert [check.name for check in checks] == [rule.name for rule in IMAGE_RULES]
    return found(checks)


def test_a_valid_synthetic_set_passes_every_check(work: Photos) -> None:
    assert read_set(work) == []


@pytest.mark.parametrize("fault", SYNTHETIC, ids=lambda fault: fault.name)
def test_faults_of_synthetic_sets(work: Photos, fault: Fault) -> None:
    fault.plant(work)
    assert len([text for text in read_set(work) if fault.says in text]) == 1


# Commands and files of results.


@pytest.mark.parametrize("fault", COMMANDS, ids=lambda fault: fault.name)
def test_faults_of_commands(work: Photos, options: Callable[..., object], fault: Fault) -> None:
    options("--profile", "smoke", "--real", str(work.photos), "--synthetic", f"mine={work.mine}", "--seeds", "5")
    with pytest.raises(UsageError) as caught:
        options("--profile", "smoke", *map(str, fault.plant(work)))
    assert fault.says in str(caught.value)


@pytest.fixture
def options(pytester: pytest.Pytester, tmp_path: Path) -> Callable[..., object]:
    """A function that checks the options of a command."""
    (tmp_path / "memo").mkdir()
    return Project(pytester, tmp_path / "memo").options


HELPING = Cell(
    dataset="digits",
    generator="cd",
    mode="mix",
    variant=None,
    status="done",
    accuracies=(59.0, 61.0),
    mean=60.0,
    comparison=Difference(
        difference=5.0,
        org_accuracy=55.0,
        org_standard_error=1.0,
        constant_accuracy=10.0,
        seed_variance=1.0,
        org_seed_variance=1.0,
        image_variance=1.0,
        n_seeds=5,
        n_images=100,
    ),
    judgement=Judgement(verdict=Verdict.HELPS, interval=(1.0, 9.0), seeds=5, level=0.01, smallest_effect=2.0),
    checks=(Check(name="exchanged classes", severity="not valid"),),
    command="pytest",
)


def contradiction_of(cell: Cell) -> str:
    return contradiction(
        ResultsFile(suite_version="0", profile="x", title="x", evaluate="test", cells=(cell,), discriminators=())
    )


def test_consistent_results_are_accepted() -> None:
    assert contradiction_of(HELPING) == ""


@pytest.mark.parametrize("fault", RESULTS, ids=lambda fault: fault.name)
def test_faults_of_results(fault: Fault) -> None:
    assert contradiction_of(HELPING.model_copy(update=fault.plant(HELPING))) == fault.says


# Cells: held-back real digits as synthetic images.

PER_CLASS, STEPS = 60, 120
MIX = Case(dataset="digits", generator="mine", mode=Mode.MIX)


class PlantedCell:
    """A MIX cell whose synthetic images are means of two digits of a class that are not training images.

    Args:
        root: Directory that all cells share.
        folder: Directory of the synthetic images.
    """

    def __init__(self, root: Path, folder: Path) -> None:
        self.root, self.folder, self.steps = root, folder, STEPS
        self.store = Store(root / "store")
        self.store.prepare()
        self.torch: str | None = "as built"
        org, everything = (
            self.planner(count).case(Case(dataset="digits", mode=Mode.ORG), 2) for count in (PER_CLASS, 1000)
        )
        build_all(self.store, [org.real, everything.real, org.evaluation])
        self.real, train, self.test = (part.open(self.store) for part in (org.real, everything.real, org.evaluation))
        used = {image.tobytes() for image in self.real.images}
        for label in range(len(CLASSES)):
            held_out = [one for one in train.images[train.labels == label] if one.tobytes() not in used]
            means = np.mean([held_out, np.roll(held_out, 1, axis=0)], axis=0).round().astype(np.uint8)
            self.add(LabelledImages(means, np.full(len(means), label)), len(means))

    def planner(self, per_class: int) -> Planner:
        settings = {
            "title": "planted",
            "max_seeds": 2,
            "metrics": {"extractors": [], "smallest_effect": 2.0},
            "data": {"image_size": 8, "per_class": per_class},
            "classifier": {"resnet18": {"width": 8, "steps": self.steps, "batch_size": 32, "augmentation": []}},
        }
        data_paths = DataPaths(cache=self.root / "cache", folders={"mine": self.folder})
        return Planner(Profile("planted", settings), data_paths, self.root / "memo")

    def add(self, images: LabelledImages, count: int) -> None:
        """Add images to the synthetic set."""
        for number in np.linspace(0, len(images) - 1, count).astype(int):
            label = self.folder / CLASSES[images.labels[number]]
            label.mkdir(parents=True, exist_ok=True)
            Image.fromarray(images.images[number]).save(label / f"{len(list(label.iterdir()))}.png")

    def train(self, steps: int) -> None:
        self.steps = steps

    def release(self, version: str | None) -> None:
        self.torch = version

    def build(self) -> CasePlan:
        """Build the cell, and change its recorded environment if that is the fault."""
        plan = self.planner(PER_CLASS).case(MIX)
        pictures = {picture.recipe.key for picture in plan.pictures}
        data_paths = DataPaths(cache=self.root / "cache", folders={"mine": self.folder})
        build_all(self.store, [one for one in plan.targets if one.key not in pictures], data_paths=data_paths)
        if self.torch != "as built":
            path = self.store.path(plan.classifiers[0].key) / MANIFEST
            content = json.loads(path.read_text(encoding="utf-8"))
            content.pop(SEAL)
            if self.torch is None:
                content["format"] = 1
                del content["built_with"]
            else:
                content["built_with"]["versions"]["torch"] = self.torch
            write_json(path, sealed(content))
        return plan


@pytest.fixture(scope="module")
def cells(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Directory in which the cells share the classifiers of ``org``."""
    root = tmp_path_factory.mktemp("cells")
    PlantedCell(root, root / "healthy").build()
    return root


@pytest.fixture
def cell(cells: Path, tmp_path: Path) -> PlantedCell:
    """A healthy cell with its own copy of the store."""
    shutil.copytree(cells, tmp_path / "cells")
    return PlantedCell(tmp_path / "cells", tmp_path / "images")


HELPS = Judgement(verdict=Verdict.HELPS, interval=(1.0, 2.0), seeds=2)


@pytest.mark.slow
def test_a_healthy_cell_passes_every_check(cell: PlantedCell) -> None:
    plan = cell.build()
    checks = cell_checks(plan, cell.store)
    assert [text for text in found(checks) if "images per class" not in text] == []
    assert not [check for check in checks if check.not_run]
    rules = (*IMAGE_RULES, *SYNTHETIC_RULES, *COMPARISON_RULES)
    assert [check.name for check in checks] == [rule.name for rule in rules]
    assert with_validity(HELPS, plan, cell.store) is HELPS


@pytest.mark.slow
@pytest.mark.parametrize("fault", CELLS, ids=lambda fault: fault.name)
def test_faults_of_cells(cell: PlantedCell, fault: Fault) -> None:
    fault.plant(cell)
    plan = cell.build()
    (one,) = [check for check in cell_checks(plan, cell.store) if any(fault.says in text for text in check.found)]
    judgement = with_validity(HELPS, plan, cell.store)
    assert (judgement.verdict is Verdict.NOT_VALID) == (one.severity == "not valid")
    assert (fault.says in judgement.reason) == (one.severity == "not valid")


@pytest.mark.slow
def test_searches_that_are_not_planned_say_why(cell: PlantedCell) -> None:
    plan = cell.build()
    known = replace(plan, leak_searches=(), label_checks=(), trained_on="this train split")
    reasons = {check.name: check.not_run for check in cell_checks(known, cell.store) if check.not_run}
    reason = f"only for {SEARCHED}: this generator was trained on this train split"
    assert reasons == {rule.name: reason for rule in SYNTHETIC_RULES if rule.name != "copies of training images"}


# The margins of the checks on confused classes.


def agreement(synthetic: dict[int, float], real: dict[int, float], own: float, real_own: float) -> LabelAgreement:
    """Return an agreement in which class 0 has these shares, and all others are recognised."""

    def matrix(first: dict[int, float], share: float) -> tuple[tuple[float, ...], ...]:
        rest = np.eye(4)
        rest[0] = [share, *(first.get(label, 0.0) for label in (1, 2, 3))]
        return tuple(tuple(row) for row in rest.tolist())

    return LabelAgreement(confusion=matrix(synthetic, own), exchanged=(), real=matrix(real, real_own))


@pytest.mark.parametrize(
    ("seen", "images", "alike", "hardly"),
    [
        (agreement({1: 0.9}, {1: 0.1}, 0.1, 0.9), 100, {0: 1}, {}),
        (agreement({1: 0.9}, {1: 0.1}, 0.0, 0.9), 100, {0: 1}, {}),
        (agreement({1: 0.58, 2: 0.42}, {}, 0.0, 0.9), 100, {}, {0: (0.0, 0.9)}),
        (agreement({1: 0.9}, {1: 0.7}, 0.1, 0.3), 100, {}, {}),
        (agreement({1: 0.5, 2: 0.5}, {}, 0.0, 0.4), 100, {}, {}),
        (agreement({1: 0.9}, {1: 0.1}, 0.0, 0.9), MIN_IMAGES - 1, {}, {}),
        (agreement({1: 0.5, 2: 0.46}, {}, 0.04, 0.9), 100, {}, {0: (0.04, 0.9)}),
        (agreement({1: 0.5, 2: 0.44}, {}, 0.06, 0.9), 100, {}, {}),
    ],
    ids=[
        "alike",
        "alike only",
        "never",
        "confused on real images",
        "weak classifier",
        "few images",
        "hardly",
        "rarely",
    ],
)
def test_margins(seen: LabelAgreement, images: int, alike: dict[int, int], hardly: dict[int, tuple]) -> None:
    counts = (images,) * 4
    assert (look_alikes(seen, counts), hardly_recognised(seen, counts)) == (alike, hardly)
    exchanged = seen.model_copy(update={"exchanged": ((0, 1),)})
    assert (look_alikes(exchanged, counts), hardly_recognised(exchanged, counts)) == ({}, {})


# The documentation.


def test_the_documentation_has_every_check_and_every_fault() -> None:
    assert DOCUMENT.read_text(encoding="utf-8") == document(), "run python tests/helpers/checks_document.py"
    assert len(FAULTS) >= 40
    assert DATASET_RULES[: len(IMAGE_RULES)] == IMAGE_RULES
