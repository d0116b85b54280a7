"""NetworkPredictions and their summary."""

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from simple_recipes import Painted
from sklearn.metrics import f1_score, roc_auc_score

from suite.artifacts import Store
from suite.classifiers import prediction
from suite.classifiers.classifier import PREDICTIONS, SUMMARY
from suite.classifiers.network import NetworkPredictions, TrainedNetwork
from suite.classifiers.prediction import summarise_predictions
from suite.compute import Compute
from suite.engines.build import build_all


def one_hot(predicted: list[int], classes: int) -> np.ndarray:
    return np.eye(classes, dtype=np.float32)[predicted]


def test_the_summary_equals_values_computed_by_hand() -> None:
    labels = np.array([0, 0, 0, 0, 1, 1, 2], dtype=np.int64)
    summary = summarise_predictions(one_hot([0, 0, 0, 1, 1, 0, 0], 3), labels)
    assert summary["n"] == 7
    assert summary["accuracy"] == pytest.approx(100 * 4 / 7)
    assert summary["per_class"] == [75.0, 50.0, 0.0]
    assert summary["balanced_accuracy"] == pytest.approx(125 / 3)
    assert summary["auroc"] is None


def test_auroc_equals_a_value_computed_by_hand() -> None:
    scores = np.array([0.1, 0.4, 0.35, 0.8], dtype=np.float32)
    summary = summarise_predictions(np.stack([1 - scores, scores], 1), np.array([0, 0, 1, 1], dtype=np.int64))
    assert summary["auroc"] == pytest.approx(0.75)  # 3 of the 4 pairs of a negative and a positive are ranked correctly


@pytest.mark.parametrize("classes", [2, 5])
def test_f1_and_auroc_agree_with_scikit_learn(classes: int) -> None:
    random = np.random.default_rng(classes)
    labels = random.integers(classes, size=200)
    probabilities = random.dirichlet(np.ones(classes) + 2 * np.eye(classes)[labels].mean(0), 200).astype(np.float32)
    summary = summarise_predictions(probabilities, labels)
    macro = f1_score(labels, probabilities.argmax(1), average="macro")
    assert summary["macro_f1"] == pytest.approx(100 * macro)
    auroc = roc_auc_score(labels, probabilities[:, 1]) if classes == 2 else None
    assert summary["auroc"] == pytest.approx(auroc)


def test_a_class_without_images_has_no_accuracy() -> None:
    summary = summarise_predictions(one_hot([0, 0], 2), np.array([0, 0], dtype=np.int64))
    assert summary["per_class"] == [100.0, None]
    assert summary["balanced_accuracy"] == 100.0
    assert summary["auroc"] is None


@given(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3)), min_size=1, max_size=40))
def test_accuracy_is_the_mean_over_classes_weighted_by_class_size(pairs: list[tuple[int, int]]) -> None:
    predicted, labels = (list(column) for column in zip(*pairs, strict=True))
    summary = summarise_predictions(one_hot(predicted, 4), np.array(labels, dtype=np.int64))
    per_class: list[float | None] = summary["per_class"]  # type: ignore[assignment]
    total = sum((value or 0) * labels.count(label) for label, value in enumerate(per_class))
    assert summary["accuracy"] == pytest.approx(total / len(labels))


def test_a_prediction_does_not_depend_on_the_number_of_images(
    store: Store, classifier: Callable[..., TrainedNetwork], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(prediction, "PREDICTION_BATCH_SIZE", 8)
    trained = classifier()
    few, many = (
        NetworkPredictions(classifier=trained, images=Painted(per_class=(n, 0, 0), seed=3), compute=Compute())
        for n in (5, 21)
    )
    build_all(store, [few, many])
    first, second = (store.get(recipe).tensors(PREDICTIONS)["probabilities"] for recipe in (few, many))
    images = [recipe.images.open(store).images for recipe in (few, many)]
    assert np.array_equal(images[0], images[1][:5])
    assert first.shape == (5, 3)
    assert np.array_equal(first, second[:5])


def test_predictions_are_probabilities_in_the_order_of_the_images(
    store: Store, classifier: Callable[..., TrainedNetwork]
) -> None:
    recipe = NetworkPredictions(
        classifier=classifier(epochs=8), images=Painted(per_class=(4, 3, 2), seed=2), compute=Compute()
    )
    artifact = build_all(store, [recipe])[0]
    tensors = artifact.tensors(PREDICTIONS)
    assert tensors["probabilities"].dtype == np.float32
    assert tensors["probabilities"].sum(1) == pytest.approx(1, abs=1e-5)
    assert tensors["labels"].tolist() == [0] * 4 + [1] * 3 + [2] * 2
    assert artifact.json(SUMMARY) == summarise_predictions(tensors["probabilities"], tensors["labels"])
