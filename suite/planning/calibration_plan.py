"""Planning the calibration of a cell: which validation images its temperature is fitted on, or why there are none."""

from suite.classifiers.classifier import Predictions
from suite.classifiers.prediction_calibration import CalibrationOfPredictions
from suite.datasets.content import Content
from suite.datasets.real import RealSubset


def plan_calibration(
    predictions: tuple[Predictions, ...], real: RealSubset, evaluation: RealSubset, content: Content
) -> CalibrationOfPredictions:
    """Return the recipe of the calibration of a cell. Nothing is trained for it.

    Args:
        predictions: The cell's predictions on the evaluation images, one for each classifier seed.
        real: Real training images.
        evaluation: Real images that classifiers are tested on.
        content: The content of the dataset.
    """
    reason = _no_validation(real, evaluation, content)
    validation = real.model_copy(update={"part": "validation", "per_class": real.validation})
    return CalibrationOfPredictions(
        predictions=predictions,
        validation=() if reason else tuple(prediction.classifier.predictions(validation) for prediction in predictions),
        reason=reason,
    )


def _no_validation(real: RealSubset, evaluation: RealSubset, content: Content) -> str:
    """Return why no temperature can be fitted; empty if it can."""
    if evaluation.part == "validation":
        return "the evaluation images are the validation images"
    if not any(real.validation):
        return "all training images are trained on, none is left for validation"
    quotas = zip(real.validation, content.smallest_groups, strict=True) if content.grouped else ()
    if any(quota and not 0 < smallest <= quota for quota, smallest in quotas):
        return "a class has no group of images that is small enough for validation"
    return ""
