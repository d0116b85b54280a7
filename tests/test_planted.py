"""Generators whose usefulness is known, because it was planted: does the suite say so?

Digits, with ten real training images a class. The planted images are real ones of the train split that were held back,
with their own labels or shuffled ones, and the training images themselves. They go the way of any images that exist
already, through planner, engine and statistics.
"""

from collections.abc import Iterator
from pathlib import Path
from threading import Event

import numpy as np
import pytest
from PIL import Image

from suite.artifacts import DataPaths, Store
from suite.engines.build import build_all
from suite.engines.local import LocalEngine
from suite.generators.folder import Folder
from suite.generators.generator import generators
from suite.images.labelled import LabelledImages
from suite.planning.budget_overrides import BudgetOverrides
from suite.planning.case import Case, Mode
from suite.planning.planner import Planner
from suite.planning.profiles import Profile
from suite.report.caveats import caveats
from suite.results.corrected_verdicts import with_corrected_verdicts
from suite.results.models import Results
from suite.results.read_artifacts import read_cell
from suite.statistics.verdict import Verdict

pytestmark = pytest.mark.thorough

SCARCE, EVERY = 10, 1000
AS_MANY = 19  # ten, and the share of the held-back images that keeps step with them
EMPTIED = "copied-mix-filter-no-copies"
JUDGED, MERELY_RUN = ("org", "shuffled-syn", "heldback-mix"), ("copied-mix", EMPTIED)


def profile(per_class: int) -> Profile:
    """Return a small budget, of equally many steps for all, with so many real images a class."""
    return Profile(
        "planted",
        {
            "title": "planted",
            "metrics": {"extractors": [], "smallest_effect": 2.0},
            "data": {"image_size": 8, "per_class": per_class},
            "classifier": {"width": 8, "steps": 120, "batch_size": 32, "augmentation": ["crop"], "crop_padding": 1},
        },
    )


def case(name: str) -> Case:
    """Return the case of digits with this name."""
    if name == "org":
        return Case(dataset="digits", mode=Mode.ORG)
    generator, mode, *variant = name.split("-", 2)
    return Case(dataset="digits", generator=generator, mode=Mode(mode), variant=variant[0] if variant else None)


def written(folder: Path, data: LabelledImages, labels: np.ndarray, classes: tuple[str, ...]) -> Path:
    """Write images as ``<class>/<number>.png``, under labels that need not be their own."""
    for number, (image, label) in enumerate(zip(data.images, labels.tolist(), strict=True)):
        (folder / classes[label]).mkdir(parents=True, exist_ok=True)
        Image.fromarray(image).save(folder / classes[label] / f"{number}.png")
    return folder


def pixels(data: LabelledImages) -> set[bytes]:
    return {image.tobytes() for image in data.images}


class Planted:
    """A run on the planted images: its cells by name, and the reasons of those that failed."""

    def __init__(self, root: Path) -> None:
        self.store = Store(root / "store")
        self.store.prepare()
        few, as_many, many = (
            Planner(profile(count), DataPaths(), root / "memo", BudgetOverrides(seeds=4)).case(case("org"))
            for count in (SCARCE, AS_MANY, EVERY)
        )
        build_all(self.store, [few.real, many.real, few.evaluation])
        self.real, every, self.test = (one.open(self.store) for one in (few.real, many.real, few.evaluation))
        trained_on = pixels(self.real)
        self.held_back = every.take(np.flatnonzero([image.tobytes() not in trained_on for image in every.images]))
        own, classes = self.held_back.labels, few.located.content.classes
        self.shuffled = np.random.default_rng(0).permutation(own)
        folders = {
            "shuffled": written(root / "shuffled", self.held_back, self.shuffled, classes),
            "heldback": written(root / "heldback", self.held_back, own, classes),
            "copied": written(root / "copied", self.real, self.real.labels, classes),
        }
        data_paths = DataPaths(cache=root / "cache", folders=folders)
        plans = {
            name: Planner(profile(SCARCE), data_paths, root / "memo", BudgetOverrides(seeds=seeds)).case(case(name))
            for names, seeds in ((JUDGED, 4), (MERELY_RUN, 1))
            for name in names
        }
        targets = [target for plan in (*plans.values(), as_many) for target in plan.targets]
        failed = LocalEngine(self.store, data_paths, ("cpu", "cpu")).run(targets, lambda _: None, Event())
        self.failed = {
            name: {failed[one.key] for one in plan.targets if one.key in failed} for name, plan in plans.items()
        }
        done = {name: read_cell(plan, self.store, "") for name, plan in plans.items() if not self.failed[name]}
        self.cells = dict(zip(done, with_corrected_verdicts(list(done.values()), 0.05), strict=True))
        self.as_many_real = read_cell(as_many, self.store, "")

    @property
    def results(self) -> Results:
        """What a report is made from."""
        return Results(
            suite_version="0",
            profile="planted",
            title="planted",
            evaluate="test",
            cells=tuple(self.cells.values()),
            discriminators=(),
        )


