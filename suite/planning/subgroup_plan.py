"""Planning accuracies by class, and by the values of an attribute of the test images."""

from suite.classifiers.classifier import Predictions, ResampledClassifier
from suite.datasets.attribute import ImageAttribute
from suite.datasets.content import Content
from suite.datasets.real import RealSubset
from suite.statistics.subgroup_recipes import SubgroupAccuracies


def plan_subgroups(
    predictions: tuple[Predictions, ...],
    org: tuple[Predictions, ...],
    evaluation: RealSubset,
    content: Content,
    attribute: ImageAttribute | None,
    *,
    syn: bool,
) -> tuple[SubgroupAccuracies | None, SubgroupAccuracies | None]:
    """Return the recipes of the accuracies by class (None for ``org``) and by attribute (None without one).

    Args:
        predictions: The cell's predictions, one for each classifier seed.
        org: Those of ``org``; the same for ``org`` itself.
        evaluation: The test images, before any corruption.
        content: The content of the dataset.
        attribute: The attribute whose values are subgroups.
        syn: Whether the case is a SYN case.
    """
    is_org = predictions == org
    arms = () if is_org else (predictions[0].classifier, org[0].classifier)
    by_class = SubgroupAccuracies(
        names=content.classes,
        evaluation=evaluation,
        grouped=content.grouped,
        case=predictions,
        org=() if is_org else org,
        resampled=tuple(
            arm.resampled_predictions(predictions[0].images) for arm in arms if isinstance(arm, ResampledClassifier)
        ),
        syn=syn,
    )
    by_attribute = by_class.model_copy(update={"names": (), "attribute": attribute}) if attribute else None
    return None if is_org else by_class, by_attribute
