"""Features, statistics and metrics as artifacts: whose they are, and that their bytes depend on nothing else."""

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
    """Metrics of one set against another in pixel space, by the word that their ids begin with."""

    def measured(synthetic, reference, **more):
        recipe = plan_fidelity(synthetic, reference, "pixels", Compute(), natural=False, side=8, **more)
        entries = build_all(store, [recipe])[0].json(METRICS)
        return {name.split("(")[0]: entry for name, entry in entries.items()}

    return measured


def test_planning_is_light():
    code = (
        "import sys, suite.metrics.recipes; from suite.metrics.fidelity.metric import metrics;"
        "from suite.metrics.extractors.extractor import extractors; assert list(metrics) and list(extractors);"
        f"print([name for name in {HEAVY} if name in sys.modules])"
    )
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True).stdout == "[]\n"


def test_features_of_an_image_depend_on_nothing_but_the_image(store, drawn):
    """Neither the batch size, nor how many images there are, nor where they stand changes a bit."""
    plans = [
        plan_features(drawn(seed=0, count=count), "efficientnet-lite0", Compute(), side=32).model_copy(
            update={"batch_size": batch}
        )
        for count, batch in ((39, 16), (39, 32), (33, 32))
    ]
    first, second, fewer = (made.tensors(FEATURES) for made in build_all(store, plans))
    assert first["features"].shape == (39, 1280)
    assert first["logits"].shape == (39, 1000)
    assert first["labels"].tolist() == [index % 2 for index in range(39)]
    for name in ("features", "logits"):
        assert np.array_equal(first[name], second[name])
        assert np.array_equal(first[name][:33], fewer[name])


def test_every_setting_is_in_the_key(drawn):
    plan = plan_features(drawn(seed=0, count=4), "efficientnet-lite0", Compute())
    others = [
        plan_features(drawn(seed=1, count=4), "efficientnet-lite0", Compute()),
        plan_features(drawn(seed=0, count=4), "efficientnet-lite0", Compute(), side=32),
        plan_features(drawn(seed=0, count=4), "efficientnet-lite0", Compute(threads=2)),
        plan_features(drawn(seed=0, count=4), "pixels", Compute()),
        plan.model_copy(update={"weights": "other"}),
    ]
    assert len({plan.key, *(other.key for other in others)}) == 6


def test_unknown_names_are_usage_errors(drawn):
    images = drawn(seed=0, count=4)
    with pytest.raises(UsageError, match=r"unknown extractor 'vgg': choose from .*efficientnet-lite0"):
        plan_features(images, "vgg", Compute())
    with pytest.raises(UsageError, match=r"unknown metric 'ppl': choose from .*kernel-distance"):
        plan_fidelity(images, images, "pixels", Compute(), natural=True, only=("ppl",))


def test_a_number_says_what_it_is(store, drawn):
    recipe = plan_fidelity(
        drawn(seed=0, count=25), drawn(seed=1, count=30), "efficientnet-lite0", Compute(), natural=False, side=32
    )
    entries = build_all(store, [recipe])[0].json(METRICS)
    where = "efficientnet-lite0@32:bilinear:57934424"
    assert f"is({where}):splits=1:n=25" in entries
    assert f"fd({where}):train:n=25/30" in entries
    assert f"precision({where}):train:k=3:n=25/30" in entries
    assert not any(name.startswith("fid") for name in entries)
    assert len({entry["name"] for entry in entries.values()}) == len(entries)
    score = entries[f"is({where}):splits=1:n=25"]
    assert 1 <= score["value"] <= 1000
    assert "not meaningful" in score["note"]


def test_fid_is_the_name_of_literatures_space_only():
    assert [name for name in extractors if extractors.get(name).literature] == ["inception-v3-compat"]


def test_fid_only_at_literatures_size(drawn):
    from suite.metrics.set_comparison import space

    plan = plan_features(drawn(seed=0, count=4), "inception-v3-compat", Compute())
    assert space(plan).frechet == "fid"
    assert space(plan.model_copy(update={"side": 64})).frechet == "fd"


