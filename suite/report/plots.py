"""Data of the figures: what each one shows, without any drawing code."""

from pydantic import BaseModel, ConfigDict

REAL_ONLY = "real only"  # name of the line of real images alone


class PlotModel(BaseModel):
    """Base of the plot data: frozen, unknown fields are an error."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Bar(PlotModel):
    """Accuracy difference of one cell from ``org``.

    Attributes:
        generator: Name of the generator.
        mode: ``syn`` or ``mix``.
        difference: Difference in percentage points.
        interval: Interval of the difference in points, at the level of the verdict; None with one seed.
        verdict: ``helps``, ``hurts``, ``no practical difference``, ``undecided`` or ``not valid``.
    """

    generator: str
    mode: str
    difference: float
    interval: tuple[float, float] | None
    verdict: str


class Series(PlotModel):
    """Values of one metric for the generators of a run.

    Attributes:
        metric: Name of the metric.
        values: Value for each generator and dataset; None where it does not have the metric.
    """

    metric: str
    values: tuple[float | None, ...]


class Line(PlotModel):
    """Accuracy along one axis of a sweep.

    Attributes:
        name: Name of the generator, or ``REAL_ONLY``.
        x: Values of the axis, rising.
        y: Mean accuracy in percent for each x.
        interval: Interval of the mean over seeds for each x; None with one seed.
    """

    name: str
    x: tuple[float, ...]
    y: tuple[float, ...]
    interval: tuple[tuple[float, float] | None, ...]


class HeatMapColumn(PlotModel):
    """Differences of one cell from ``org``, row by row.

    Attributes:
        title: Mode and generator.
        differences: Differences in points; None where there is none.
        verdicts: Their verdicts; empty where there is none.
    """

    title: str
    differences: tuple[float | None, ...]
    verdicts: tuple[str, ...]


class HeatMap(PlotModel):
    """Differences from ``org`` under corruptions of the test images.

    Attributes:
        rows: Names of the rows.
        org: Accuracy of ``org`` in percent in each row; None where it is not known.
        columns: One column per cell.
    """

    rows: tuple[str, ...]
    org: tuple[float | None, ...]
    columns: tuple[HeatMapColumn, ...]


class Panel(PlotModel):
    """Lines over one axis of a sweep.

    Attributes:
        x_label: Label of the x axis.
        y_label: Label of the y axis.
        names: Names of the values 0, 1, 2, ... of x, drawn as points without a line; empty for a numeric axis.
        logarithmic: Whether the x axis is logarithmic.
        level: Accuracy in percent of real images alone, drawn as a horizontal line; 0 for
            differences from them; None where it is one of the lines.
        lines: One line per generator.
    """

    x_label: str
    y_label: str = "accuracy, percent"
    names: tuple[str, ...] = ()
    logarithmic: bool
    level: float | None
    lines: tuple[Line, ...]


class Diagram(PlotModel):
    """Reliability diagram of one cell.

    Attributes:
        title: Name of the cell, and its expected calibration errors.
        before: Mean confidence and accuracy of each bin, 0 to 1.
        after: The same after temperature scaling; empty without it.
    """

    title: str
    before: tuple[tuple[float, float], ...]
    after: tuple[tuple[float, float], ...]
