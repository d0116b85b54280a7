"""The figures of a report as recipes.

A recipe holds the numbers that its figure shows, taken from the results, so it reads no other artifact, and a report
whose figures are in the store needs no plotting library.
"""

import time
from collections.abc import Callable
from pathlib import Path
from typing import ClassVar

from suite.artifacts import Artifact, BuildContext, Recipe, Store
from suite.engines.build import build
from suite.errors import BadArtifact
from suite.pictures.picture import picture_name
from suite.report.calibration_table import RELIABILITY, reliability_plots
from suite.report.comparisons import Compared, compared, considered, is_valid
from suite.report.corruptions import HEAT_MAP, heat_map_plots
from suite.report.curves import (
    CURVES,
    EQUIVALENT_REAL_IMAGES,
    curve_plots,
    equivalent_real_images_row,
    plan_equivalent_real_images,
)
from suite.report.plots import Bar, Series
from suite.results.measurements import mean_measurements
from suite.results.models import Correlation, ResultsFile

DIFFERENCES = "differences.svg"
USEFULNESS = "usefulness.svg"
CORRELATIONS = "correlations.json"
MIN_DRAWN = 4  # generators; fewer markers show nothing
ALPHA = 0.05
POLL_SECONDS = 0.05  # while another process builds the same figure


class DifferencePlot(Recipe):
    """Figure of the accuracy differences from ``org`` with their intervals.

    The payload is ``differences.svg``.

    Attributes:
        bars: The differences, from top to bottom.
    """

    step: ClassVar[str] = "difference-plot"
    version: ClassVar[int] = 2
    code: ClassVar[tuple[str, ...]] = ("suite.report.drawing", "suite.report.plots")
    imports: ClassVar[tuple[str, ...]] = ("matplotlib.figure",)

    bars: tuple[Bar, ...]

    def build(self, context: BuildContext) -> None:
        """Draw the figure.

        Args:
            context: Where the payload is written.
        """
        from suite.report.drawing import draw_differences

        draw_differences(self.bars, context.payload / DIFFERENCES)


class UsefulnessPlot(Recipe):
    """Figure of each metric against the accuracy difference of each generator and dataset, with rank correlations.

    The payload is ``usefulness.svg`` and ``correlations.json``, a list with one ``Correlation`` per metric.

    Attributes:
        cells: Dataset, generator and mode of one cell of each generator and dataset.
        differences: Accuracy difference of these cells from ``org``, in points.
        series: The metrics.
        alpha: One minus the confidence level of the correlations' intervals.
        seed: Seed of the permutation test.
    """

    step: ClassVar[str] = "usefulness-plot"
    version: ClassVar[int] = 2
    code: ClassVar[tuple[str, ...]] = (
        "suite.report.drawing",
        "suite.report.plots",
        "suite.statistics.correlation",
        "suite.randomness",
    )
    imports: ClassVar[tuple[str, ...]] = ("matplotlib.figure", "scipy.stats")

    cells: tuple[tuple[str, str, str], ...]
    differences: tuple[float, ...]
    series: tuple[Series, ...]
    alpha: float
    seed: int

    def build(self, context: BuildContext) -> None:
        """Compute the correlations and draw the figure.

        Args:
            context: Where the payload is written.
        """
        from suite.report.drawing import draw_usefulness
        from suite.statistics.correlation import rank_correlation

        correlations = [
            Correlation(
                metric=metric.metric,
                **rank_correlation(metric.values, self.differences, alpha=self.alpha, seed=self.seed).model_dump(),
            )
            for metric in self.series
        ]
        draw_usefulness(self.cells, self.differences, self.series, correlations, context.payload / USEFULNESS)
        context.write_json(CORRELATIONS, [correlation.model_dump(mode="json") for correlation in correlations])


