"""The curves of sweeps, and the number a practitioner wants: how many real images is a synthetic set worth?"""

from collections.abc import Iterable, Sequence
from statistics import fmean
from typing import Any, ClassVar

from pydantic import BaseModel, ConfigDict

from suite.artifacts import BuildContext, Recipe
from suite.errors import UsageError
from suite.pictures.picture import picture_name
from suite.planning.variants import Axis, Variant
from suite.results.models import Cell, EquivalentRealImages, Results

CURVES = "curves.svg"
EQUIVALENTS = "worths.json"
FEWEST = 2
REAL_ONLY = "real only"


class Line(BaseModel):
    """Accuracy along an axis: for each x a mean in percent and its interval over seeds."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    x: tuple[float, ...]
    y: tuple[float, ...]
    interval: tuple[tuple[float, float] | None, ...]


class Panel(BaseModel):
    """Lines over one axis; ``level`` is the accuracy of real images alone, where it is not a line itself."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    x_label: str
    logarithmic: bool
    level: float | None
    lines: tuple[Line, ...]


class CurvePlot(Recipe):
    """The curves of one dataset's sweeps, a panel an axis: ``curves.svg``."""

    step: ClassVar[str] = "curve-plot"
    version: ClassVar[int] = 2
    code: ClassVar[tuple[str, ...]] = ("suite.report.drawing",)
    imports: ClassVar[tuple[str, ...]] = ("matplotlib.figure",)

    panels: tuple[Panel, ...]

    def build(self, context: BuildContext) -> None:
        """Draw the figure."""
        from suite.report.drawing import draw_curves

        draw_curves(self, context.payload / CURVES)


class EstimateEquivalents(Recipe):
    """The number of real images alone that reaches each accuracy.

    The payload is ``equivalent_real_images.json``, one ``EquivalentImages`` for each accuracy.

    Attributes:
        sizes: Numbers of real images, rising.
        org: For each size the accuracies of real images alone, one a classifier seed.
        accuracies: For each question the accuracies, one a classifier seed.
        alpha: One minus the confidence.
    """

    step: ClassVar[str] = "equivalent-real-images"
    version: ClassVar[int] = 1
    code: ClassVar[tuple[str, ...]] = ("suite.statistics.equivalent_real_images",)
    imports: ClassVar[tuple[str, ...]] = ("scipy.stats", "scipy.optimize")

    sizes: tuple[int, ...]
    org: tuple[tuple[float, ...], ...]
    accuracies: tuple[tuple[float, ...], ...]
    alpha: float

    def build(self, context: BuildContext) -> None:
        """Read each accuracy off the curve of real images."""
        from suite.statistics.equivalent_real_images import equivalent_images

        found = [
            equivalent_images(self.sizes, self.org, accuracies, alpha=self.alpha) for accuracies in self.accuracies
        ]
        context.write_json(EQUIVALENTS, [one.model_dump(mode="json") | {"text": one.text} for one in found])


def curve_plots(results: Results) -> dict[str, CurvePlot]:
    """Return the figure of each dataset that was swept, by its name in the report."""
    plots = {}
    for dataset in dict.fromkeys(cell.dataset for cell in results.cells if cell.variant):
        cells = [cell for cell in results.cells if cell.dataset == dataset and cell.mean is not None]
        panels = (_added(cells), _replaced(cells), _scarcity(cells), _guidance(cells))
        there = tuple(panel for panel in panels if panel is not None)
        if there:
            plots[picture_name(CURVES, dataset)] = CurvePlot(panels=there)
    return plots


def equivalent_real_images(results: Results, alpha: float) -> list[tuple[list[Cell], EstimateEquivalents]]:
    """Return for each dataset with a scarcity sweep the cells that are asked about, and the recipe that answers."""
    found = []
    for dataset in dict.fromkeys(cell.dataset for cell in results.cells):
        cells = [cell for cell in results.cells if cell.dataset == dataset and cell.mean is not None and cell.counts]
        org = {_real(cell): cell for cell in _along(cells, "scarcity", "org", None)}
        asked = [
            cell
            for generator in dict.fromkeys(cell.generator for cell in cells if cell.generator)
            for cell in _along(cells, "scarcity", "mix", generator)
        ]
        seeds = {len(_by_classifier_seed(cell)) for cell in (*org.values(), *asked)}
        if len(org) >= FEWEST and asked:
            shared = min(seeds)  # those that every cell was trained with
            recipe = EstimateEquivalents(
                sizes=tuple(sorted(org)),
                org=tuple(_by_classifier_seed(org[size])[:shared] for size in sorted(org)),
                accuracies=tuple(_by_classifier_seed(cell)[:shared] for cell in asked),
                alpha=alpha,
            )
            found.append((asked, recipe))
    return found


