"""Artifacts of features, statistics and metrics: their content, and what their bytes depend on."""

import subprocess
import sys

import numpy as np
import pytest

from suite.compute import Compute
from suite.engines.build import build_all
from suite.errors import UsageError
from suite.metrics.extractors.extractor import extractors
from suite.metrics.recipes import FEATURES, METRICS, NEIGHBOURS, plan_copying, plan_features, plan_fidelity

HEAVY = ("numpy", "torch", "scipy", "sklearn", "timm", "torch_fidelity")


@pytest.fixture
def measure(store):
    """Return a function that computes the metrics of two sets in pixel space, by the first word of their ids."""

    def measured(synthetic, reference, **options):
        recipe = plan_fidelity(synthetic, reference, "pixels", Compute(), natural=False, side=8, **options)
        entries = build_all(store, [recipe])[0].json(METRICS)
        return {name.split("(")[0]: entry for name, entry in entries.items()}

    return measured


def test_planning_imports_no_heavy_modules():
    code = (
        "import sys, suite.metrics.recipes; from suite.metrics.fidelity.metric import metrics;"
        "from suite.metrics.extractors.extractor import extractors; assert list(metrics) and list(extractors);"
        f"print([name for name in {HEAVY} if name in sys.modules])"
    )
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True).stdout == "[]\n"


def test_features_of_an_image_depend_only_on_the_image(store, random_images):
    """Neither the batch size, nor the number of images, nor their position changes a bit."""
    plans = [
        plan_features(random_images(seed=0, count=count), "efficientnet-lite0", Compute(), side=32).model_copy(
            update={"batch_size": batch}
        )
        for count, batch in ((39, 16), (39, 32), (33, 32))
    ]
    first, second, fewer = (artifact.tensors(FEATURES) for artifact in build_all(store, plans))
    assert first["features"].shape == (39, 1280)
    assert first["logits"].shape == (39, 1000)
    assert first["labels"].tolist() == [index % 2 for index in range(39)]
    for name in ("features", "logits"):
        assert np.array_equal(first[name], second[name])
        assert np.array_equal(first[name][:33], fewer[name])


def test_every_setting_is_in_the_key(random_images):
    plan = plan_features(random_images(seed=0, count=4), "efficientnet-lite0", Compute())
    others = [
        plan_features(random_images(seed=1, count=4), "efficientnet-lite0", Compute()),
        plan_features(random_images(seed=0, count=4), "efficientnet-lite0", Compute(), side=32),
        plan_features(random_images(seed=0, count=4), "efficientnet-lite0", Compute(threads=2)),
        plan_features(random_images(seed=0, count=4), "pixels", Compute()),
        plan.model_copy(update={"weights": "other"}),
    ]
    assert len({plan.key, *(other.key for other in others)}) == 6


def test_unknown_names_are_usage_errors(random_images):
    images = random_images(seed=0, count=4)
    with pytest.raises(UsageError, match=r"unknown extractor 'vgg': choose from .*efficientnet-lite0"):
        plan_features(images, "vgg", Compute())
    with pytest.raises(UsageError, match=r"unknown metric 'ppl': choose from .*kernel-distance"):
        plan_fidelity(images, images, "pixels", Compute(), natural=True, only=("ppl",))


def test_a_metric_id_names_space_reference_and_counts(store, random_images):
    recipe = plan_fidelity(
        random_images(seed=0, count=25),
        random_images(seed=1, count=30),
        "efficientnet-lite0",
        Compute(),
        natural=False,
        side=32,
    )
    entries = build_all(store, [recipe])[0].json(METRICS)
    space = "efficientnet-lite0@32:bilinear:57934424"
    assert f"is({space}):splits=1:n=25" in entries
    assert f"fd({space}):train:n=25/30" in entries
    assert f"precision({space}):train:k=3:n=25/30" in entries
    assert not any(name.startswith("fid") for name in entries)
    assert len({entry["name"] for entry in entries.values()}) == len(entries)
    score = entries[f"is({space}):splits=1:n=25"]
    assert 1 <= score["value"] <= 1000
    assert "not meaningful" in score["note"]


def test_only_one_extractor_gives_fid():
    assert [name for name in extractors if extractors.get(name).literature] == ["inception-v3-compat"]


def test_fid_only_at_the_input_size_of_the_literature(random_images):
    plan = plan_features(random_images(seed=0, count=4), "inception-v3-compat", Compute())
    assert plan.space.frechet == "fid"
    assert plan.model_copy(update={"side": 64}).space.frechet == "fd"


