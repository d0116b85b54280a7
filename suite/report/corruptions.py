"""Results under corruptions of the test images: a table of means, and a heat map."""

from collections import Counter
from collections.abc import Iterable, Sequence
from statistics import fmean
from typing import ClassVar

from suite.artifacts import BuildContext, Recipe
from suite.pictures.picture import picture_name
from suite.report.comparisons import is_valid
from suite.report.numbers import points
from suite.report.plots import HeatMap, HeatMapColumn
from suite.report.tables import Table, ascii_rows, number_text
from suite.results.models import Cell, ResultsFile
from suite.statistics.summaries import Verdict

HEAT_MAP = "corruptions.svg"
AXIS = "corruption-"
CLEAN, MEAN = "none (Table 1)", "mean of the corruptions"
NOTE = (
    "Mean corruption Acc: over the corruptions of the test images. vs ORG: mean difference from ORG under the same "
    "corruptions, in points; for its interval under each of them see the table of all variants. The classifiers are "
    "those of the first look at Table 1; none is trained for this."
)


class HeatMapPlot(Recipe):
    """Heat map of one dataset: differences from ``org`` by corruption and cell.

    The payload is ``corruptions.svg``.

    Attributes:
        heat_map: The numbers.
    """

    step: ClassVar[str] = "heat-map"
    version: ClassVar[int] = 1
    code: ClassVar[tuple[str, ...]] = ("suite.report.drawing", "suite.report.heat_map", "suite.report.plots")
    imports: ClassVar[tuple[str, ...]] = ("matplotlib.figure",)

    heat_map: HeatMap

    def build(self, context: BuildContext) -> None:
        """Draw the figure.

        Args:
            context: Where the payload is written.
        """
        from suite.report.heat_map import draw_heat_map

        draw_heat_map(self.heat_map, context.payload / HEAT_MAP)


def corruption_table(results: ResultsFile) -> Table:
    """Return the mean corruption accuracy of every cell of Table 1 that was tested on corrupted images."""
    table1 = {cell.case: cell.mean for cell in results.cells if cell.variant is None}
    rows = []
    for cells in _by_cell(results.cells):
        case = cells[0].case.model_copy(update={"variant": None})
        hardest = min(cells, key=_accuracy)
        verdicts = Counter(str(cell.judgement.verdict) for cell in cells if cell.judgement)
        difference = _mean_difference(cells)
        valid = all(map(is_valid, cells))
        rows.append(
            (
                case.id,
                number_text(table1.get(case)),
                f"{fmean(map(_accuracy, cells)):.1f}",
                "" if difference is None else f"{'' if valid else f'{Verdict.NOT_VALID}: '}{points(difference)}",
                str(len(cells)),
                f"{_corruption(hardest)}: {number_text(hardest.mean)}",
                ", ".join(f"{count} {verdict}" for verdict, count in verdicts.most_common()),
            )
        )
    head = ("case", "Acc", "mean corruption Acc", "vs ORG", "corruptions", "hardest", "verdicts (exploratory)")
    return Table("Corruptions", head, ascii_rows(rows), (NOTE,))


def heat_map_plots(results: ResultsFile) -> dict[str, HeatMapPlot]:
    """Return the heat map of each dataset with differences under corruptions, keyed by its file name in the report.

    The first row is the difference of Table 1, the last one the mean over the corruptions.

    Args:
        results: The results of the run.
    """
    table1 = {cell.case: cell for cell in results.cells if cell.variant is None}
    plots = {}
    for dataset in dict.fromkeys(cell.dataset for cell in results.cells):
        of_dataset = [cell for cell in results.cells if cell.dataset == dataset and cell.comparison]
        by_cell = _by_cell(of_dataset)
        names = tuple(dict.fromkeys(_corruption(cell) for cells in by_cell for cell in cells))
        columns = []
        for cells in by_cell:
            clean = table1.get(cells[0].case.model_copy(update={"variant": None}))
            shown = {CLEAN: clean, **{_corruption(cell): cell for cell in cells}}
            in_order = [shown.get(name) for name in (CLEAN, *names)]
            columns.append(
                HeatMapColumn(
                    title=f"{cells[0].mode.upper()} {(cells[0].generator or '').upper()}",
                    differences=(*map(_difference, in_order), _mean_difference(cells)),
                    verdicts=(*map(_verdict, in_order), "" if all(map(is_valid, cells)) else str(Verdict.NOT_VALID)),
                )
            )
        if columns:
            org = {_corruption(cell): cell.comparison.org_accuracy for cell in of_dataset if cell.comparison}
            plots[picture_name(HEAT_MAP, dataset)] = HeatMapPlot(
                heat_map=HeatMap(
                    rows=(CLEAN, *names, MEAN),
                    org=(org.get(CLEAN), *(org[name] for name in names), fmean(org[name] for name in names)),
                    columns=tuple(columns),
                )
            )
    return plots


def _by_cell(cells: Iterable[Cell]) -> list[list[Cell]]:
    """Return the finished cells under corruptions, one list for each cell of Table 1."""
    found: dict[tuple[str, str | None, str], list[Cell]] = {}
    for cell in cells:
        if cell.variant is not None and cell.variant.startswith(AXIS) and cell.mean is not None:
            found.setdefault((cell.dataset, cell.generator, cell.mode), []).append(cell)
    return list(found.values())


def _corruption(cell: Cell) -> str:
    """Return the corruption of a cell, such as ``gaussian-noise-3``; ``CLEAN`` for a cell of Table 1."""
    return CLEAN if cell.variant is None else cell.variant.removeprefix(AXIS)


def _accuracy(cell: Cell) -> float:
    return cell.mean or 0.0


def _difference(cell: Cell | None) -> float | None:
    return cell.comparison.difference if cell and cell.comparison else None


def _verdict(cell: Cell | None) -> str:
    return str(cell.judgement.verdict) if cell and cell.judgement else ""


def _mean_difference(cells: Sequence[Cell]) -> float | None:
    differences = [difference for cell in cells if (difference := _difference(cell)) is not None]
    return fmean(differences) if differences else None
