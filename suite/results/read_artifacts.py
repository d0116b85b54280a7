"""Reading results: what finished artifacts say of a cell, and of a row of the discriminator table."""

from collections.abc import Iterable, Iterator
from statistics import fmean
from typing import Any

from suite.artifacts import Recipe, Store
from suite.classifiers.settings import HISTORY, SUMMARY
from suite.filters.filtered import FilteredImages, read_filter_summary, unfiltered
from suite.images import ImageSet
from suite.metrics.recipes import METRICS
from suite.planning.case_plan import CasePlan, DiscriminatorPlan
from suite.results.models import Cell, Counts, Discriminator, TrainingCost
from suite.statistics.recipes import COMPARISON
from suite.statistics.recipes import SUMMARY as INTERVALS
from suite.statistics.summaries import Difference, MeanAccuracy


def read_cell(plan: CasePlan, store: Store, command: str) -> Cell:
    """Read a finished case's result off its artifacts.

    Raises:
        BadArtifact: If one of them is missing or damaged.
    """
    case, classes = plan.case, plan.located.content.classes
    sampled = [unfiltered(images) for images in plan.synthetic]
    filtered = [images for images in plan.synthetic if isinstance(images, FilteredImages)]
    predicted = [store.get(prediction) for row in plan.predictions for prediction in row]
    summaries = [artifact.json(SUMMARY) for artifact in predicted]
    history = store.get(plan.classifiers[0]).json(HISTORY)
    overall = MeanAccuracy.model_validate(store.get(plan.summary).json(INTERVALS))
    measurements = [
        {"id": name, **measured}
        for recipe in plan.fidelity
        if recipe.synthetic.features.images == plan.synthetic[0]
        for name, measured in store.get(recipe).json(METRICS).items()
    ]
    built: dict[str, list[Recipe]] = {
        "generator": [recipe for images in sampled for recipe in _needed(images)],
        "sampling": [*sampled],
        "classifiers": [*plan.classifiers],
    }
    if filtered:
        built["filter"] = [*filtered, *(recipe for images in filtered for recipe in _needed(images))]
    aurocs = [summary["auroc"] for summary in summaries if summary["auroc"] is not None]
    return Cell(
        dataset=case.dataset,
        generator=case.generator,
        mode=case.mode.value,
        variant=case.variant,
        status="done",
        accuracies=tuple(summary["accuracy"] for summary in summaries),
        mean=fmean(summary["accuracy"] for summary in summaries),
        interval=overall.mean_interval,
        image_interval=overall.image_interval,
        per_class=_mean_per_class(summaries),
        balanced_accuracy=fmean(summary["balanced_accuracy"] for summary in summaries),
        auroc=fmean(aurocs) if aurocs else None,
        comparison=(
            Difference.model_validate(store.get(plan.comparison).json(COMPARISON)) if plan.comparison else None
        ),
        counts=Counts(
            classes=classes,
            real=plan.real.counts if case.mode != "syn" else tuple(0 for _ in plan.real.counts),
            synthetic=plan.synthetic[0].counted(store, len(classes)) if plan.synthetic else (),
            evaluation=plan.evaluation.counts,
            size=plan.real.images.size,
        ),
        filtering=read_filter_summary(filtered[0], store) if filtered else None,
        training_cost=TrainingCost(
            unique_images=sum(plan.training_sets[0].counted(store, len(classes))),
            images_seen=history["images_seen"],
            steps=history["steps"],
            parameters=history["parameters"],
        ),
        metrics={measurement["id"]: measurement["value"] for measurement in measurements},
        measurements=tuple(measurements),
        trained_on=plan.trained_on,
        generator_description=plan.generator_description,
        keys={
            "real": (plan.real.key,),
            "generator": tuple(recipe.key for recipe in built["generator"]),
            "synthetic": tuple(images.key for images in plan.synthetic),
            "classifiers": tuple(classifier.key for classifier in plan.classifiers),
            "predictions": tuple(artifact.key for artifact in predicted),
            "metrics": tuple(recipe.key for recipe in plan.fidelity),
            "summary": (plan.summary.key,),
            "comparison": (plan.comparison.key,) if plan.comparison else (),
        },
        command=command,
        seconds={stage: _seconds(store, recipes) for stage, recipes in built.items()},
        memory={stage: _memory(store, recipes) for stage, recipes in built.items()},
        notes=plan.notes,
    )


def read_discriminator(plan: DiscriminatorPlan, store: Store, command: str) -> Discriminator:
    """Read a finished discriminator test off its artifacts; raises BadArtifact as ``read_cell`` does."""
    real, synthetic = (
        [store.get(prediction).json(SUMMARY) for prediction in predictions]
        for predictions in (plan.on_real, plan.on_synthetic)
    )
    return Discriminator(
        dataset=plan.dataset,
        generator=plan.generator,
        status="done",
        accuracy_real=fmean(summary["accuracy"] for summary in real),
        accuracy_synthetic=fmean(summary["accuracy"] for summary in synthetic),
        accuracies_real=tuple(summary["accuracy"] for summary in real),
        accuracies_synthetic=tuple(summary["accuracy"] for summary in synthetic),
        per_class=_mean_per_class(synthetic),
        images=synthetic[0]["n"],
        keys={
            "predictions on real": tuple(prediction.key for prediction in plan.on_real),
            "predictions on synthetic": tuple(prediction.key for prediction in plan.on_synthetic),
        },
        command=command,
    )


def _mean_per_class(summaries: list[dict[str, Any]]) -> tuple[float | None, ...]:
    columns = zip(*(summary["per_class"] for summary in summaries), strict=True)
    return tuple(None if None in column else fmean(column) for column in columns)


def _seconds(store: Store, recipes: Iterable[Recipe]) -> float:
    """Return the recorded build time of all these recipes, each counted once; what is gone counts nothing."""
    return round(sum(float(run.get("seconds", 0.0)) for run in _runs(store, recipes)), 3)


def _memory(store: Store, recipes: Iterable[Recipe]) -> int:
    """Return the largest recorded memory among these recipes, in bytes; 0 where nothing is known."""
    return max((int(run.get("peak_memory_bytes", 0)) for run in _runs(store, recipes)), default=0)


def _runs(store: Store, recipes: Iterable[Recipe]) -> Iterator[dict[str, Any]]:
    found = (store.find(recipe) for recipe in {recipe.key: recipe for recipe in recipes}.values())
    yield from (artifact.run for artifact in found if artifact is not None)


def _needed(images: ImageSet) -> Iterator[Recipe]:
    """Yield what a generator or a filter had to make before it could make these images, other images aside."""
    for recipe in images.dependencies:
        if not isinstance(recipe, ImageSet):
            yield recipe
