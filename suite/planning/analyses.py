"""Planning everything that is computed from the two arms of a cell: metrics, searches, verdict, pictures."""

from collections.abc import Iterable

from suite.artifacts import DataPaths
from suite.audit.audit import Audit, plan_audit
from suite.classifiers.classifier import Predictions
from suite.classifiers.label_check import LabelCheck
from suite.datasets.attribute import ImageAttribute
from suite.filters.filtered import FilteredImages
from suite.images import ImageSet
from suite.metrics.recipes import Fidelity
from suite.pictures.picture import Picture, plan_pictures
from suite.planning.arms import Arms
from suite.planning.calibration_plan import plan_calibration
from suite.planning.case import Mode
from suite.planning.case_plan import CasePlan
from suite.planning.evaluation_plan import plan_leak_searches, plan_metrics
from suite.planning.subgroup_plan import plan_subgroups
from suite.planning.subsets import all_test_images
from suite.planning.verdict_plan import plan_verdict
from suite.statistics.looks import first_look
from suite.statistics.recipes import Summary

STATISTICS_SEED = 0


def plan_analyses(
    arms: Arms,
    *,
    classifier_name: str,
    same_images: CasePlan | None,
    attribute: ImageAttribute | None,
    filtered: Iterable[FilteredImages],
    generators: int,
    data_paths: DataPaths,
    notes: tuple[str, ...] = (),
) -> CasePlan:
    """Return the complete plan of a cell.

    Args:
        arms: What is trained and tested.
        classifier_name: Name of the classifier.
        same_images: Plan of the cell of Table 1 with the same synthetic images, whose searches are used; None if the
            images of this cell must be searched and measured.
        attribute: The attribute whose values are subgroups of the test images.
        filtered: What each filter keeps of the first synthetic set, for its audit.
        generators: Number of generators in the dataset's row of Table 1.
        data_paths: Paths in which weights are searched for.
        notes: What was left out of the plan, and why.
    """
    case, real, evaluation, synthetic, budget = arms.case, arms.real, arms.evaluation, arms.synthetic, arms.budget
    content, predictions, syn = arms.located.content, arms.predictions, arms.case.mode is Mode.SYN
    org = arms.org[: first_look(arms.seeds)]
    fidelity: tuple[Fidelity, ...] = ()
    if same_images:
        leak_searches, label_checks = same_images.leak_searches, same_images.label_checks
    else:
        fidelity, left_out = plan_metrics(synthetic, real, arms.located, budget, data_paths)
        notes = (*left_out, *notes)
        # Trained here, a generator has seen no test image; what existing images are copied from is not known.
        unknown = synthetic if arms.has_existing_images or arms.trained_on == "unknown" else ()
        leak_searches = plan_leak_searches(unknown, real, evaluation, budget)
        label_checks = tuple(LabelCheck(synthetic=predictions_on(images, org), real=org) for images in unknown)
    verdict = None
    if predictions != arms.org:
        verdict = plan_verdict(
            predictions,
            arms.org,
            predictions[0].images,
            groups=evaluation if content.grouped else None,
            syn=syn,
            generators=generators,
            smallest_effect=budget.metrics.smallest_effect,
        )
    by_class, by_attribute = plan_subgroups(predictions, arms.org, evaluation, content, attribute, syn=syn)
    with_duplicates: tuple[Predictions, ...] = ()
    if evaluation.left_out and not arms.axis.only_tests:
        with_duplicates = tuple(one.classifier.predictions(all_test_images(evaluation)) for one in predictions)
    audit: Audit | None = None
    pictures: tuple[Picture, ...] = ()
    if synthetic and not arms.variant:
        measured = [recipe for recipe in fidelity if recipe.synthetic.features.images == synthetic[0]]
        org_on_synthetic = predictions_on(synthetic[0], org)
        audit = plan_audit(
            synthetic[0],
            predictions=org_on_synthetic,
            real_predictions=org,
            classes=content.classes,
            fidelity=measured,
            leak_search=leak_searches[0] if leak_searches else None,
            filtered=filtered,
        )
        pictures = plan_pictures(
            case.dataset,
            str(case.generator),
            real=real,
            synthetic=synthetic[0],
            org=org_on_synthetic,
            fidelity=measured,
            classes=content.classes,
            audit=audit,
        )
    notes = (*arms.notes, *notes, *arms.classifier.shared_features(budget.metrics.extractors))
    return CasePlan(
        **{**vars(arms), "notes": notes},
        classifier_name=classifier_name,
        fidelity=fidelity,
        leak_searches=leak_searches,
        label_checks=label_checks,
        with_duplicates=with_duplicates,
        summary=Summary(predictions=predictions, alpha=budget.metrics.alpha, seed=STATISTICS_SEED),
        calibration=plan_calibration(predictions, real, evaluation, content),
        verdict=verdict,
        pictures=pictures,
        by_class=by_class,
        by_attribute=by_attribute,
        audit=audit,
    )


def predictions_on(images: ImageSet, org: tuple[Predictions, ...]) -> tuple[Predictions, ...]:
    """Plan the predictions of the same classifiers on other images."""
    return tuple(prediction.classifier.predictions(images) for prediction in org)
