"""Accuracies in subgroups, read from predictions: of classes, and of the values of an attribute."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from simulated_predictions import PredictionsWithRecalls, untrained

from suite.artifacts import DataPaths, Store
from suite.datasets.attribute import ImageAttribute, plan_attribute
from suite.datasets.locate import locate
from suite.datasets.real import RealImages, RealSubset
from suite.engines.build import build, build_all
from suite.errors import BadData, UsageError
from suite.statistics.subgroup_recipes import Subgroup, SubgroupAccuracies

EACH = 24
NAMES = ("benign", "malignant")


@pytest.fixture(scope="module")
def photos(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Images of two classes; in the test split, the site of the images of a class changes after half of the files."""
    root, rng, rows = tmp_path_factory.mktemp("data") / "moles", np.random.default_rng(0), ["file,Site,serial"]
    for split, count in (("train", 6), ("test", EACH)):
        for label in NAMES:
            (root / split / label).mkdir(parents=True)
            for index in range(count):
                name = f"{split}/{label}/{index}.png"
                pixels = rng.integers(0, 256, (8, 8, 3), dtype=np.uint8)
                pixels[0, 0] = 255 * (index < count // 2)  # so that the pixels show the site
                Image.fromarray(pixels).save(root / name)
                site = "north" if index < count // 2 else "south" if label == "benign" else ""
                rows.append(f"{name},{site},{split}{label}{index}")
    (root / "metadata.csv").write_text("\n".join(rows))
    return root


@pytest.fixture
def data_paths(photos: Path) -> DataPaths:
    return DataPaths(alone=photos)


@pytest.fixture
def evaluation(data_paths: DataPaths, tmp_path: Path) -> RealSubset:
    content = locate("moles", data_paths, tmp_path / "memo").content
    images = RealImages(dataset="moles", content=content.id, split="test", size=8, per_class=content.test)
    return RealSubset(images=images, part="all", validation=(0, 0), per_class=content.test, seed=0)


def row(*recalls: float, stream: int = 0, seeds: int = 5, each: int = EACH) -> tuple[PredictionsWithRecalls, ...]:
    return tuple(
        PredictionsWithRecalls(**untrained(seed), recalls=recalls, each=each, stream=stream) for seed in range(seeds)
    )


def built(store: Store, recipe: SubgroupAccuracies, data_paths: DataPaths) -> tuple[Subgroup, ...]:
    wanted = [*recipe.case, *recipe.org, recipe.evaluation, *([recipe.attribute] if recipe.attribute else [])]
    build_all(store, wanted, data_paths=data_paths)
    build(store, recipe)
    return recipe.read(store)


def test_recall_of_each_class_with_its_difference(store: Store, evaluation: RealSubset, data_paths: DataPaths) -> None:
    case, org = row(0.9, 0.3, stream=1), row(0.9, 0.95)
    recipe = SubgroupAccuracies(names=NAMES, evaluation=evaluation, grouped=False, case=case, org=org)
    benign, malignant = built(store, recipe, data_paths)
    assert (benign.name, malignant.name, benign.images, malignant.images) == (*NAMES, EACH, EACH)
    for one, label in ((benign, 0), (malignant, 1)):
        means = []
        for arm in (case, org):
            tensors = [prediction.tensors() for prediction in arm]
            right = [t["probabilities"].argmax(1)[t["labels"] == label] == label for t in tensors]
            means.append(100 * np.mean(right))
        assert (one.accuracy, one.org_accuracy) == pytest.approx(means)
        assert one.difference == pytest.approx(means[0] - means[1])
    assert (benign.differs, malignant.differs) == (False, True)
    assert malignant.interval is not None
    assert malignant.interval[1] < 0


def test_attribute_of_every_test_image_in_the_order_of_the_predictions(
    store: Store, evaluation: RealSubset, data_paths: DataPaths
) -> None:
    attribute = plan_attribute("site", evaluation.images, data_paths)
    build_all(store, [attribute, evaluation], data_paths=data_paths)
    names, codes = attribute.of_subset(evaluation, store)
    assert names == ("", "north", "south")
    images = evaluation.open(store)
    is_north = images.images[:, 0, 0, 0] == 255
    expected = np.where(is_north, "north", np.where(images.labels == 0, "south", ""))
    assert [names[code] for code in codes] == expected.tolist()


def test_accuracy_by_attribute_of_a_cell_and_of_org_itself(
    store: Store, evaluation: RealSubset, data_paths: DataPaths
) -> None:
    attribute = plan_attribute("Site", evaluation.images, data_paths)
    fields = {"attribute": attribute, "evaluation": evaluation, "grouped": False}
    found = built(store, SubgroupAccuracies(case=row(0.5, 0.9, stream=1), org=row(0.9, 0.9), **fields), data_paths)
    assert [(one.name, one.images) for one in found] == [("", EACH // 2), ("north", EACH), ("south", EACH // 2)]
    assert all(one.interval is not None and one.difference is not None for one in found)
    assert found[2].accuracy == pytest.approx(50, abs=20)
    alone = built(store, SubgroupAccuracies(case=row(0.9, 0.9), **fields), data_paths)
    assert [(one.accuracy, one.difference) for one in alone] == [(one.org_accuracy, None) for one in found]


def test_a_changed_table_is_noticed(store: Store, evaluation: RealSubset, data_paths: DataPaths) -> None:
    attribute = plan_attribute("site", evaluation.images, data_paths)
    with pytest.raises(BadData, match="changed since the work was planned"):
        build_all(store, [attribute.model_copy(update={"table": "0" * 16})], data_paths=data_paths)


def test_the_key_does_not_depend_on_where_the_files_are(
    evaluation: RealSubset, data_paths: DataPaths, photos: Path, tmp_path: Path
) -> None:
    import shutil

    copy = shutil.copytree(photos, tmp_path / "elsewhere" / "moles")
    here, there = (plan_attribute("site", evaluation.images, paths) for paths in (data_paths, DataPaths(alone=copy)))
    assert isinstance(here, ImageAttribute)
    assert here.key == there.key


def test_a_column_with_a_value_for_every_image_is_refused(evaluation: RealSubset, data_paths: DataPaths) -> None:
    with pytest.raises(UsageError, match="--groups serial: 60 different values in moles, at most 50"):
        plan_attribute("serial", evaluation.images, data_paths)
