"""End-to-end tests with synthetic sets whose usefulness is known by construction.

The dataset is digits with ten real training images per class. The sets are real images of the train split that are not
among the training images, with correct or shuffled labels, and copies of the training images. They are read from
folders and go through planner, engine and statistics like any other synthetic set.
"""

from pathlib import Path
from threading import Event

import numpy as np
import pytest
from PIL import Image

from suite.artifacts import DataPaths, Store
from suite.engines.build import build_all
from suite.engines.local import LocalEngine
from suite.images.labelled import LabelledImages
from suite.planning.case import Case, Mode
from suite.planning.planner import Planner
from suite.planning.profiles import Profile
from suite.report.check_table import warnings
from suite.results.looks import Looks
from suite.results.models import ResultsFile
from suite.results.read_artifacts import read_cell
from suite.statistics.summaries import Verdict

pytestmark = pytest.mark.thorough

FEW, ALL = 10, 1000  # real images per class
MIX_SIZE = 19  # ten real images, plus the held-out images that heldout-mix adds per class
EMPTIED = "copied-mix-filter-no-copies"
COMPARED = ("org", "shuffled-syn", "shuffled-mix", "heldout-mix")
ONE_SEED = ("copied-mix", EMPTIED)
ALL_REAL = (
    "noisy-mix",
    "test-mix",
    "test-syn",
    "hidden-mix",
    "swapped-mix",
)  # so that the synthetic sets are used completely
SEEDS = 8
SWAPPED = (0, 8, 2, 3, 4, 5, 6, 7, 1, 9)  # class of each label in the folder ``swapped``
HIDDEN = 0.01  # share of test images among the synthetic images of ``hidden``


def profile(per_class: int) -> Profile:
    """Return a small profile with a number of real images per class and the same training steps for every case."""
    return Profile(
        "planted",
        {
            "title": "planted",
            "metrics": {"extractors": [], "smallest_effect": 2.0},
            "data": {"image_size": 8, "per_class": per_class},
            "classifier": {
                "resnet18": {"width": 8, "steps": 120, "batch_size": 32, "augmentation": ["crop"], "crop_padding": 1}
            },
        },
    )


def case(name: str) -> Case:
    """Return the case of digits with this name."""
    if name == "org":
        return Case(dataset="digits", mode=Mode.ORG)
    generator, mode, *variant = name.split("-", 2)
    return Case(dataset="digits", generator=generator, mode=Mode(mode), variant=variant[0] if variant else None)


def write_folder(
    folder: Path, data: LabelledImages, labels: np.ndarray, classes: tuple[str, ...], prefix: str = ""
) -> Path:
    """Write images as ``<class>/<prefix><number>.png`` with the given labels, and return the folder."""
    for number, (image, label) in enumerate(zip(data.images, labels.tolist(), strict=True)):
        (folder / classes[label]).mkdir(parents=True, exist_ok=True)
        Image.fromarray(image).save(folder / classes[label] / f"{prefix}{number}.png")
    return folder


def pixels(data: LabelledImages) -> set[bytes]:
    """Return the bytes of each image."""
    return {image.tobytes() for image in data.images}


class PlantedRun:
    """A run on sets of known usefulness.

    Attributes:
        store: The artifacts.
        real: The real training images.
        test: The test images.
        held_out: Real images of the train split that are not training images.
        failed: Reasons of the failed builds of each case.
        cells: The finished cells by name.
        mix_size_real: The ``org`` cell with as many real images as ``heldout-mix`` has real and synthetic ones.
    """

    def __init__(self, root: Path) -> None:
        self.store = Store(root / "store")
        self.store.prepare()
        few, mix_size, everything = (
            Planner(profile(count), DataPaths(), root / "memo").case(case("org"), SEEDS)
            for count in (FEW, MIX_SIZE, ALL)
        )
        build_all(self.store, [few.real, everything.real, few.evaluation])
        self.real, train, self.test = (
            images.open(self.store) for images in (few.real, everything.real, few.evaluation)
        )
        training_images = pixels(self.real)
        self.held_out = train.take(np.flatnonzero([image.tobytes() not in training_images for image in train.images]))
        labels, classes = self.held_out.labels, few.located.content.classes
        random = np.random.default_rng(0)
        hidden = random.choice(len(self.test), round(HIDDEN * len(self.held_out)), replace=False)
        noise = random.normal(0, 10, train.images.shape)
        noisy = LabelledImages(np.clip(train.images + noise, 0, 255).astype(np.uint8), train.labels)
        folders = {
            "shuffled": write_folder(root / "shuffled", self.held_out, random.permutation(labels), classes),
            "heldout": write_folder(root / "heldout", self.held_out, labels, classes),
            "copied": write_folder(root / "copied", self.real, self.real.labels, classes),
            "noisy": write_folder(root / "noisy", noisy, train.labels, classes),
            "test": write_folder(root / "test", self.test, self.test.labels, classes),
            "swapped": write_folder(root / "swapped", self.held_out, np.array(SWAPPED)[labels], classes),
            "hidden": write_folder(root / "hidden", self.held_out, labels, classes),
        }
        write_folder(root / "hidden", self.test.take(hidden), self.test.labels[hidden], classes, "test")
        data_paths = DataPaths(cache=root / "cache", folders=folders)
        planner, all_real = (Planner(profile(count), data_paths, root / "memo") for count in (FEW, ALL))
        plans = {name: planner.case(case(name), SEEDS if name in COMPARED else 1) for name in (*COMPARED, *ONE_SEED)}
        plans |= {name: all_real.case(case(name), 5) for name in ALL_REAL}
        targets = [target for plan in (*plans.values(), mix_size) for target in plan.targets]
        failed = LocalEngine(self.store, data_paths, ("cpu", "cpu")).run(targets, lambda _: None, Event())
        self.failed = {
            name: {failed[target.key] for target in plan.targets if target.key in failed}
            for name, plan in plans.items()
        }
        looks = Looks(planner, self.store)
        self.cells = {
            name: read_cell(plan, self.store, looks.judgement(plan) if plan.verdict else None, "")
            for name, plan in plans.items()
            if not self.failed[name]
        }
        self.mix_size_real = read_cell(mix_size, self.store, None, "")

    @property
    def results(self) -> ResultsFile:
        """The results of the run, as input of a report."""
        return ResultsFile(
            suite_version="0",
            profile="planted",
            title="planted",
            evaluate="test",
            cells=tuple(self.cells.values()),
            discriminators=(),
        )


