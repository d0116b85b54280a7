"""Calibration of every cell: a table, and the reliability diagram of each dataset as a recipe."""

from typing import ClassVar

from suite.artifacts import BuildContext, Recipe
from suite.classifiers.prediction_calibration import Calibration, CalibrationScores
from suite.pictures.picture import picture_name
from suite.report.numbers import percent
from suite.report.plots import Diagram
from suite.report.tables import Table
from suite.results.models import Cell, ResultsFile

RELIABILITY = "reliability.svg"
NOTES = (
    "ECE: expected calibration error in percent, over 15 bins of equal mass; biased upwards with few test images. "
    "Brier score: summed over classes, 0 to 2. NLL: negative log-likelihood in nats. Means over classifier seeds.",
    "Scaled: logits divided by a temperature that is fitted on validation images, one for all seeds of a cell. Above 1 "
    "means overconfident classifiers.",
)


class ReliabilityPlot(Recipe):
    """Reliability diagrams of one dataset, one for each cell of Table 1.

    The payload is ``reliability.svg``.

    Attributes:
        diagrams: The data of the diagrams.
    """

    step: ClassVar[str] = "reliability-plot"
    version: ClassVar[int] = 1
    code: ClassVar[tuple[str, ...]] = ("suite.report.drawing", "suite.report.plots")
    imports: ClassVar[tuple[str, ...]] = ("matplotlib.figure",)

    diagrams: tuple[Diagram, ...]

    def build(self, context: BuildContext) -> None:
        """Draw the figure.

        Args:
            context: Where the payload is written.
        """
        from suite.report.drawing import draw_reliability

        draw_reliability(self.diagrams, context.payload / RELIABILITY)


def calibration_table(results: ResultsFile) -> Table:
    """Return the calibration of every cell that has one, before and after temperature scaling."""
    rows = [(cell.case.id, *_scores(cell)) for cell in results.cells if cell.calibration]
    head = ("case", "ECE", "scaled", "Brier", "scaled", "NLL", "scaled", "temperature", "not scaled because")
    last = None if any(row[-1] for row in rows) else -1
    shown = tuple(row[:last] for row in rows)
    return Table(f"Calibration on real {results.evaluate} images", head[:last], shown, NOTES)


def reliability_plots(results: ResultsFile) -> dict[str, ReliabilityPlot]:
    """Return the figure of each dataset, keyed by its file name in the report.

    Args:
        results: The results of the run.
    """
    diagrams: dict[str, list[Diagram]] = {}
    for cell in results.cells:
        if cell.variant is None and cell.calibration:
            name = f"{cell.mode.upper()} {(cell.generator or '').upper()}".strip()
            before, after = _points(cell.calibration.before), _points(cell.calibration.after)
            errors = [f"{label} {percent(100 * scores.ece)}" for label, scores in _labelled(cell.calibration)]
            title = f"{name}: {', '.join(errors)}"
            diagrams.setdefault(cell.dataset, []).append(Diagram(title=title, before=before, after=after))
    return {
        picture_name(RELIABILITY, dataset): ReliabilityPlot(diagrams=tuple(of_dataset))
        for dataset, of_dataset in diagrams.items()
    }


def _labelled(calibration: Calibration) -> list[tuple[str, CalibrationScores]]:
    """Return the scores with their names in the diagrams."""
    after = [("scaled", calibration.after)] if calibration.after else []
    return [("ECE", calibration.before), *after]


def _scores(cell: Cell) -> tuple[str, ...]:
    assert cell.calibration is not None
    before, after, temperature = cell.calibration.before, cell.calibration.after, cell.calibration.temperature
    return (
        *(text for pair in zip(_texts(before), _texts(after), strict=True) for text in pair),
        "" if temperature is None else f"{temperature:.2f}",
        cell.calibration.reason,
    )


def _texts(scores: CalibrationScores | None) -> tuple[str, str, str]:
    return (percent(100 * scores.ece), f"{scores.brier:.3f}", f"{scores.nll:.3f}") if scores else ("", "", "")


def _points(scores: CalibrationScores | None) -> tuple[tuple[float, float], ...]:
    return tuple((bin_.confidence, bin_.accuracy) for bin_ in scores.reliability) if scores else ()