def test_metrics_are_those_of_the_synthetic_set(store, random_images):
    """Regression test: a loop over the wrong paths once measured the reference instead."""
    a, b = random_images(seed=0, count=30), random_images(seed=1, count=30, contrast=3.0)
    forward, backward = (
        plan_fidelity(*pair, "efficientnet-lite0", Compute(), natural=True, side=32, only=("inception-score",))
        for pair in ((a, b), (b, a))
    )
    scores = [
        next(iter(artifact.json(METRICS).values()))["value"] for artifact in build_all(store, [forward, backward])
    ]
    assert scores[0] != scores[1]
    itself = plan_fidelity(a, a, "efficientnet-lite0", Compute(), natural=True, side=32, only=("inception-score",))
    assert next(iter(build_all(store, [itself])[0].json(METRICS).values()))["value"] == scores[0]


def test_precision_and_recall_are_not_swapped(measure, random_images):
    narrow, wide = random_images(seed=0, count=80, contrast=0.2), random_images(seed=1, count=80)
    found = measure(narrow, wide)
    assert found["precision"]["value"] > 0.95
    assert found["recall"]["value"] < 0.1


def test_the_training_images_count_as_copies(measure, random_images):
    train = random_images(seed=0, count=80)
    copied = measure(train, train)
    assert copied["copies"]["value"] == 1
    assert copied["authpct"]["value"] == 0
    assert copied["fd"]["value"] == pytest.approx(0, abs=1e-9)
    held_out = measure(random_images(seed=1, count=80), train)
    assert held_out["copies"]["value"] == 0
    assert held_out["authpct"]["value"] > 25


def test_copies_are_found_in_pixel_space(store, random_images):
    recipe = plan_copying(random_images(seed=0, count=10), random_images(seed=0, count=40), Compute(), size=8)
    artifact = build_all(store, [recipe])[0]
    assert {name.split(":")[0] for name in artifact.json(METRICS)} == {"copies(pixels@8", "authpct(pixels@8"}
    neighbours = artifact.tensors(NEIGHBOURS)
    assert neighbours["index"].tolist() == list(range(10))
    assert not neighbours["distance"].any()


def test_large_images_are_compared_as_thumbnails(random_images):
    images = random_images(seed=0, count=4)
    assert plan_copying(images, images, Compute(), size=224).synthetic.features.side == 16


def test_each_class_is_compared_with_the_same_class(measure, random_images):
    train = random_images(seed=0, count=80, contrast=0.3)
    correct = measure(random_images(seed=1, count=80, contrast=0.3), train)
    swapped = measure(random_images(seed=1, count=80, contrast=0.3, mislabelled=True), train)
    assert len(correct["fd-per-class"]["per_class"]) == 2
    assert correct["fd-per-class"]["value"] == pytest.approx(np.mean(correct["fd-per-class"]["per_class"]))
    assert min(swapped["fd-per-class"]["per_class"]) > 10 * max(correct["fd-per-class"]["per_class"])
    assert swapped["fd"]["value"] == pytest.approx(correct["fd"]["value"], rel=1e-9)


def test_few_images_give_no_value_or_a_note(measure, random_images):
    found = measure(random_images(seed=0, count=12), random_images(seed=1, count=12))
    for metric in ("precision", "recall", "density", "coverage", "two-sample", "fd-infinity", "fd-per-class"):
        assert found[metric]["value"] is None, metric
        assert "refused" in found[metric]["note"], metric
    assert "12 images for 192 dimensions" in found["fd"]["note"]


def test_no_inception_score_without_classes(measure, random_images):
    assert "is" not in measure(random_images(seed=0, count=12), random_images(seed=1, count=12))


def test_the_seed_changes_only_metrics_with_random_numbers(measure, random_images):
    a, b = random_images(seed=0, count=420), random_images(seed=1, count=420)
    first, second = (measure(a, b, seed=seed) for seed in (0, 1))
    changed = {metric for metric in first if first[metric]["value"] != second[metric]["value"]}
    assert changed == {"fd-infinity", "two-sample"}


def test_comparisons_share_features_and_statistics(random_images):
    from suite.engines.build import in_order

    real, held_out = random_images(seed=0, count=30), random_images(seed=1, count=30)
    plans = [
        plan_fidelity(random_images(seed=seed, count=30), reference, "pixels", Compute(), natural=True, split=split)
        for seed in (2, 3)
        for reference, split in ((real, "train"), (held_out, "validation"))
    ]
    steps = [recipe.step for recipe in in_order(*plans)]
    assert steps.count("features") == steps.count("feature-statistics") == 4
    assert steps.count("fidelity") == 4