@pytest.fixture(scope="module")
def planted(tmp_path_factory: pytest.TempPathFactory) -> PlantedRun:
    """Run all cases once."""
    return PlantedRun(tmp_path_factory.mktemp("planted"))


def test_no_test_image_is_in_a_training_set(planted: PlantedRun) -> None:
    assert not pixels(planted.test) & (pixels(planted.held_out) | pixels(planted.real))
    assert not pixels(planted.held_out) & pixels(planted.real)
    assert len(planted.real) == 10 * FEW
    assert planted.mix_size_real.counts is not None
    mixed = planted.cells["heldout-mix"].counts
    assert mixed is not None
    assert abs(sum(planted.mix_size_real.counts.real) - sum(mixed.real) - sum(mixed.synthetic)) <= 10, (
        "rounded per class"
    )


@pytest.mark.parametrize("name", ["shuffled-syn", "shuffled-mix"])
def test_shuffled_labels_hurt(planted: PlantedRun, name: str) -> None:
    judgement = planted.cells[name].judgement
    assert judgement is not None
    assert judgement.verdict is Verdict.HURTS


def test_held_out_real_images_help_as_much_as_the_same_number_of_real_images(planted: PlantedRun) -> None:
    cell, org, real = planted.cells["heldout-mix"], planted.cells["org"], planted.mix_size_real
    assert cell.judgement is not None
    assert cell.judgement.verdict is Verdict.HELPS
    assert cell.judgement.interval is not None
    assert org.mean is not None
    assert real.mean is not None
    low, high = cell.judgement.interval
    assert 0 < low <= real.mean - org.mean <= high
    assert cell.training_cost is not None
    assert org.training_cost is not None
    assert cell.training_cost.steps == org.training_cost.steps, "more training steps must not be the reason"


@pytest.mark.parametrize("name", ["test-mix", "test-syn"])
def test_the_test_set_as_synthetic_images_is_not_valid(planted: PlantedRun, name: str) -> None:
    judgement = planted.cells[name].judgement
    assert judgement is not None
    assert judgement.verdict is Verdict.NOT_VALID
    assert judgement.reason == "360 of 360 test images are among the synthetic ones"


def test_one_percent_of_test_images_among_the_synthetic_ones_is_not_valid(planted: PlantedRun) -> None:
    cell = planted.cells["hidden-mix"]
    assert cell.judgement is not None
    assert cell.judgement.verdict is Verdict.NOT_VALID
    found = int(cell.judgement.reason.split()[0])
    planned = round(HIDDEN * len(planted.held_out))
    assert planned <= found <= planned + 2, "the synthetic set is used completely, and little else looks like a copy"


def test_exchanged_class_folders_are_not_valid(planted: PlantedRun) -> None:
    judgement = planted.cells["swapped-mix"].judgement
    assert judgement is not None
    assert judgement.verdict is Verdict.NOT_VALID
    assert judgement.reason == "class folders of swapped seem exchanged: 'one' and 'eight'"


def test_noisy_training_images_are_judged_and_named_as_copies(planted: PlantedRun) -> None:
    cell = planted.cells["noisy-mix"]
    assert cell.judgement is not None
    assert cell.judgement.verdict in (Verdict.UNDECIDED, Verdict.NO_PRACTICAL_DIFFERENCE, Verdict.HELPS, Verdict.HURTS)
    assert any(line.startswith("digits-noisy: ") for line in warnings(planted.results))


def test_copied_training_images_are_reported(planted: PlantedRun) -> None:
    found = {
        (name, metric.partition("(")[0]): value
        for name, cell in planted.cells.items()
        for metric, value in cell.metrics.items()
        if ":train:" in metric
    }
    assert found["copied-mix", "copies"] == 1
    assert found["copied-mix", "authpct"] == 0
    for name in ("heldout-mix", "shuffled-syn"):
        assert found[name, "copies"] < 0.05
        assert found[name, "authpct"] > 20
    for name in ("copied", "heldout"):  # held out from ``org``, but from the train split
        start = f"digits-{name}: 100% of the synthetic images are copies of training images"
        assert any(line.startswith(start) for line in warnings(planted.results))


def test_a_filter_that_empties_a_class_fails_only_its_cell(planted: PlantedRun) -> None:
    assert {name for name, reasons in planted.failed.items() if reasons} == {EMPTIED}
    (reason,) = planted.failed[EMPTIED]
    assert "filter no-copies keeps none of the 10 images of class 'zero': generate images that are not copies" in reason
    assert "\n" not in reason
