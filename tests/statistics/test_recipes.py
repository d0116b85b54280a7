"""The recipes of the statistics, on simulated predictions in a store."""

from pathlib import Path
from typing import ClassVar

import numpy as np
import pytest
from pydantic import ValidationError

from suite.artifacts import BuildContext, Store
from suite.classifiers.recipes import Classifier, Predictions
from suite.classifiers.settings import PREDICTIONS, ClassifierSettings
from suite.compute import Compute
from suite.engines.build import build_all
from suite.errors import BadData
from suite.images import ImageSet
from suite.images.labelled import LabelledImages
from suite.statistics.recipes import COMPARISON, SUMMARY, Comparison, Summary
from suite.statistics.summaries import Difference, MeanAccuracy
from suite.statistics.verdict import Verdict, judge

IMAGES = 300
CLASSES = 4


class NoImages(ImageSet):
    """An image set that is never opened, because the predictions are simulated."""

    step: ClassVar[str] = "no-images"
    version: ClassVar[int] = 1

    @property
    def counts(self) -> None:
        return None

    def open(self, store: Store) -> LabelledImages:
        raise NotImplementedError

    def build(self, context: BuildContext) -> None:
        context.write_json("none.json", {})


class UntrainedClassifier(Classifier):
    """A classifier that is never trained."""

    step: ClassVar[str] = "untrained-classifier"

    def open(self, store: Store) -> LabelledImages:
        raise NotImplementedError

    def build(self, context: BuildContext) -> None:
        context.write_json("none.json", {})


class SimulatedPredictions(Predictions):
    """Predictions that are correct with a given probability.

    Attributes:
        accuracy: Probability of a correct prediction.
        test_set: Seed of the labels.
        stream: Number of the random stream, different for case and org.
    """

    step: ClassVar[str] = "simulated-predictions"

    accuracy: float
    test_set: int = 0
    stream: int = 0

    def build(self, context: BuildContext) -> None:
        labels = np.random.default_rng(self.test_set).integers(0, CLASSES, IMAGES)
        rng = np.random.default_rng((self.classifier.seed, self.stream))
        predicted = np.where(rng.random(IMAGES) < self.accuracy, labels, (labels + 1) % CLASSES)
        probabilities = np.full((IMAGES, CLASSES), 0.1, np.float32)
        probabilities[np.arange(IMAGES), predicted] = 0.7
        context.write_tensors(PREDICTIONS, {"probabilities": probabilities, "labels": labels})


def row(accuracy: float, *, seeds: int = 3, stream: int = 0, test_set: int = 0) -> tuple[SimulatedPredictions, ...]:
    """Return predictions for each classifier seed."""
    return tuple(
        SimulatedPredictions(
            classifier=UntrainedClassifier(
                training_set=NoImages(), classes=CLASSES, settings=ClassifierSettings(), seed=seed, compute=Compute()
            ),
            images=NoImages(),
            compute=Compute(),
            accuracy=accuracy,
            stream=stream,
            test_set=test_set,
        )
        for seed in range(seeds)
    )


def compared(
    store: Store, case: tuple[tuple[SimulatedPredictions, ...], ...], org: tuple[SimulatedPredictions, ...]
) -> Difference:
    (artifact,) = build_all(store, [Comparison(case=case, org=org, smallest_effect=2.0)])
    return Difference.model_validate(artifact.json(COMPARISON))


def test_verdicts_on_simulated_predictions(store: Store) -> None:
    org = row(0.9)
    worse = compared(store, (row(0.6, stream=1),), org)
    better = compared(store, (row(0.99, stream=2),), row(0.6))
    judgements = judge({"worse": worse, "better": better}, 0.05)
    assert judgements["worse"].verdict is Verdict.HURTS
    assert judgements["better"].verdict is Verdict.HELPS
    assert worse.difference == pytest.approx(-30, abs=4)
    assert worse.n_images == IMAGES


def test_generator_seeds_are_counted_separately(store: Store) -> None:
    found = compared(store, (row(0.7, stream=1), row(0.75, stream=2)), row(0.9))
    assert (found.n_generator_seeds, found.n_seeds) == (2, 3)
    assert found.design.startswith("2 generator seeds x 3 classifier seeds")


def test_summary_agrees_with_the_comparison(store: Store) -> None:
    case, org = (row(0.7, stream=1),), row(0.9)
    case_summary, org_summary = (
        MeanAccuracy.model_validate(artifact.json(SUMMARY))
        for artifact in build_all(store, [Summary(predictions=case), Summary(predictions=(org,))])
    )
    assert case_summary.mean - org_summary.mean == pytest.approx(compared(store, case, org).difference)
    assert case_summary.mean_interval[0] < case_summary.mean < case_summary.mean_interval[1]


def test_built_twice_gives_the_same_bytes(tmp_path: Path) -> None:
    recipe = Comparison(case=(row(0.8, stream=1),), org=row(0.85), smallest_effect=1.0)
    manifests = []
    for name in ("one", "two"):
        store = Store(tmp_path / name)
        store.prepare()
        manifests.append(build_all(store, [recipe])[0].manifest)
    assert manifests[0] == manifests[1]


def test_every_setting_is_in_the_key() -> None:
    fields = {"case": (row(0.8, stream=1),), "org": row(0.85), "smallest_effect": 1.0}
    changes = [{}, {"smallest_effect": 2.0}, {"alpha": 0.1}, {"seed": 1}, {"org": row(0.86)}]
    assert len({Comparison(**(fields | change)).key for change in changes}) == len(changes)


def test_other_test_images_are_refused(store: Store) -> None:
    with pytest.raises(BadData, match="other test images"):
        compared(store, (row(0.8, stream=1, test_set=1),), row(0.85))


def test_other_seeds_are_refused() -> None:
    with pytest.raises(ValidationError, match="cannot be paired"):
        Comparison(case=(row(0.8, seeds=2),), org=row(0.85), smallest_effect=1.0)
    with pytest.raises(ValidationError, match="cannot be paired"):
        Comparison(case=(tuple(reversed(row(0.8))),), org=row(0.85), smallest_effect=1.0)
    with pytest.raises(ValidationError, match="cannot be paired"):
        Summary(predictions=(row(0.8), row(0.8, seeds=2)))
    with pytest.raises(ValidationError):
        Comparison(case=(), org=row(0.85), smallest_effect=1.0)