def difference_plots(results: ResultsFile) -> dict[str, DifferencePlot]:
    """Return the figure of each dataset with a comparison, keyed by its file name in the report.

    Args:
        results: The results of the run.
    """
    bars: dict[str, list[Bar]] = {}
    for comparison in compared(results.cells):
        bar = Bar(
            generator=comparison.cell.generator or "",
            mode=comparison.cell.mode,
            difference=comparison.difference.difference,
            interval=comparison.judgement.interval,
            verdict=comparison.judgement.verdict.value,
        )
        bars.setdefault(comparison.cell.dataset, []).append(bar)
    return {
        picture_name(DIFFERENCES, dataset): DifferencePlot(bars=tuple(of_dataset))
        for dataset, of_dataset in bars.items()
    }


def usefulness_plot(results: ResultsFile) -> UsefulnessPlot | None:
    """Return the figure of metrics against usefulness; None where no metric has enough values.

    SYN and MIX of a generator have the same images and metrics, so there is one value for each generator and dataset:
    the difference of MIX, or of SYN where there is no MIX. Cells that are not valid are left out.

    Args:
        results: The results of the run.
    """
    by_generator: dict[tuple[str, str | None], list[Compared]] = {}
    for comparison in compared(results.cells):
        by_generator.setdefault((comparison.cell.dataset, comparison.cell.generator), []).append(comparison)
    cells = [one.cell for group in by_generator.values() for one in considered(group) if is_valid(one.cell)]
    values = [{metric["name"]: metric["value"] for metric in mean_measurements(cell.measurements)} for cell in cells]
    names = dict.fromkeys(name for of_cell in values for name in of_cell)
    candidates = [Series(metric=name, values=tuple(of_cell.get(name) for of_cell in values)) for name in names]
    series = tuple(one for one in candidates if sum(value is not None for value in one.values) >= MIN_DRAWN)
    if not series:
        return None
    return UsefulnessPlot(
        cells=tuple((cell.dataset, cell.generator or "", cell.mode) for cell in cells),
        differences=tuple(cell.comparison.difference for cell in cells if cell.comparison),
        series=series,
        alpha=ALPHA,
        seed=0,
    )


def build_figures(
    results: ResultsFile, store: Store, warn: Callable[[str], None] = lambda _: None
) -> tuple[ResultsFile, dict[str, Path]]:
    """Build the figures that are not in the store.

    Args:
        results: The results of the run.
        store: Where figures are kept.
        warn: Called with a message for every damaged figure, which is set aside and built again.

    Returns:
        The results with correlations and equivalent real images, and the figures keyed by file name in the report.
    """

    def artifact_of(recipe: Recipe) -> Artifact:
        """Return the verified artifact, built here if it is missing; wait where another process is building it."""
        while True:
            artifact = store.find(recipe) or build(store, recipe)
            try:
                if artifact is not None:
                    artifact.verify()
                    return artifact
                time.sleep(POLL_SECONDS)
            except BadArtifact as error:
                warn(f"{error}; set aside as {store.set_aside(error.key)}")

    figures = {name: artifact_of(plot).file(DIFFERENCES) for name, plot in difference_plots(results).items()}
    figures |= {name: artifact_of(plot).file(CURVES) for name, plot in curve_plots(results).items()}
    figures |= {name: artifact_of(plot).file(HEAT_MAP) for name, plot in heat_map_plots(results).items()}
    figures |= {name: artifact_of(plot).file(RELIABILITY) for name, plot in reliability_plots(results).items()}
    correlations: tuple[Correlation, ...] = ()
    plot = usefulness_plot(results)
    if plot is not None:
        artifact = artifact_of(plot)
        figures[picture_name(USEFULNESS)] = artifact.file(USEFULNESS)
        correlations = tuple(Correlation.model_validate(row) for row in artifact.json(CORRELATIONS))
    rows = tuple(
        equivalent_real_images_row(cell, estimate)
        for cells, recipe in plan_equivalent_real_images(results, ALPHA)
        for cell, estimate in zip(cells, artifact_of(recipe).json(EQUIVALENT_REAL_IMAGES), strict=True)
    )
    return results.model_copy(update={"correlations": correlations, "equivalent_real_images": rows}), figures
