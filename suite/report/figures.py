"""The figures, as artifacts: recipes that hold the very numbers they show, so that a finished table draws nothing.

Which cells stand in a figure, and with which verdict, is known when the table is; so a figure reads no other artifact.
"""

import time
from collections.abc import Callable
from pathlib import Path
from typing import ClassVar

from pydantic import BaseModel, ConfigDict

from suite.artifacts import Artifact, BuildContext, Recipe, Store
from suite.engines.build import build
from suite.errors import BadArtifact
from suite.pictures.picture import picture_name
from suite.report.answers import compared
from suite.report.curves import CURVES, EQUIVALENTS, curve_plots, equivalent_real_images, to_equivalent_real_images
from suite.results.models import Correlation, Results

DIFFERENCES = "differences.svg"
USEFULNESS = "usefulness.svg"
CORRELATIONS = "correlations.json"
FEWEST = 4
ALPHA = 0.05


class Bar(BaseModel):
    """One difference from ``org`` in points, with its interval and verdict."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    generator: str
    mode: str
    difference: float
    interval: tuple[float, float] | None
    verdict: str


class DifferencePlot(Recipe):
    """Each cell's difference from ``org`` with its interval: ``differences.svg``.

    Attributes:
        bars: What is shown, from the top.
    """

    step: ClassVar[str] = "difference-plot"
    version: ClassVar[int] = 1
    code: ClassVar[tuple[str, ...]] = ("suite.report.drawing",)
    imports: ClassVar[tuple[str, ...]] = ("matplotlib.figure",)

    bars: tuple[Bar, ...]

    def build(self, context: BuildContext) -> None:
        """Draw the figure."""
        from suite.report.drawing import draw_differences

        draw_differences(self, context.payload / DIFFERENCES)


class Series(BaseModel):
    """One metric over the cells of a run; None where a cell does not have it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    metric: str
    values: tuple[float | None, ...]


class UsefulnessPlot(Recipe):
    """Each metric against the accuracy difference: ``usefulness.svg``, and ``correlations.json`` with the ranks'.

    Attributes:
        cells: Dataset, generator and mode of each cell.
        differences: Its accuracy difference from ``org``, in points.
        series: The metrics.
        alpha: One minus the confidence of the correlations' intervals.
        seed: Seed of the permutations.
    """

    step: ClassVar[str] = "usefulness-plot"
    version: ClassVar[int] = 1
    code: ClassVar[tuple[str, ...]] = ("suite.report.drawing", "suite.statistics.correlation", "suite.randomness")
    imports: ClassVar[tuple[str, ...]] = ("matplotlib.figure", "scipy.stats")

    cells: tuple[tuple[str, str, str], ...]
    differences: tuple[float, ...]
    series: tuple[Series, ...]
    alpha: float
    seed: int

    def build(self, context: BuildContext) -> None:
        """Correlate and draw."""
        from suite.report.drawing import draw_usefulness
        from suite.statistics.correlation import rank_correlation

        found = [
            Correlation(
                metric=one.metric,
                **rank_correlation(one.values, self.differences, alpha=self.alpha, seed=self.seed).model_dump(),
            )
            for one in self.series
        ]
        draw_usefulness(self, found, context.payload / USEFULNESS)
        context.write_json(CORRELATIONS, [one.model_dump(mode="json") for one in found])


def difference_plots(results: Results) -> dict[str, DifferencePlot]:
    """Return the figure of each dataset that has something compared, by its name in the report."""
    bars: dict[str, list[Bar]] = {}
    for way in compared(results.cells):
        bar = Bar(
            generator=way.cell.generator or "",
            mode=way.cell.mode,
            difference=way.difference.difference,
            interval=way.difference.interval,
            verdict=way.judgement.verdict.value,
        )
        bars.setdefault(way.cell.dataset, []).append(bar)
    return {picture_name(DIFFERENCES, dataset): DifferencePlot(bars=tuple(found)) for dataset, found in bars.items()}


def usefulness_plot(results: Results) -> UsefulnessPlot | None:
    """Return the figure of metrics against usefulness, over all cells of the run; None with fewer than four."""
    cells = [cell for cell in results.cells if cell.comparison is not None and cell.generator is not None]
    values = [{one["name"]: one["value"] for one in cell.measurements} for cell in cells]
    metrics = dict.fromkeys(name for one in values for name in one)
    series = [Series(metric=name, values=tuple(one.get(name) for one in values)) for name in metrics]
    told = tuple(one for one in series if sum(value is not None for value in one.values) >= FEWEST)
    if not told:
        return None
    return UsefulnessPlot(
        cells=tuple((cell.dataset, cell.generator or "", cell.mode) for cell in cells),
        differences=tuple(cell.comparison.difference for cell in cells if cell.comparison),
        series=told,
        alpha=ALPHA,
        seed=0,
    )


def illustrate(
    results: Results, store: Store, say: Callable[[str], None] = lambda _: None
) -> tuple[Results, dict[str, Path]]:
    """Draw the figures that the store does not have yet.

    Args:
        results: What was found.
        store: Where figures are kept.
        say: Told of every figure that was found damaged, set aside and drawn again.

    Returns:
        The results with what the figures found out, and the figures by their names in the report.
    """

    def made(recipe: Recipe) -> Artifact:
        """Return a recipe's artifact, built here if it is missing, or by whoever is building it at this moment."""
        while True:
            artifact = store.find(recipe) or build(store, recipe)
            try:
                if artifact is not None:
                    artifact.verify()
                    return artifact
                time.sleep(0.05)
            except BadArtifact as error:
                say(f"{error}; set aside as {store.set_aside(error.key)}")

    figures = {name: made(plot).file(DIFFERENCES) for name, plot in difference_plots(results).items()}
    figures |= {name: made(plot).file(CURVES) for name, plot in curve_plots(results).items()}
    correlations: tuple[Correlation, ...] = ()
    plot = usefulness_plot(results)
    if plot is not None:
        drawn = made(plot)
        figures[picture_name(USEFULNESS)] = drawn.file(USEFULNESS)
        correlations = tuple(Correlation.model_validate(one) for one in drawn.json(CORRELATIONS))
    answers = (
        to_equivalent_real_images(cell, found)
        for asked, recipe in equivalent_real_images(results, ALPHA)
        for cell, found in zip(asked, made(recipe).json(EQUIVALENTS), strict=True)
    )
    return results.model_copy(update={"correlations": correlations, "equivalent_real_images": tuple(answers)}), figures
