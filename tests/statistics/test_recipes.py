"""The recipes of the statistics, on simulated predictions in a store."""

from pathlib import Path
from typing import ClassVar

import numpy as np
import pytest
from pydantic import ValidationError

from suite.artifacts import BuildContext, Store
from suite.classifiers.classifier import PREDICTIONS
from suite.classifiers.network import NetworkPredictions, TrainedNetwork
from suite.classifiers.plugins.resnet18 import ResNet18Settings
from suite.compute import Compute
from suite.datasets.real import RealImages, RealSubset
from suite.engines.build import build_all
from suite.errors import BadData
from suite.images import ImageSet
from suite.images.image_set import IMAGES as IMAGES_FILE
from suite.images.labelled import LabelledImages
from suite.statistics.recipes import COMPARISON, SUMMARY, VERDICT, CellVerdict, Comparison, Summary
from suite.statistics.summaries import Difference, Judgement, MeanAccuracy, Verdict

IMAGES = 300
CLASSES = 4


class NoImages(ImageSet):
    """An image set that is never opened, because the predictions are simulated."""

    step: ClassVar[str] = "no-images"
    version: ClassVar[int] = 1

    number: int = 0

    @property
    def counts(self) -> None:
        return None

    def open(self, store: Store) -> LabelledImages:
        raise NotImplementedError

    def build(self, context: BuildContext) -> None:
        context.write_json("none.json", {})


class UntrainedClassifier(TrainedNetwork):
    """A classifier that is never trained."""

    step: ClassVar[str] = "untrained-classifier"

    def open(self, store: Store) -> LabelledImages:
        raise NotImplementedError

    def build(self, context: BuildContext) -> None:
        context.write_json("none.json", {})