def to_equivalent_real_images(cell: Cell, found: dict[str, Any]) -> EquivalentRealImages:
    """Return the answer for a cell, as ``equivalent_real_images.json`` has it, in the shape that is published."""
    shown = {name: found[name] for name in ("equivalent", "relation", "interval", "text")}
    return EquivalentRealImages(
        dataset=cell.dataset,
        generator=cell.generator or "",
        variant=cell.variant,
        real=_real(cell),
        accuracy=cell.mean or 0.0,
        **shown,
    )


def axis_of(cell: Cell) -> Variant | None:
    """Return what was changed in a cell; None for a cell of Table 1, and for a variant this suite does not know."""
    try:
        return Variant.parse(cell.variant) if cell.variant else None
    except UsageError:
        return None


def _added(cells: Sequence[Cell]) -> Panel | None:
    org = _table1(cells, "org", None)
    lines = []
    for generator in _generators(cells):
        swept = [(axis_value(cell), cell) for cell in _swept(cells, "ratio", "mix", generator)]
        whole = [(0.0, cell) for cell in org] + [(1.0, cell) for cell in _table1(cells, "mix", generator)]
        lines += _line(generator, [*whole, *swept] if swept else [])
    return _panel("synthetic images added to each real one", lines, level=org)


def _replaced(cells: Sequence[Cell]) -> Panel | None:
    org = _table1(cells, "org", None)
    lines = []
    for generator in _generators(cells):
        swept = [(axis_value(cell), cell) for cell in _swept(cells, "replace", "mix", generator)]
        whole = [(0.0, cell) for cell in org] + [(1.0, cell) for cell in _table1(cells, "syn", generator)]
        lines += _line(generator, [*whole, *swept] if swept else [])
    return _panel("share of real images replaced by synthetic ones", lines, level=org)


def _scarcity(cells: Sequence[Cell]) -> Panel | None:
    known = [cell for cell in cells if cell.counts]
    if not any(variant.axis == "scarcity" for cell in known if (variant := axis_of(cell))):
        return None
    lines = _line(REAL_ONLY, [(_real(cell), cell) for cell in _along(known, "scarcity", "org", None)])
    for generator in _generators(known):
        lines += _line(generator, [(_real(cell), cell) for cell in _along(known, "scarcity", "mix", generator)])
    return _panel("real training images, alone and with synthetic ones", lines, logarithmic=True)


def _guidance(cells: Sequence[Cell]) -> Panel | None:
    lines = []
    for generator in _generators(cells):
        lines += _line(generator, [(axis_value(cell), cell) for cell in _swept(cells, "guidance", "syn", generator)])
    return _panel("guidance, synthetic images alone", lines)


def _panel(
    x_label: str, lines: Sequence[Line], *, logarithmic: bool = False, level: Sequence[Cell] = ()
) -> Panel | None:
    if not lines:
        return None
    return Panel(x_label=x_label, logarithmic=logarithmic, level=level[0].mean if level else None, lines=tuple(lines))


def _line(name: str, points: Iterable[tuple[float, Cell]]) -> list[Line]:
    """Return a line through at least two points, or none."""
    ordered = sorted(((x, cell) for x, cell in points if cell.mean is not None), key=lambda point: point[0])
    if len({x for x, _ in ordered}) < FEWEST:
        return []
    return [
        Line(
            name=name,
            x=tuple(x for x, _ in ordered),
            y=tuple(cell.mean or 0.0 for _, cell in ordered),
            interval=tuple(cell.interval for _, cell in ordered),
        )
    ]


def _along(cells: Sequence[Cell], axis: Axis, mode: str, generator: str | None) -> list[Cell]:
    """Return the variants along an axis and the cell of Table 1 that they vary."""
    return [*_swept(cells, axis, mode, generator), *_table1(cells, mode, generator)]


def _swept(cells: Sequence[Cell], axis: Axis, mode: str, generator: str | None) -> list[Cell]:
    of_both = (cell for cell in cells if (cell.mode, cell.generator) == (mode, generator))
    return [cell for cell in of_both if (variant := axis_of(cell)) and variant.axis == axis]


def _table1(cells: Sequence[Cell], mode: str, generator: str | None) -> list[Cell]:
    return [cell for cell in cells if (cell.mode, cell.generator, cell.variant) == (mode, generator, None)]


def _generators(cells: Sequence[Cell]) -> list[str]:
    return list(dict.fromkeys(cell.generator for cell in cells if cell.generator))


def axis_value(cell: Cell) -> float:
    """Return how much was changed in a variant."""
    variant = axis_of(cell)
    return variant.value if variant else 0.0


def _real(cell: Cell) -> int:
    return sum(cell.counts.real) if cell.counts else 0


def _by_classifier_seed(cell: Cell) -> tuple[float, ...]:
    """Return the accuracy of each classifier seed, a mean over generator seeds."""
    seeds = cell.comparison.n_seeds if cell.comparison else len(cell.accuracies)
    return tuple(fmean(cell.accuracies[seed::seeds]) for seed in range(seeds))
