"""Which validation images a temperature is fitted on, and the reason where there are none."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from suite.artifacts import DataPaths, Store
from suite.classifiers.linear_probe import ProbePredictions
from suite.datasets.locate import locate
from suite.datasets.real import INDICES
from suite.engines.build import build_all
from suite.errors import UsageError
from suite.planning.budget_overrides import BudgetOverrides
from suite.planning.case import Case, Mode
from suite.planning.planner import Planner
from suite.planning.profiles import load_profile

ORG = Case(dataset="digits", mode=Mode.ORG)
MIX = Case(dataset="digits", generator="cd", mode=Mode.MIX)


@pytest.fixture(scope="module")
def memo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("memo")
    locate("digits", DataPaths(), folder)
    return folder


@pytest.fixture
def planner(memo: Path) -> Callable[..., Planner]:
    def make(**overrides: object) -> Planner:
        return Planner(load_profile("smoke"), DataPaths(), memo, BudgetOverrides(**overrides))  # type: ignore[arg-type]

    return make


MakePhotos = Callable[..., Path]


@pytest.fixture
def make_photos(tmp_path: Path) -> MakePhotos:
    """Make images in two classes; a group has ``group`` images, 0 for no groups, and the sites alternate."""

    def make(group: int = 0) -> Path:
        rng = np.random.default_rng(0)
        root, rows = tmp_path / "photos", ["file,lesion_id,Imaging Site"]
        for split, count in (("train", 24), ("test", 6)):
            for label in "ab":
                (root / split / label).mkdir(parents=True)
                for index in range(count):
                    name = f"{split}/{label}/{index}.png"
                    Image.fromarray(rng.integers(0, 256, (8, 8, 3), dtype=np.uint8)).save(root / name)
                    lesion = f"{split}{label}{index // group}" if group else ""
                    rows.append(f"{name},{lesion},{('north', 'south', '')[index % 3]}")
        (root / "metadata.csv").write_text("\n".join(rows))
        return root

    return make


def photo_planner(photos: Path, **overrides: object) -> Planner:
    data_paths = DataPaths(alone=photos)
    return Planner(load_profile("smoke"), data_paths, photos.parent / "memo", BudgetOverrides(**overrides))  # type: ignore[arg-type]


PHOTOS = Case(dataset="photos", mode=Mode.ORG)


@pytest.mark.parametrize("classifier", ["resnet18", "linear-probe"])
@pytest.mark.parametrize("case", [ORG, MIX])
def test_the_trained_classifiers_predict_on_the_validation_part_of_train(
    planner: Callable[..., Planner], case: Case, classifier: str
) -> None:
    plan = planner(classifier=classifier).case(case)
    validation = plan.calibration.validation
    assert plan.calibration.predictions == plan.predictions
    assert [one.classifier for one in validation] == [*plan.classifiers]
    images = {one.images for one in validation}
    (held_out,) = images
    assert (held_out.part, held_out.images.split, held_out.counts) == ("validation", "train", plan.real.validation)
    assert held_out.key == planner(evaluate="validation").case(ORG).evaluation.key
    assert isinstance(validation[0], ProbePredictions) == (classifier == "linear-probe")
    assert plan.calibration in plan.targets


def test_reasons_without_validation_images(planner: Callable[..., Planner], make_photos: MakePhotos) -> None:
    tuned = planner(evaluate="validation").case(ORG).calibration
    assert (tuned.validation, tuned.reason) == ((), "the evaluation images are the validation images")
    every = photo_planner(make_photos(), all_images=True).case(PHOTOS).calibration
    assert (every.validation, every.reason) == (
        (),
        "all training images are trained on, none is left for validation",
    )


@pytest.mark.parametrize(("group", "fits"), [(1, True), (2, True), (12, False)])
def test_groups_that_are_too_large_for_the_validation_part_are_a_reason(
    make_photos: MakePhotos, group: int, fits: bool
) -> None:
    """Selecting them would fail, and the cell with it."""
    recipe = photo_planner(make_photos(group)).case(PHOTOS).calibration
    assert bool(recipe.validation) == fits
    assert recipe.reason == ("" if fits else "a class has no group of images that is small enough for validation")


def test_a_validation_part_that_is_planned_with_groups_can_be_built(make_photos: MakePhotos, store: Store) -> None:
    planner = photo_planner(make_photos(2))
    (images,) = {one.images for one in planner.case(PHOTOS).calibration.validation}
    (artifact,) = build_all(store, [images], data_paths=planner.data_paths)
    assert len(artifact.tensors(INDICES)["indices"]) == 4


def test_without_groups_option_no_key_changes(make_photos: MakePhotos) -> None:
    photos = make_photos()
    plain, by_site = (photo_planner(photos, groups=groups).case(PHOTOS) for groups in (None, "imaging site"))
    assert plain.by_attribute is None
    assert by_site.by_attribute is not None
    added = {recipe.key for recipe in by_site.targets} - {recipe.key for recipe in plain.targets}
    assert added == {by_site.by_attribute.key}


def test_a_dataset_without_the_column(planner: Callable[..., Planner], make_photos: MakePhotos) -> None:
    plan = planner(groups="site").case(ORG)
    assert plan.by_attribute is None
    assert "--groups site: digits has no metadata.csv" in plan.notes
    with pytest.raises(UsageError, match="--groups site: no such column in metadata\\.csv: its columns are 'file'"):
        photo_planner(make_photos(), groups="site").case(PHOTOS)
