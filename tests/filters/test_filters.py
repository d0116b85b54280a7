"""The images that each filter keeps, compared with a computation by hand."""

from collections.abc import Callable

import numpy as np
import pytest
from simple_recipes import Painted

from suite.artifacts import DataPaths, Store
from suite.classifiers.classifier import PREDICTIONS
from suite.classifiers.influence import INFLUENCE
from suite.engines.build import build_all
from suite.errors import UsageError
from suite.filters.filter import Candidates, filters
from suite.filters.filtered import FilteredImages
from suite.images import ImageSet, Mixture

ApplyFilter = Callable[..., list[int]]
MakeImages = Callable[[int, int], ImageSet]


@pytest.fixture
def label_probabilities(
    store: Store, candidates: Callable[[ImageSet], Candidates]
) -> Callable[[ImageSet], list[float]]:
    """Return a function that returns the classifier's probability of the label of each image."""

    def predict(images: ImageSet) -> list[float]:
        predictions = build_all(store, [candidates(images).org])[0].tensors(PREDICTIONS)
        pairs = zip(predictions["probabilities"], predictions["labels"], strict=True)
        return [float(row[label]) for row, label in pairs]

    return predict


def test_agreement_drops_mislabelled_images(store: Store, kept: ApplyFilter, mislabelled: MakeImages) -> None:
    images = mislabelled(10, 3)
    found = kept("agreement", images)
    assert found == [index for index in range(30) if index % 10 >= 3]
    labels = images.open(store).labels
    assert np.array_equal(labels[found], np.repeat([0, 1, 2], 7))


def test_agreement_drops_images_below_the_minimum_confidence(
    kept: ApplyFilter, mislabelled: MakeImages, label_probabilities: Callable[[ImageSet], list[float]]
) -> None:
    images = mislabelled(10, 2)
    probabilities = label_probabilities(images)
    median = min(
        sorted(probabilities[start : start + 10])[5] for start in (0, 10, 20)
    )  # so that no class becomes empty
    found = kept("agreement", images, confidence=median)
    assert found == [index for index, probability in enumerate(probabilities) if probability >= median]
    assert 0 < len(found) < len(kept("agreement", images, confidence=0.0)) == 24


def test_top_k_keeps_the_most_probable_images_of_each_class_in_equal_numbers(
    store: Store,
    kept: ApplyFilter,
    plan: Callable[..., FilteredImages],
    label_probabilities: Callable[[ImageSet], list[float]],
) -> None:
    images = Painted(per_class=(5, 12, 8), seed=1)
    recipe = plan("top-k", images, share=0.8)
    assert recipe.counts == (4, 4, 4), "known before the build"
    found, probabilities = kept("top-k", images, share=0.8), label_probabilities(images)
    labels = images.open(store).labels
    assert recipe.open(store).counts(3) == (4, 4, 4)
    for label in range(3):
        members = np.flatnonzero(labels == label).tolist()
        best = sorted(members, key=lambda index: -probabilities[index])[:4]
        assert sorted(best) == [index for index in found if index in members]


def test_top_k_keeps_at_least_one_image(plan: Callable[..., FilteredImages]) -> None:
    assert plan("top-k", Painted(per_class=(1, 9, 9)), share=0.1).counts == (1, 1, 1)


def test_no_copies_drops_copies_of_training_images(kept: ApplyFilter, real: ImageSet) -> None:
    both = Mixture(parts=(Painted(per_class=(4, 4, 4), seed=1), real))
    assert kept("no-copies", both) == list(range(12))
    assert len(kept("no-copies", both, within=0.0)) == 12, "exact copies are copies for any value of within"


def test_no_copies_finds_the_copies_that_the_metric_counts(
    store: Store, kept: ApplyFilter, plan: Callable[..., FilteredImages]
) -> None:
    from suite.metrics.recipes import METRICS

    images = Painted(
        per_class=(9, 9, 9), noise=20
    )  # the noise of the real images, weaker: some are closer to real images than these to each other
    found = kept("no-copies", images)
    measured = store.get(plan("no-copies", images).copying).json(METRICS)  # type: ignore[attr-defined]
    share = next(entry["value"] for name, entry in measured.items() if name.startswith("copies"))
    assert share == pytest.approx(1 - len(found) / 27)


def test_manifold_keeps_images_in_a_ball_of_a_real_image(store: Store, kept: ApplyFilter, real: ImageSet) -> None:
    images = Mixture(parts=(Painted(per_class=(6, 6, 6), seed=1), Painted(per_class=(6, 6, 6), seed=1, noise=200)))
    found = kept("manifold", images, extractor="pixels")
    synthetic, reference = (
        data.open(store).images.reshape(-1, 192).astype(np.float64) / 255 for data in (images, real)
    )
    distances = np.linalg.norm(reference[:, None] - reference, axis=2)
    radii = np.sort(distances, axis=1)[:, 3]
    inside = (np.linalg.norm(synthetic[:, None] - reference, axis=2) <= radii).any(axis=1)
    assert found == np.flatnonzero(inside).tolist()
    assert 0 < len(found) <= 18, "images with three times the noise lie outside"


def test_useful_keeps_the_images_with_a_positive_influence_and_drops_wrong_labels(
    store: Store, kept: ApplyFilter, plan: Callable[..., FilteredImages], mislabelled: MakeImages
) -> None:
    images = mislabelled(10, 3)
    found = kept("useful", images, extractor="pixels")
    influence = store.get(plan("useful", images, extractor="pixels").influence).tensors(INFLUENCE)["influence"]  # type: ignore[attr-defined]
    assert found == np.flatnonzero(influence > 0).tolist()
    assert len([index for index in found if index % 10 < 3]) <= 3, "of 9 with a wrong label"
    assert len([index for index in found if index % 10 >= 3]) >= 20, "of 21 others"


def test_invalid_settings_are_refused() -> None:
    for name, setting in (("agreement", "confidence"), ("top-k", "share"), ("no-copies", "within")):
        with pytest.raises(UsageError, match=f"filter {name}, setting {setting}: Input should be"):
            filters.get(name).configure({setting: -1.0}, DataPaths())
    with pytest.raises(UsageError, match="filter top-k, setting k: Extra inputs"):
        filters.get("top-k").configure({"k": 3}, DataPaths())
    with pytest.raises(UsageError, match=r"unknown extractor 'vgg': choose from .*pixels"):
        filters.get("manifold").configure({"extractor": "vgg"}, DataPaths())
    with pytest.raises(UsageError, match=r"unknown filter 'depth': choose from agreement, .*, top-k, useful"):
        filters.get("depth")
