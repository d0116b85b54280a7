"""The audit of a synthetic set finds planted faults, and its table has one row an image."""

import csv
import io
import json

import numpy as np
import pytest
from planted_audit import CASE, Planted
from sklearn.metrics import roc_auc_score

from suite.audit.audit import NO_FEATURES, TABLE, AuditSummary
from suite.audit.columns import contradicted, first_equal, mean_probabilities
from suite.classifiers.influence import INFLUENCE
from suite.engines.build import build_all, in_order
from suite.filters.filtered import FilteredImages
from suite.pictures.audited import CAPTIONS, AuditedImages
from suite.planning.case import Mode
from suite.planning.planner import Planner
from suite.planning.profiles import Profile
from suite.results.audit_table import audit_table
from suite.testing.digits import CLASSES

Rows = list[dict[str, str]]

COLUMNS = (
    "index",
    "source",
    "label",
    "predicted",
    "probability",
    "nearest_train_distance",
    "is_copy",
    "duplicate_of",
    "in_manifold",
    "influence",
    "kept_by",
)


@pytest.fixture(scope="session")
def summary(planted: Planted) -> AuditSummary:
    assert planted.plan.audit is not None
    return planted.plan.audit.read(planted.store)


@pytest.fixture(scope="session")
def rows(planted: Planted) -> Rows:
    ((name, content),) = audit_table(planted.plan, planted.store, planted.planner.source_names(planted.plan)).items()
    assert name == "digits-mine-synthetic_images.csv"
    reader = csv.DictReader(io.StringIO(content.decode()))
    assert tuple(reader.fieldnames or ()) == COLUMNS
    return list(reader)


def column(rows: Rows, name: str) -> np.ndarray:
    return np.array([float(row[name]) for row in rows])


def is_moved(planted: Planted, rows: Rows) -> np.ndarray:
    return np.array([row["source"] in planted.moved for row in rows])


def test_every_image_has_a_row_with_the_name_of_its_file(planted: Planted, rows: Rows) -> None:
    assert [int(row["index"]) for row in rows] == list(range(600))
    assert len({row["source"] for row in rows}) == 600
    assert [row["label"] for row in rows] == [row["source"].partition("/")[0] for row in rows]
    assert is_moved(planted, rows).sum() > 50


def test_shuffled_labels_lie_at_the_bottom(planted: Planted, rows: Rows, summary: AuditSummary) -> None:
    moved = is_moved(planted, rows)
    assert roc_auc_score(moved, -column(rows, "probability")) > 0.95
    assert roc_auc_score(moved, -column(rows, "influence")) > 0.9
    assert 0.9 * moved.sum() < sum(summary.contradicted) < 1.1 * moved.sum()
    assert summary.real_contradicted < 0.03 * summary.real_images
    wrong = [row["predicted"] != row["label"] for row in rows]
    assert np.mean([was == is_wrong for was, is_wrong in zip(moved, wrong, strict=True)]) > 0.95


def test_repeated_images_are_named(planted: Planted, rows: Rows, summary: AuditSummary) -> None:
    pairs = [(row["source"], rows[int(row["duplicate_of"])]["source"]) for row in rows if row["duplicate_of"]]
    named = {min(pair, key=len).removesuffix(".png") for pair in pairs}
    assert named == {name for name in planted.repeated if f"{name}-again.png" in {row["source"] for row in rows}}
    assert all(int(row["duplicate_of"]) < int(row["index"]) for row in rows if row["duplicate_of"])
    assert len(pairs) == summary.duplicates > 0


def test_images_of_the_train_split_are_copies(rows: Rows, summary: AuditSummary) -> None:
    """Also those that are not among the training images in use: the leak search reads the whole split."""
    assert {row["is_copy"] for row in rows} == {"yes"}
    assert summary.searched
    assert summary.copies == 600
    assert column(rows, "nearest_train_distance").min() > 0


def test_filters_are_those_that_the_sweep_builds(planted: Planted, rows: Rows, summary: AuditSummary) -> None:
    assert list(summary.filters) == ["agreement", "manifold", "no-copies", "top-k", "useful"]
    store = planted.store
    for name, outcome in summary.filters.items():
        variant = CASE.model_copy(update={"variant": f"filter-{name}"})
        (filtered,) = planted.planner.case(variant).synthetic
        assert isinstance(filtered, FilteredImages)
        indices = build_all(store, [filtered])[0].tensors("indices.safetensors")["indices"].tolist()
        assert [index for index, row in enumerate(rows) if name in row["kept_by"].split()] == indices
        assert outcome.kept == len(indices)
    assert [row["in_manifold"] == "yes" for row in rows] == ["manifold" in row["kept_by"] for row in rows]
    assert [float(row["influence"]) > 0 for row in rows] == ["useful" in row["kept_by"] for row in rows]


def test_agreement_keeps_no_contradicted_label(summary: AuditSummary) -> None:
    assert summary.filters["agreement"].contradicted == 0
    assert summary.filters["no-copies"].contradicted == sum(summary.contradicted)


def test_nothing_is_built_for_the_audit_alone_but_the_influence(planted: Planted) -> None:
    """A filter that keeps no image of a class fails; the audit must not fail with it."""
    audit = planted.plan.audit
    assert audit is not None
    assert not [recipe for recipe in audit.dependencies if isinstance(recipe, FilteredImages)]
    plan = planted.plan
    others = [recipe for recipe in plan.targets if recipe != audit and not isinstance(recipe, AuditedImages)]
    used = {recipe.key for recipe in in_order(*others, *plan.org)}
    assert [recipe.step for recipe in in_order(audit) if recipe.key not in used] == ["influence", "audit"]


