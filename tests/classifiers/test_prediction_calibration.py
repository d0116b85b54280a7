"""Calibration of a cell: means over seeds, one temperature, and why there is none."""

from pathlib import Path

import numpy as np
import pytest
from simulated_predictions import CalibratedPredictions, untrained

from suite.artifacts import Store
from suite.classifiers.prediction_calibration import ALL_RIGHT, Calibration, CalibrationOfPredictions
from suite.engines.build import build, build_all
from suite.metrics.calibration import brier_score, expected_calibration_error, fit_temperature, negative_log_likelihood


def predictions(factor: float, stream: int, count: int, *, seeds: int = 2, **fields: bool) -> tuple:
    return tuple(
        CalibratedPredictions(**untrained(seed), factor=factor, stream=stream, count=count, **fields)
        for seed in range(seeds)
    )


def calibration(store: Store, recipe: CalibrationOfPredictions) -> Calibration:
    build_all(store, [*recipe.predictions, *recipe.validation])
    build(store, recipe)
    return recipe.read(store)


def test_scores_are_means_over_seeds(store: Store) -> None:
    tested = predictions(1.5, 0, 400, seeds=3)
    found = calibration(store, CalibrationOfPredictions(predictions=tested, reason="none is left"))
    for name, score in (("ece", expected_calibration_error), ("brier", brier_score), ("nll", negative_log_likelihood)):
        expected = np.mean([score(**one.tensors()) for one in tested])
        assert getattr(found.before, name) == pytest.approx(expected)
    assert sum(bin_.count for bin_ in found.before.reliability) == 3 * 400
    assert (found.after, found.temperature, found.validation_images, found.reason) == (None, None, 0, "none is left")


def test_one_temperature_is_fitted_on_the_validation_predictions_of_all_seeds(store: Store) -> None:
    held_out = predictions(4, 1, 150)
    found = calibration(store, CalibrationOfPredictions(predictions=predictions(4, 0, 2000), validation=held_out))
    together = [one.tensors() for one in held_out]
    expected = fit_temperature(*(np.concatenate([one[name] for one in together]) for name in together[0]))
    assert found.temperature == pytest.approx(expected)
    assert (found.validation_images, found.reason) == (150, "")


def test_an_overconfident_classifier_shows_it_and_is_repaired(store: Store) -> None:
    """The classifier whose logits are multiplied by 4."""
    good, bad = (
        calibration(
            store,
            CalibrationOfPredictions(predictions=predictions(factor, 0, 2000), validation=predictions(factor, 1, 500)),
        )
        for factor in (1, 4)
    )
    assert good.temperature == pytest.approx(1, abs=0.15)
    assert bad.temperature == pytest.approx(4 * (good.temperature or 0), rel=1e-3)
    assert good.before.ece < 0.05
    assert bad.before.ece > 0.15
    assert bad.after is not None
    assert bad.after.ece < 0.06
    assert bad.after.nll < bad.before.nll
    assert bad.after.brier < bad.before.brier
    assert sum(bin_.count * (bin_.confidence - bin_.accuracy) for bin_ in bad.before.reliability) > 0.15 * 2 * 2000


def test_without_a_mistake_on_validation_images_there_is_no_temperature(store: Store) -> None:
    recipe = CalibrationOfPredictions(
        predictions=predictions(1, 0, 100), validation=predictions(1, 1, 30, always_right=True)
    )
    found = calibration(store, recipe)
    assert (found.after, found.temperature, found.reason) == (None, None, ALL_RIGHT)


def test_built_twice_gives_the_same_bytes(tmp_path: Path) -> None:
    recipe = CalibrationOfPredictions(predictions=predictions(2, 0, 100), validation=predictions(2, 1, 50))
    manifests = []
    for name in ("one", "two"):
        store = Store(tmp_path / name)
        store.prepare()
        calibration(store, recipe)
        manifests.append(store.get(recipe).manifest)
    assert manifests[0] == manifests[1]