@pytest.fixture(scope="module")
def planted(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Planted]:
    """The run."""
    with pytest.MonkeyPatch.context() as patch:
        assert "folder" in generators
        for name in ("shuffled", "heldback", "copied"):
            patch.setitem(generators._plugins, name, Folder(name))
        yield Planted(tmp_path_factory.mktemp("planted"))


def test_nothing_planted_is_a_test_image(planted: Planted) -> None:
    assert not pixels(planted.test) & (pixels(planted.held_back) | pixels(planted.real))
    assert not pixels(planted.held_back) & pixels(planted.real)
    assert len(planted.real) == 10 * SCARCE
    assert planted.as_many_real.counts is not None
    mixed = planted.cells["heldback-mix"].counts
    assert mixed is not None
    assert abs(sum(planted.as_many_real.counts.real) - sum(mixed.real) - sum(mixed.synthetic)) <= 10, "rounded by class"


def test_shuffled_labels_hurt(planted: Planted) -> None:
    cell = planted.cells["shuffled-syn"]
    assert cell.judgement is not None
    assert cell.judgement.verdict is Verdict.HURTS
    assert cell.mean is not None
    assert cell.mean < 30, "near chance"


def test_held_back_real_images_help_as_much_as_so_many_real_ones(planted: Planted) -> None:
    cell, org, real = planted.cells["heldback-mix"], planted.cells["org"], planted.as_many_real
    assert cell.judgement is not None
    assert cell.judgement.verdict is Verdict.HELPS
    assert cell.comparison is not None
    assert cell.comparison.interval is not None
    assert org.mean is not None
    assert real.mean is not None
    low, high = cell.comparison.interval
    assert 0 < low <= real.mean - org.mean <= high
    assert cell.training_cost is not None
    assert org.training_cost is not None
    assert cell.training_cost.steps == org.training_cost.steps, "not by more steps"


def test_the_training_images_themselves_are_caught_as_copies(planted: Planted) -> None:
    found = {
        (name, metric.partition("(")[0]): value
        for name, cell in planted.cells.items()
        for metric, value in cell.metrics.items()
        if ":train:" in metric
    }
    assert found["copied-mix", "copies"] == 1
    assert found["copied-mix", "authpct"] == 0
    for name in ("heldback-mix", "shuffled-syn"):
        assert found[name, "copies"] < 0.05
        assert found[name, "authpct"] > 20
    (doubt,) = caveats(planted.results)
    assert doubt.text == "digits-copied: 100% of the synthetic images are copies of training images"


def test_a_filter_that_empties_a_class_fails_its_cell_alone(planted: Planted) -> None:
    assert {name for name, reasons in planted.failed.items() if reasons} == {EMPTIED}
    (reason,) = planted.failed[EMPTIED]
    assert "filter no-copies keeps none of the 1 images of class 'zero': generate images that are not copies" in reason
    assert "\n" not in reason
