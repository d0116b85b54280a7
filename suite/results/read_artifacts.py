"""Read a cell or a row of the discriminator table from its finished artifacts."""

from collections.abc import Iterable, Iterator
from statistics import fmean
from typing import Any

from suite.artifacts import Recipe, Store
from suite.classifiers.classifier import HISTORY, SUMMARY
from suite.filters.filtered import FilteredImages, read_filter_summary, unfiltered
from suite.images import ImageSet
from suite.planning.case_plan import CasePlan, DiscriminatorPlan
from suite.results.cell_checks import cell_checks, difference_of
from suite.results.measurements import mean_values, read_measurements
from suite.results.models import Cell, ClassifierFacts, Counts, DiscriminatorResult, TrainingCost
from suite.statistics.recipes import SUMMARY as INTERVALS
from suite.statistics.subgroup_recipes import Subgroup, SubgroupAccuracies
from suite.statistics.summaries import Judgement, MeanAccuracy


def read_cell(plan: CasePlan, store: Store, judgement: Judgement | None, command: str) -> Cell:
    """Return the result of a finished case, read from its artifacts.

    Args:
        plan: The recipes of the case.
        store: Where the artifacts are.
        judgement: The verdict at the plan's number of seeds; None for ``org``.
        command: The command that makes the cell again.

    Raises:
        BadArtifact: If an artifact is missing or damaged.
    """
    case, classes = plan.case, plan.located.content.classes
    sampled = [unfiltered(images) for images in plan.synthetic]
    filtered = [images for images in plan.synthetic if isinstance(images, FilteredImages)]
    predicted = [store.get(prediction) for prediction in plan.predictions]
    summaries = [artifact.json(SUMMARY) for artifact in predicted]
    history = store.get(plan.classifiers[0]).json(HISTORY)
    overall = MeanAccuracy.model_validate(store.get(plan.summary).json(INTERVALS))
    measurements = tuple(read_measurements(plan, store))
    built: dict[str, list[Recipe]] = {
        "generator": [recipe for images in sampled for recipe in _non_image_dependencies(images)],
        "sampling": [*sampled],
        "classifiers": [*plan.classifiers],
    }
    validation = plan.calibration.validation
    features = (recipe for prediction in validation for recipe in _non_image_dependencies(prediction))
    trained = {classifier.key for classifier in plan.classifiers}
    untrained = [recipe for recipe in features if recipe.key not in trained]
    built["calibration"] = [plan.calibration, *validation, *untrained]
    subgroups = [recipe for recipe in (plan.by_class, plan.by_attribute) if recipe]
    if subgroups:
        built["subgroups"] = [*subgroups, *(recipe.attribute for recipe in subgroups if recipe.attribute)]
    if filtered:
        built["filter"] = [*filtered, *(recipe for images in filtered for recipe in _non_image_dependencies(images))]
    if plan.audit:
        built["audit"] = [plan.audit, *filter(None, (plan.audit.influence,))]
    with_duplicates = [store.get(prediction).json(SUMMARY)["accuracy"] for prediction in plan.with_duplicates]
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
        duplicates=len(plan.evaluation.left_out),
        mean_with_duplicates=fmean(with_duplicates) if with_duplicates else None,
        per_class=_mean_per_class(summaries),
        balanced_accuracy=fmean(summary["balanced_accuracy"] for summary in summaries),
        macro_f1=fmean(summary["macro_f1"] for summary in summaries),
        auroc=fmean(aurocs) if aurocs else None,
        calibration=plan.calibration.read(store) if store.find(plan.calibration) else None,
        by_class=_subgroups(plan.by_class, store),
        by_attribute=(by_attribute := _subgroups(plan.by_attribute, store)),
        attribute=plan.attribute if by_attribute else None,
        classifier=ClassifierFacts(
            name=plan.classifier_name,
            title=plan.classifier.plugin.describe(plan.classifier.settings),
            pretrained_on=plan.classifier.plugin.pretrained_on(plan.classifier.settings),
            has_seeds=plan.classifier.plugin.has_seeds,
        ),
        comparison=difference_of(plan, store) if plan.verdict else None,
        judgement=judgement,
        counts=Counts(
            classes=classes,
            real=plan.real.counts if case.mode != "syn" else tuple(0 for _ in plan.real.counts),
            synthetic=plan.synthetic[0].read_counts(store, len(classes)) if plan.synthetic else (),
            evaluation=plan.evaluation.counts,
            size=plan.real.images.size,
        ),
        filtering=read_filter_summary(filtered[0], store) if filtered else None,
        audit=plan.audit.read(store) if plan.audit else None,
        training_cost=TrainingCost(
            unique_images=sum(plan.training_sets[0].read_counts(store, len(classes))),
            images_seen=history["images_seen"],
            steps=history["steps"],
            parameters=history["parameters"],
        ),
        metrics=mean_values(measurements),
        measurements=measurements,
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
            "calibration": (plan.calibration.key,),
            "subgroups": tuple(recipe.key for recipe in subgroups),
            "comparison": tuple(comparison.key for comparison in plan.verdict.comparisons) if plan.verdict else (),
            "verdict": (plan.verdict.key,) if plan.verdict else (),
        },
        command=command,
        seconds={stage: _seconds(store, recipes) for stage, recipes in built.items()},
        memory={stage: _memory(store, recipes) for stage, recipes in built.items()},
        notes=plan.notes,
        checks=cell_checks(plan, store),
    )


def read_discriminator(plan: DiscriminatorPlan, store: Store, command: str) -> DiscriminatorResult:
    """Return the result of a finished discriminator test, read from its artifacts.

    Args:
        plan: The recipes of the test.
        store: Where the artifacts are.
        command: The command that makes the row again.

    Raises:
        BadArtifact: If an artifact is missing or damaged.
    """
    real, synthetic = (
        [store.get(prediction).json(SUMMARY) for prediction in predictions]
        for predictions in (plan.on_real, plan.on_synthetic)
    )
    return DiscriminatorResult(
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


def _subgroups(recipe: SubgroupAccuracies | None, store: Store) -> tuple[Subgroup, ...]:
    """Read accuracies in subgroups; none if an earlier run built the cell without them."""
    return recipe.read(store) if recipe is not None and store.find(recipe) else ()


def _mean_per_class(summaries: list[dict[str, Any]]) -> tuple[float | None, ...]:
    columns = zip(*(summary["per_class"] for summary in summaries), strict=True)
    return tuple(None if None in column else fmean(column) for column in columns)


def _seconds(store: Store, recipes: Iterable[Recipe]) -> float:
    """Return the recorded build seconds of all these recipes, each counted once; a missing artifact counts 0."""
    return round(sum(float(run.get("seconds", 0.0)) for run in _runs(store, recipes)), 3)


def _memory(store: Store, recipes: Iterable[Recipe]) -> int:
    """Return the largest recorded peak memory of these recipes in bytes; 0 if none was recorded."""
    return max((int(run.get("peak_memory_bytes", 0)) for run in _runs(store, recipes)), default=0)


def _runs(store: Store, recipes: Iterable[Recipe]) -> Iterator[dict[str, Any]]:
    artifacts = (store.find(recipe) for recipe in {recipe.key: recipe for recipe in recipes}.values())
    yield from (artifact.run for artifact in artifacts if artifact is not None)


def _non_image_dependencies(built: Recipe) -> Iterator[Recipe]:
    """Yield what a recipe reads, apart from images: weights of a generator, inputs of a filter, features."""
    for recipe in built.dependencies:
        if not isinstance(recipe, ImageSet):
            yield recipe
