"""Resamples of linear probes: paired over training sets, different from each other."""

from collections.abc import Callable

import numpy as np
import pytest
from simple_recipes import Painted

from suite.artifacts import DataPaths, Store
from suite.classifiers import logistic_regression
from suite.classifiers.classifier import HISTORY, PREDICTIONS, SUMMARY
from suite.classifiers.linear_probe import PROBES, LinearProbe
from suite.classifiers.logistic_regression import LogisticRegression
from suite.classifiers.plugins.linear_probe import FrozenFeatures
from suite.compute import Compute
from suite.engines.build import build_all
from suite.images import ImageSet, Mixture
from suite.metrics.recipes import FEATURES
from suite.testing.digits import digits

REAL, MORE = digits(8, 8, 8), digits(6, 6, 6, part="validation")
TEST = digits(5, 5, 5)


def probe(training_set: ImageSet) -> LinearProbe:
    plugin = FrozenFeatures()
    settings = plugin.configure({"side": 32, "strengths": (0.01,)}, DataPaths())
    return plugin.train(training_set, settings, classes=3, size=8, seed=0, compute=Compute())


@pytest.fixture
def drawn(store: Store, monkeypatch: pytest.MonkeyPatch) -> Callable[[LinearProbe], list[np.ndarray]]:
    """Return a function that builds resamples and returns the weights of every fit."""

    fit = logistic_regression.fit

    def weights_of(recipe: LinearProbe) -> list[np.ndarray]:
        weights: list[np.ndarray] = []

        def recorded(features: np.ndarray, labels: np.ndarray, *args: object, **options: object) -> object:
            if options.get("weights") is not None:  # only images that are drawn at least once
                weights.append(np.asarray(options["weights"]))
            return fit(features, labels, *args, **options)

        monkeypatch.setattr(logistic_regression, "fit", recorded)
        build_all(store, [recipe.resampled_predictions(TEST)])
        return weights

    return weights_of


def test_both_arms_get_the_same_resample_of_the_real_images(drawn: Callable[[LinearProbe], list[np.ndarray]]) -> None:
    org, mix = drawn(probe(REAL)), drawn(probe(Mixture(parts=(REAL, MORE))))
    assert len(org) == len(mix) == 20
    for alone, mixed in zip(org, mix, strict=True):
        assert mixed[: len(alone)].tolist() == alone.tolist()
        assert (alone.sum(), mixed.sum()) == (24, 42)
    assert len({one.tobytes() for one in org}) > 10


def test_the_final_fit_uses_all_images_and_the_summary_that_of_the_full_fit(store: Store) -> None:
    recipe = probe(Mixture(parts=(REAL, MORE)))
    predictions, resampled = recipe.predictions(TEST), recipe.resampled_predictions(TEST)
    build_all(store, [predictions, resampled])
    history = store.get(recipe).json(HISTORY)
    assert history["images_seen"] == 42 * history["steps"]
    assert history["parameters"] == 3 * (1280 + 1)
    assert history["strength"] == 0.01
    assert store.get(predictions).json(SUMMARY)["n"] == 15
    assert store.get(resampled).tensors(PREDICTIONS)["predicted"].shape == (20, 15)


def test_resamples_are_fitted_once_for_all_test_images(store: Store) -> None:
    recipe = probe(REAL)
    test, other = recipe.resampled_predictions(TEST), recipe.resampled_predictions(MORE)
    assert test.probes.key == other.probes.key
    build_all(store, [test, other])
    fits = store.get(test.probes).tensors(PROBES)
    assert {name: values.shape for name, values in fits.items()} == {
        "coefficients": (20, 3, 1280),
        "intercepts": (20, 3),
        "mean": (20, 1280),
        "std": (20, 1280),
    }
    features = store.get(test.features).tensors(FEATURES)["features"]
    last = LogisticRegression(**{name: values[-1] for name, values in fits.items()}, iterations=0)
    predicted = store.get(test).tensors(PREDICTIONS)["predicted"]
    assert predicted[-1].tolist() == last.probabilities(features).argmax(axis=1).tolist()
    assert store.get(other).tensors(PREDICTIONS)["predicted"].shape == (20, 18)


def test_features_of_a_part_are_shared_by_all_training_sets() -> None:
    assert probe(REAL).features[0].key == probe(Mixture(parts=(REAL, MORE))).features[0].key
    assert probe(Painted(per_class=(2, 2, 2))).features[0].key != probe(REAL).features[0].key