def test_metrics_are_those_of_the_synthetic_set(store, drawn):
    """Not of the reference, which a loop over all paths but the first once measured in its place."""
    a, b = drawn(seed=0, count=30), drawn(seed=1, count=30, contrast=3.0)
    there, back = (
        plan_fidelity(*pair, "efficientnet-lite0", Compute(), natural=True, side=32, only=("inception-score",))
        for pair in ((a, b), (b, a))
    )
    scores = [next(iter(made.json(METRICS).values()))["value"] for made in build_all(store, [there, back])]
    assert scores[0] != scores[1]
    alone = plan_fidelity(a, a, "efficientnet-lite0", Compute(), natural=True, side=32, only=("inception-score",))
    assert next(iter(build_all(store, [alone])[0].json(METRICS).values()))["value"] == scores[0]


def test_precision_and_recall_are_not_swapped(measure, drawn):
    tight, wide = drawn(seed=0, count=80, contrast=0.2), drawn(seed=1, count=80)
    found = measure(tight, wide)
    assert found["precision"]["value"] > 0.95
    assert found["recall"]["value"] < 0.1


def test_the_training_images_themselves_are_copies(measure, drawn):
    train = drawn(seed=0, count=80)
    copied = measure(train, train)
    assert copied["copies"]["value"] == 1
    assert copied["authpct"]["value"] == 0
    assert copied["fd"]["value"] == pytest.approx(0, abs=1e-9)
    held_back = measure(drawn(seed=1, count=80), train)
    assert held_back["copies"]["value"] == 0
    assert held_back["authpct"]["value"] > 25


def test_copies_are_found_among_the_pixels(store, drawn):
    recipe = plan_copying(drawn(seed=0, count=10), drawn(seed=0, count=40), Compute(), size=8)
    made = build_all(store, [recipe])[0]
    assert {name.split(":")[0] for name in made.json(METRICS)} == {"copies(pixels@8", "authpct(pixels@8"}
    neighbours = made.tensors(NEIGHBOURS)
    assert neighbours["index"].tolist() == list(range(10))
    assert not neighbours["distance"].any()


def test_large_images_are_compared_as_thumbnails(drawn):
    images = drawn(seed=0, count=4)
    assert plan_copying(images, images, Compute(), size=224).synthetic.features.side == 16


def test_classes_are_compared_with_their_own(measure, drawn):
    train = drawn(seed=0, count=80, contrast=0.3)
    right = measure(drawn(seed=1, count=80, contrast=0.3), train)
    wrong = measure(drawn(seed=1, count=80, contrast=0.3, mislabelled=True), train)
    assert len(right["fd-per-class"]["per_class"]) == 2
    assert right["fd-per-class"]["value"] == pytest.approx(np.mean(right["fd-per-class"]["per_class"]))
    assert min(wrong["fd-per-class"]["per_class"]) > 10 * max(right["fd-per-class"]["per_class"])
    assert wrong["fd"]["value"] == pytest.approx(right["fd"]["value"], rel=1e-9)


def test_few_images_are_refused_or_qualified(measure, drawn):
    found = measure(drawn(seed=0, count=12), drawn(seed=1, count=12))
    for word in ("precision", "recall", "density", "coverage", "two-sample", "fd-infinity", "fd-per-class"):
        assert found[word]["value"] is None, word
        assert "refused" in found[word]["note"], word
    assert "12 images for 192 dimensions" in found["fd"]["note"]


def test_no_inception_score_without_classes(measure, drawn):
    assert "is" not in measure(drawn(seed=0, count=12), drawn(seed=1, count=12))


def test_the_seed_changes_what_is_drawn_and_nothing_else(measure, drawn):
    a, b = drawn(seed=0, count=420), drawn(seed=1, count=420)
    first, second = (measure(a, b, seed=seed) for seed in (0, 1))
    changed = {word for word in first if first[word]["value"] != second[word]["value"]}
    assert changed == {"fd-infinity", "two-sample"}


def test_one_artifact_of_features_and_statistics_serves_every_comparison(drawn):
    from suite.engines.build import in_order

    real, held_back = drawn(seed=0, count=30), drawn(seed=1, count=30)
    plans = [
        plan_fidelity(drawn(seed=seed, count=30), reference, "pixels", Compute(), natural=True, split=split)
        for seed in (2, 3)
        for reference, split in ((real, "train"), (held_back, "validation"))
    ]
    steps = [recipe.step for recipe in in_order(*plans)]
    assert steps.count("features") == steps.count("feature-statistics") == 4
    assert steps.count("fidelity") == 4