def test_training_on_the_images_has_the_same_audit(planted: Planted) -> None:
    mix = planted.planner.case(CASE.model_copy(update={"mode": Mode.MIX}))
    assert mix.audit == planted.plan.audit
    variant = planted.planner.case(CASE.model_copy(update={"variant": "filter-top-k"}))
    assert variant.audit is None
    assert planted.planner.source_names(variant) == ()
    assert audit_table(variant, planted.store, ()) == {}


def test_the_same_bytes_again(planted: Planted) -> None:
    audit, store = planted.plan.audit, planted.store
    assert audit is not None
    recipes = [audit, audit.influence, AuditedImages(audit=audit)]
    before = [store.get(recipe).manifest.files for recipe in recipes if recipe]
    for recipe in recipes:
        assert recipe is not None
        store.discard(recipe.key)
    build_all(store, [recipe for recipe in recipes if recipe])
    assert [store.get(recipe).manifest.files for recipe in recipes if recipe] == before


def test_worst_and_best_images_of_each_class(planted: Planted, rows: Rows) -> None:
    assert planted.plan.audit is not None
    captions = planted.store.get(AuditedImages(audit=planted.plan.audit)).json(CAPTIONS)
    assert len(captions) == 2 * len(CLASSES)
    influence, probability = column(rows, "influence"), column(rows, "probability")
    for label, name in enumerate(CLASSES):
        members = [index for index, row in enumerate(rows) if row["label"] == name]
        ordered = np.sort(probability[members])
        worst, best = ([image["index"] for image in row] for row in captions[2 * label : 2 * label + 2])
        assert probability[worst] == pytest.approx(ordered[:8])
        assert probability[best] == pytest.approx(ordered[::-1][:8])
        assert {*worst, *best} <= {*members}
        first = captions[2 * label][0]
        assert first["influence"] == pytest.approx(influence[worst[0]], rel=1e-2)
        assert CLASSES[first["predicted"]] == rows[worst[0]]["predicted"]
    moved = is_moved(planted, rows)
    assert moved[[image["index"] for row in captions[::2] for image in row]].mean() > 0.6
    assert not moved[[image["index"] for row in captions[1::2] for image in row]].any()


@pytest.fixture
def without_features(planted: Planted) -> Planner:
    """A planner whose metrics have no feature extractor, on the same store."""
    old = planted.planner
    profile = Profile("planted", {**old.profile._base, "metrics": {"extractors": [], "smallest_effect": 2.0}})
    return Planner(profile, old.data_paths, old._memo)


def test_columns_without_features_are_empty_with_the_reason(planted: Planted, without_features: Planner) -> None:
    plan, store = without_features.case(CASE), planted.store
    assert plan.audit is not None
    build_all(store, [plan.audit, AuditedImages(audit=plan.audit)], data_paths=without_features.data_paths)
    summary = plan.audit.read(store)
    assert summary.missing == {"in_manifold": NO_FEATURES, "influence": NO_FEATURES}
    assert list(summary.filters) == ["agreement", "no-copies", "top-k"]
    ((_, content),) = audit_table(plan, store, ()).items()
    table = list(csv.DictReader(io.StringIO(content.decode())))
    assert {(row["in_manifold"], row["influence"], row["source"]) for row in table} == {("", "", "")}
    captions = json.loads(store.get(AuditedImages(audit=plan.audit)).file(CAPTIONS).read_text())
    assert captions[0][0]["influence"] is None
    assert captions[0][0]["probability"] == min(image["probability"] for image in captions[0])


def test_few_real_images_are_enough(planted: Planted) -> None:
    """Some folds have no image of some classes."""
    old = planted.planner
    few = {**old.profile._base, "data": {"image_size": 8, "per_class": 2}}
    few["classifier"] = {"resnet18": {"width": 8, "steps": 2, "batch_size": 8, "augmentation": []}}
    plan = Planner(Profile("few", few), old.data_paths, old._memo).case(CASE)
    assert plan.audit is not None
    build_all(planted.store, [plan.audit], data_paths=old.data_paths)
    summary = plan.audit.read(planted.store)
    assert summary.missing == {}
    assert summary.influence is not None
    assert summary.influence.real_images == 20
    assert np.isfinite(planted.store.get(plan.audit).tensors(TABLE)["influence"]).all()


def test_the_influence_is_that_of_the_filter(planted: Planted) -> None:
    audit = planted.plan.audit
    assert audit is not None
    assert audit.influence is not None
    found = planted.store.get(audit.influence).tensors(INFLUENCE)["influence"]
    assert np.array_equal(planted.store.get(audit).tensors(TABLE)["influence"], found)


def test_a_label_is_contradicted_by_a_probable_other_class() -> None:
    probabilities = np.array([[0.95, 0.05], [0.05, 0.95], [0.2, 0.8], [0.5, 0.5]])
    assert contradicted(probabilities, np.zeros(4, np.int64), 0.9).tolist() == [False, True, False, False]
    assert contradicted(probabilities, np.zeros(4, np.int64), 0.8).tolist() == [False, True, True, False]


def test_probabilities_are_means_over_seeds() -> None:
    mean = mean_probabilities([np.array([[0.2, 0.8]], np.float32), np.array([[0.6, 0.4]], np.float32)])
    assert mean == pytest.approx(np.array([[0.4, 0.6]]))
    assert mean.dtype == np.float64


def test_the_first_of_equal_images_is_named() -> None:
    images = np.zeros((5, 2, 2, 3), np.uint8)
    images[1, 0, 0] = 1
    images[3, 0, 0] = 1
    assert first_equal(images).tolist() == [-1, -1, 0, 1, 0]
    assert first_equal(images[:0]).tolist() == []


def test_file_names_are_part_of_no_key(planted: Planted) -> None:
    assert planted.plan.audit is not None
    assert ".png" not in json.dumps(planted.plan.audit.description)