class SimulatedPredictions(NetworkPredictions):
    """NetworkPredictions that are correct with a given probability.

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
                network="resnet18",
                size=8,
                training_set=NoImages(),
                classes=CLASSES,
                settings=ResNet18Settings(),
                seed=seed,
                compute=Compute(),
            ),
            images=NoImages(),
            compute=Compute(),
            accuracy=accuracy,
            stream=stream,
            test_set=test_set,
        )
        for seed in range(seeds)
    )


def compared(store: Store, case: tuple[SimulatedPredictions, ...], org: tuple[SimulatedPredictions, ...]) -> Difference:
    (artifact,) = build_all(store, [Comparison(case=case, org=org)])
    return Difference.model_validate(artifact.json(COMPARISON))


def judged(store: Store, accuracy: float, seeds: tuple[int, ...], *, org: float = 0.9, syn: bool = False) -> Judgement:
    comparisons = tuple(Comparison(case=row(accuracy, seeds=n, stream=1), org=row(org, seeds=n)) for n in seeds)
    recipe = CellVerdict(comparisons=comparisons, level=0.0133, smallest_effect=2.0, syn=syn)
    return Judgement.model_validate(build_all(store, [recipe])[0].json(VERDICT))


def test_verdicts_on_simulated_predictions(store: Store) -> None:
    assert judged(store, 0.6, (5,)).verdict is Verdict.HURTS
    assert judged(store, 0.99, (5,), org=0.6).verdict is Verdict.HELPS
    assert judged(store, 0.6, (5,), syn=True).verdict is Verdict.HURTS
    early = judged(store, 0.1, (4,))
    assert (early.verdict, early.more_seeds, early.reason) == (Verdict.UNDECIDED, 1, "a verdict needs 5 seeds")
    assert judged(store, 0.6, (5, 8)) == judged(store, 0.6, (5,)), "the first look that decides is final"


def test_comparison_counts_different_synthetic_sets(store: Store) -> None:
    one = compared(store, row(0.7, stream=1), row(0.9))
    assert (one.n_generator_seeds, one.n_seeds, one.n_images, one.n_groups) == (1, 3, IMAGES, None)
    assert one.difference == pytest.approx(-20, abs=5)
    own = tuple(
        predictions.model_copy(
            update={"classifier": predictions.classifier.model_copy(update={"training_set": NoImages(number=seed)})}
        )
        for seed, predictions in enumerate(row(0.7, stream=1))
    )
    assert compared(store, own, row(0.9)).n_generator_seeds == 3


def test_groups_of_test_images_are_read(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    counts = {"per_class": (IMAGES // CLASSES,) * CLASSES}
    images = RealImages(dataset="photos", content="0" * 32, split="test", size=8, **counts)
    grouped = RealSubset(images=images, part="all", validation=(0,) * CLASSES, seed=0, **counts)
    labels = np.repeat(np.arange(CLASSES), IMAGES // CLASSES)
    pixels = np.random.default_rng(0).integers(0, 256, (IMAGES, 8, 8, 3), np.uint8)
    tensors = {"images": pixels, "labels": labels, "groups": np.arange(IMAGES) // 30}
    monkeypatch.setattr(RealImages, "build", lambda _, context: context.write_tensors(IMAGES_FILE, tensors))
    (artifact,) = build_all(store, [Comparison(case=row(0.7, stream=1), org=row(0.9), grouped=grouped)])
    found = Difference.model_validate(artifact.json(COMPARISON))
    single = compared(store, row(0.7, stream=1), row(0.9))
    assert (found.n_groups, found.difference) == (10, single.difference)
    assert found.org_standard_error != single.org_standard_error


def test_summary_agrees_with_the_comparison(store: Store) -> None:
    case, org = row(0.7, stream=1), row(0.9)
    case_summary, org_summary = (
        MeanAccuracy.model_validate(artifact.json(SUMMARY))
        for artifact in build_all(store, [Summary(predictions=case), Summary(predictions=org)])
    )
    found = compared(store, case, org)
    assert case_summary.mean - org_summary.mean == pytest.approx(found.difference)
    assert org_summary.mean == pytest.approx(found.org_accuracy)
    assert case_summary.mean_interval is not None
    assert case_summary.mean_interval[0] < case_summary.mean < case_summary.mean_interval[1]


def test_built_twice_gives_the_same_bytes(tmp_path: Path) -> None:
    comparison = Comparison(case=row(0.8, stream=1), org=row(0.85))
    recipe = CellVerdict(comparisons=(comparison,), level=0.01, smallest_effect=1.0, syn=True)
    manifests = []
    for name in ("one", "two"):
        store = Store(tmp_path / name)
        store.prepare()
        manifests.append([artifact.manifest for artifact in build_all(store, [comparison, recipe])])
    assert manifests[0] == manifests[1]


def test_every_setting_is_in_the_key() -> None:
    comparison, longer = (Comparison(case=row(0.8, seeds=n, stream=1), org=row(0.85, seeds=n)) for n in (5, 8))
    fields = {"comparisons": (comparison,), "level": 0.01, "smallest_effect": 1.0, "syn": True}
    changes = [{}, {"level": 0.02}, {"smallest_effect": 2.0}, {"syn": False}, {"looks": (5,)}]
    changes += [{"comparisons": (comparison, longer)}]
    assert len({CellVerdict(**(fields | change)).key for change in changes}) == len(changes)
    assert comparison.key != Comparison(case=row(0.8, seeds=5, stream=1), org=row(0.86, seeds=5)).key


def test_other_test_images_are_refused(store: Store) -> None:
    with pytest.raises(BadData, match="other test images"):
        compared(store, row(0.8, stream=1, test_set=1), row(0.85))


def test_other_seeds_are_refused() -> None:
    with pytest.raises(ValidationError, match="cannot be compared"):
        Comparison(case=row(0.8, seeds=2), org=row(0.85))
    with pytest.raises(ValidationError, match="cannot be compared"):
        Comparison(case=tuple(reversed(row(0.8))), org=row(0.85))
    with pytest.raises(ValidationError):
        Comparison(case=(), org=row(0.85))
