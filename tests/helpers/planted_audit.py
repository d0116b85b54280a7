"""A folder of synthetic images with planted faults, and its audited cell."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image

from suite.artifacts import DataPaths, Store
from suite.engines.build import build_all
from suite.planning.case import Case, Mode
from suite.planning.case_plan import CasePlan
from suite.planning.planner import Planner
from suite.planning.profiles import Profile
from suite.testing.digits import CLASSES

PER_CLASS, STEPS = 60, 240
CASE = Case(dataset="digits", generator="mine", mode=Mode.SYN)


@dataclass(frozen=True)
class Planted:
    """A built cell whose images are real digits that no classifier is trained on.

    Attributes:
        plan: Its recipes.
        store: Where their artifacts are.
        planner: Planned it.
        moved: File names of the images that are in the folder of another class.
        repeated: File names, without suffix, of the images that were saved twice.
    """

    plan: CasePlan
    store: Store
    planner: Planner
    moved: frozenset[str]
    repeated: frozenset[str]


def planner_of(root: Path, per_class: int) -> Planner:
    """Return a planner of digits with a folder ``mine`` of synthetic images; features are pixels, without weights."""
    settings = {
        "title": "planted",
        "max_seeds": 2,
        "metrics": {"extractors": ["pixels"], "smallest_effect": 2.0},
        "data": {"image_size": 8, "per_class": per_class},
        "filter": {"useful": {"extractor": "pixels"}, "manifold": {"extractor": "pixels"}},
        "classifier": {"resnet18": {"width": 8, "steps": STEPS, "batch_size": 32, "augmentation": []}},
    }
    data_paths = DataPaths(cache=root / "cache", folders={"mine": root / "mine"})
    return Planner(Profile("planted", settings), data_paths, root / "memo")


def plant(root: Path) -> Planted:
    """Build the cell in an empty directory: a tenth of the images have a wrong label, and a few are repeated."""
    store = Store(root / "store")
    store.prepare()
    org, everything = (
        planner_of(root, count).case(Case(dataset="digits", mode=Mode.ORG)) for count in (PER_CLASS, 999)
    )
    build_all(store, [org.real, everything.real])
    used = {image.tobytes() for image in org.real.open(store).images}
    train = everything.real.open(store)
    free = [index for index, image in enumerate(train.images) if image.tobytes() not in used]
    random = np.random.default_rng(0)
    wrong = set(random.choice(free, len(free) // 10, replace=False).tolist())
    moved, repeated = set(), set()
    for number, index in enumerate(free):
        label = int(train.labels[index])
        if index in wrong:
            label = (label + int(random.integers(1, len(CLASSES)))) % len(CLASSES)
        folder = root / "mine" / CLASSES[label]
        folder.mkdir(parents=True, exist_ok=True)
        picture = Image.fromarray(train.images[index])
        picture.save(folder / f"{number}.png")
        if index in wrong:
            moved.add(f"{CLASSES[label]}/{number}.png")
        elif number % 100 == 0:
            picture.save(folder / f"{number}-again.png")
            repeated.add(f"{CLASSES[label]}/{number}")
    planner = planner_of(root, PER_CLASS)
    plan = planner.case(CASE)
    assert plan.audit is not None
    targets = [plan.audit, *(picture.recipe for picture in plan.pictures)]
    data_paths = DataPaths(cache=root / "cache", folders={"mine": root / "mine"})
    build_all(store, targets, data_paths=data_paths)
    return Planted(plan, store, planner, frozenset(moved), frozenset(repeated))
