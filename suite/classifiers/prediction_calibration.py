"""Calibration of the classifiers of a cell, before and after temperature scaling."""

from typing import TYPE_CHECKING, Annotated, ClassVar

from pydantic import BaseModel, ConfigDict, Field

from suite.artifacts import BuildContext, Recipe, Store
from suite.classifiers.classifier import PREDICTIONS, Predictions

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

CALIBRATION = "calibration.json"
ALL_RIGHT = "no validation image is misclassified, so that no temperature is the most likely one"


class CalibrationModel(BaseModel):
    """Base of the models of calibration: frozen, unknown fields are an error."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class ReliabilityBin(CalibrationModel):
    """One bin of a reliability diagram.

    Attributes:
        confidence: Mean probability of the predicted class, 0 to 1.
        accuracy: Share of right predictions, 0 to 1.
        count: Number of predictions, of all classifier seeds.
    """

    confidence: float
    accuracy: float
    count: int


class CalibrationScores(CalibrationModel):
    """How well probabilities agree with outcomes, on the evaluation images.

    Attributes:
        ece: Expected calibration error over 15 bins of equal mass, 0 to 1; mean over classifier seeds.
        brier: Brier score, summed over classes, 0 to 2; mean over classifier seeds.
        nll: Negative log-likelihood in nats; mean over classifier seeds.
        reliability: Bins of equal mass of the predictions of all classifier seeds together.
    """

    ece: float
    brier: float
    nll: float
    reliability: tuple[ReliabilityBin, ...]


class Calibration(CalibrationModel):
    """Calibration of a cell.

    Attributes:
        before: Of the probabilities as predicted.
        after: Of the logits divided by ``temperature``; None if there is no temperature.
        temperature: One for the classifiers of all seeds, with the smallest negative log-likelihood on validation
            images; above 1 if the classifiers are overconfident; None if it cannot be fitted.
        validation_images: Number of validation images.
        reason: Why there is no temperature; empty if there is one.
    """

    before: CalibrationScores
    after: CalibrationScores | None = None
    temperature: float | None = None
    validation_images: int = 0
    reason: str = ""


class CalibrationOfPredictions(Recipe):
    """Calibration of the predictions of a cell on the evaluation images.

    One temperature is fitted to the validation predictions of all classifier seeds together: the seeds are trained by
    the same recipe, and there are few validation images.

    The payload is ``calibration.json``, a ``Calibration``.

    Attributes:
        predictions: Predictions of each classifier seed on the evaluation images.
        validation: Predictions of the same classifiers on the validation part of train; empty if there is none.
        reason: Why ``validation`` is empty.
    """

    step: ClassVar[str] = "calibration"
    version: ClassVar[int] = 1
    code: ClassVar[tuple[str, ...]] = ("suite.classifiers.prediction_calibration", "suite.metrics.calibration")
    imports: ClassVar[tuple[str, ...]] = ("scipy.optimize",)

    predictions: Annotated[tuple[Predictions, ...], Field(min_length=1)]
    validation: tuple[Predictions, ...] = ()
    reason: str = ""

    def build(self, context: BuildContext) -> None:
        """Score the probabilities, fit the temperature, and score the scaled probabilities."""
        from suite.metrics.calibration import fit_temperature, scaled

        tested = [_probabilities(context, prediction) for prediction in self.predictions]
        found = Calibration(before=scores_of(tested), reason=self.reason)
        if self.validation:
            held_out = [_probabilities(context, prediction) for prediction in self.validation]
            temperature = fit_temperature(*_together(held_out))
            found = Calibration(
                before=found.before,
                after=temperature
                and scores_of([(scaled(probabilities, temperature), labels) for probabilities, labels in tested]),
                temperature=temperature,
                validation_images=len(held_out[0][1]),
                reason="" if temperature else ALL_RIGHT,
            )
        context.write_json(CALIBRATION, found.model_dump(mode="json"))

    def read(self, store: Store) -> Calibration:
        """Read the result; raises BadArtifact if it is missing or damaged."""
        return Calibration.model_validate(store.get(self).json(CALIBRATION))


def scores_of(predictions: "list[tuple[NDArray[np.floating], NDArray[np.int64]]]") -> CalibrationScores:
    """Return the scores of the predictions of one or more classifier seeds.

    Args:
        predictions: Probabilities (N, classes) and labels (N,) of each seed.
    """
    from suite.metrics.calibration import (
        brier_score,
        expected_calibration_error,
        negative_log_likelihood,
        reliability,
    )

    ece, brier, nll = (
        sum(score(probabilities, labels) for probabilities, labels in predictions) / len(predictions)
        for score in (expected_calibration_error, brier_score, negative_log_likelihood)
    )
    bins = (values.tolist() for values in reliability(*_together(predictions)))
    return CalibrationScores(
        ece=ece,
        brier=brier,
        nll=nll,
        reliability=tuple(
            ReliabilityBin(confidence=confidence, accuracy=accuracy, count=count)
            for confidence, accuracy, count in zip(*bins, strict=True)
        ),
    )


def _probabilities(context: BuildContext, prediction: Predictions) -> "tuple[NDArray[np.float32], NDArray[np.int64]]":
    tensors = context.artifact(prediction).tensors(PREDICTIONS)
    return tensors["probabilities"], tensors["labels"]


def _together(
    predictions: "list[tuple[NDArray[np.floating], NDArray[np.int64]]]",
) -> "tuple[NDArray[np.floating], NDArray[np.int64]]":
    import numpy as np

    probabilities, labels = zip(*predictions, strict=True)
    return np.concatenate(probabilities), np.concatenate(labels)
