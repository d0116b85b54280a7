"""Curves of sweeps as recipes, and the estimate of equivalent real images."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, ClassVar

from suite.artifacts import BuildContext, Recipe
from suite.errors import UsageError
from suite.pictures.picture import picture_name
from suite.planning.variants import Variant
from suite.report.comparisons import is_ceiling
from suite.report.costs import images_made
from suite.report.plots import REAL_ONLY, Line, Panel
from suite.results.models import Cell, EquivalentRealImages, ResultsFile

CURVES = "curves.svg"
EQUIVALENT_REAL_IMAGES = "equivalent_real_images.json"
REWEIGHTED = "real only, re-weighted"
MIN_POINTS = 2  # fewer points do not make a curve


class CurvePlot(Recipe):
    """Figure of one dataset's sweeps, with one panel per axis.

    The payload is ``curves.svg``.

    Attributes:
        panels: The data of the panels.
    """

    step: ClassVar[str] = "curve-plot"
    version: ClassVar[int] = 3
    code: ClassVar[tuple[str, ...]] = ("suite.report.drawing", "suite.report.plots")
    imports: ClassVar[tuple[str, ...]] = ("matplotlib.figure",)

    panels: tuple[Panel, ...]

    def build(self, context: BuildContext) -> None:
        """Draw the figure.

        Args:
            context: Where the payload is written.
        """
        from suite.report.drawing import draw_curves

        draw_curves(self.panels, context.payload / CURVES)


class EquivalentRealImagesEstimate(Recipe):
    """Estimate of how many real images alone reach given accuracies.

    The payload is ``equivalent_real_images.json``: a list with one ``EquivalentImages`` per entry of ``accuracies``,
    with its ``text`` and ``worth``.

    Attributes:
        sizes: Numbers of real images, rising.
        org: For each size the accuracies of ``org`` in percent, one per classifier seed.
        accuracies: For each cell its accuracies in percent, one per classifier seed.
        real: For each cell the number of its real images.
        uncertainties: For each cell the standard error of its difference from ``org``, and its degrees of freedom; None
            for classifiers with seeds.
        alpha: One minus the confidence level of the intervals.
    """

    step: ClassVar[str] = "equivalent-real-images"
    version: ClassVar[int] = 4
    code: ClassVar[tuple[str, ...]] = ("suite.statistics.equivalent_real_images",)
    imports: ClassVar[tuple[str, ...]] = ("scipy.stats", "scipy.optimize")

    sizes: tuple[int, ...]
    org: tuple[tuple[float, ...], ...]
    accuracies: tuple[tuple[float, ...], ...]
    real: tuple[int, ...]
    uncertainties: tuple[tuple[float, int] | None, ...]
    alpha: float

    def build(self, context: BuildContext) -> None:
        """Look up each accuracy on the curve of accuracy against the number of real images.

        Args:
            context: Where the payload is written.
        """
        from suite.statistics.equivalent_real_images import equivalent_images

        estimates = []
        for accuracies, real, uncertainty in zip(self.accuracies, self.real, self.uncertainties, strict=True):
            estimate = equivalent_images(self.sizes, self.org, accuracies, alpha=self.alpha, uncertainty=uncertainty)
            texts = {"text": estimate.text, "worth": estimate.worth(real)}
            estimates.append(estimate.model_dump(mode="json") | texts)
        context.write_json(EQUIVALENT_REAL_IMAGES, estimates)


def curve_plots(results: ResultsFile) -> dict[str, CurvePlot]:
    """Return the figure of each dataset with a sweep, keyed by its file name in the report.

    Args:
        results: The results of the run.
    """
    plots = {}
    for dataset in dict.fromkeys(cell.dataset for cell in results.cells if cell.variant):
        cells = [cell for cell in results.cells if cell.dataset == dataset and cell.mean is not None]
        candidates = (
            _mix_panel(cells, "ratio", "mix", "synthetic images added to each real one"),
            _mix_panel(cells, "replace", "syn", "share of real images replaced by synthetic ones"),
            _mix_panel(cells, "strength", "mix", "share of the noise that real images get before sampling"),
            _scarcity_panel(cells),
            _imbalance_panel(cells),
            _guidance_panel(cells),
            _classifier_panel(cells),
        )
        panels = tuple(panel for panel in candidates if panel is not None)
        if panels:
            plots[picture_name(CURVES, dataset)] = CurvePlot(panels=panels)
    return plots


def plan_equivalent_real_images(
    results: ResultsFile, alpha: float
) -> list[tuple[list[Cell], EquivalentRealImagesEstimate]]:
    """Return for each dataset with a curve of real images its ``mix`` cells, and the recipe of the estimate.

    The curve has the points of ``org`` in the sweep over scarcity, and ``mix`` of the ceiling, whose images are real.

    Args:
        results: The results of the run.
        alpha: One minus the confidence level of the intervals.

    Returns:
        Cells in the order of the recipe's ``accuracies``, and the recipe.
    """
    plans = []
    for dataset in dict.fromkeys(cell.dataset for cell in results.cells):
        cells = [cell for cell in results.cells if cell.dataset == dataset and cell.mean is not None and cell.counts]
        mix = [cell for generator in _generators(cells) for cell in _along(cells, "scarcity", "mix", generator)]
        ceiling, mix = [cell for cell in mix if is_ceiling(cell)], [cell for cell in mix if not is_ceiling(cell)]
        org = {_real_images(cell) + images_made(cell): cell for cell in ceiling}
        org |= {_real_images(cell): cell for cell in _along(cells, "scarcity", "org", None)}
        if len(org) >= MIN_POINTS and mix:
            # Only the first seeds, as many as every cell has: the estimate pairs cells by classifier seed.
            seeds = min(len(cell.accuracies) for cell in (*org.values(), *mix))
            recipe = EquivalentRealImagesEstimate(
                sizes=tuple(sorted(org)),
                org=tuple(org[size].accuracies[:seeds] for size in sorted(org)),
                accuracies=tuple(cell.accuracies[:seeds] for cell in mix),
                real=tuple(map(_real_images, mix)),
                uncertainties=tuple(map(_uncertainty, mix)),
                alpha=alpha,
            )
            plans.append((mix, recipe))
    return plans


def equivalent_real_images_row(cell: Cell, estimate: Mapping[str, Any]) -> EquivalentRealImages:
    """Return the published row of one cell.

    Args:
        cell: The cell.
        estimate: Its entry in ``equivalent_real_images.json``.
    """
    return EquivalentRealImages(
        dataset=cell.dataset,
        generator=cell.generator or "",
        variant=cell.variant,
        real=_real_images(cell),
        accuracy=cell.mean or 0.0,
        **{name: estimate[name] for name in ("equivalent", "relation", "interval", "text", "worth")},
    )


def variant_of(cell: Cell) -> Variant | None:
    """Return the variant of a cell; None for a cell of Table 1 and for a variant that this version does not know.

    Args:
        cell: The cell.
    """
    try:
        return Variant.parse(cell.variant) if cell.variant else None
    except UsageError:
        return None


def _mix_panel(cells: Sequence[Cell], axis: str, full_mode: str, x_label: str) -> Panel | None:
    """Return a panel of ``mix`` variants between ``org`` at 0 and the Table 1 cell of ``full_mode`` at 1."""
    org = _table1(cells, "org", None)
    lines = []
    for generator in _generators(cells):
        if swept := [(_axis_value(cell), cell) for cell in _swept(cells, axis, "mix", generator)]:
            table1 = [(0.0, cell) for cell in org] + [(1.0, cell) for cell in _table1(cells, full_mode, generator)]
            lines += _line(generator, [*table1, *swept])
    return _panel(x_label, lines, org=org)


def _scarcity_panel(cells: Sequence[Cell]) -> Panel | None:
    counted = [cell for cell in cells if cell.counts]
    if not any(variant.axis == "scarcity" for cell in counted if (variant := variant_of(cell))):
        return None
    lines = _line(REAL_ONLY, [(_real_images(cell), cell) for cell in _along(counted, "scarcity", "org", None)])
    for generator in _generators(counted):
        mix = _along(counted, "scarcity", "mix", generator)
        lines += _line(generator, [(_real_images(cell), cell) for cell in mix])
    return _panel("real training images, alone and with synthetic ones", lines, logarithmic=True)


def _imbalance_panel(cells: Sequence[Cell]) -> Panel | None:
    """Return accuracies against the imbalance of the real images; Table 1 has the factor 1."""

    def factors(swept: Sequence[Cell], balanced: Sequence[Cell]) -> list[tuple[float, Cell]]:
        return [*((_axis_value(cell), cell) for cell in swept), *((1.0, cell) for cell in balanced)]

    org = _table1(cells, "org", None)
    lines = []
    for name, axis in ((REAL_ONLY, "imbalance"), (REWEIGHTED, "reweighting")):
        if swept := _swept(cells, axis, "org", None):
            lines += _line(name, factors(swept, org))
    for generator in _generators(cells):
        lines += _line(generator, factors(_swept(cells, "imbalance", "mix", generator), ()))
    return _panel("real images of the largest class for each one of the smallest", lines, logarithmic=True)


def _guidance_panel(cells: Sequence[Cell]) -> Panel | None:
    lines = []
    for generator in _generators(cells):
        lines += _line(generator, [(_axis_value(cell), cell) for cell in _swept(cells, "guidance", "syn", generator)])
    return _panel("guidance, synthetic images alone", lines)


def _classifier_panel(cells: Sequence[Cell]) -> Panel | None:
    """Return the difference from ``org`` of each classifier, which is compared with ``org`` of the same classifier."""
    mix = [cell for cell in cells if cell.mode == "mix" and cell.comparison and cell.classifier]
    swept = [cell for cell in mix if (variant := variant_of(cell)) and variant.axis == "classifier"]
    if not swept:
        return None
    shown = [cell for cell in mix if cell.variant is None or cell in swept]
    names = list(dict.fromkeys(cell.classifier.name for cell in shown if cell.classifier))
    generators = _generators(shown)
    lines = []
    for number, generator in enumerate(generators):
        of_generator = [cell for cell in shown if cell.generator == generator and cell.comparison and cell.classifier]
        beside = 0.12 * (number - (len(generators) - 1) / 2)  # so that the intervals of generators do not overlap
        lines.append(
            Line(
                name=generator,
                x=tuple(names.index(cell.classifier.name) + beside for cell in of_generator if cell.classifier),
                y=tuple(cell.comparison.difference for cell in of_generator if cell.comparison),
                interval=tuple(cell.judgement.interval if cell.judgement else None for cell in of_generator),
            )
        )
    return Panel(
        x_label="classifier",
        y_label="MIX against ORG, points",
        names=tuple(names),
        logarithmic=False,
        level=0.0,
        lines=tuple(lines),
    )


def _panel(x_label: str, lines: Sequence[Line], *, logarithmic: bool = False, org: Sequence[Cell] = ()) -> Panel | None:
    if not lines:
        return None
    return Panel(x_label=x_label, logarithmic=logarithmic, level=org[0].mean if org else None, lines=tuple(lines))


def _line(name: str, points: Iterable[tuple[float, Cell]]) -> list[Line]:
    """Return a list of one line, or an empty list where fewer than two points differ in x."""
    ordered = sorted(((x, cell) for x, cell in points if cell.mean is not None), key=lambda point: point[0])
    if len({x for x, _ in ordered}) < MIN_POINTS:
        return []
    return [
        Line(
            name=name,
            x=tuple(x for x, _ in ordered),
            y=tuple(cell.mean or 0.0 for _, cell in ordered),
            interval=tuple(cell.interval for _, cell in ordered),
        )
    ]


def _along(cells: Sequence[Cell], axis: str, mode: str, generator: str | None) -> list[Cell]:
    """Return the variants along an axis, and the cell of Table 1 that they vary."""
    return [*_swept(cells, axis, mode, generator), *_table1(cells, mode, generator)]


def _swept(cells: Sequence[Cell], axis: str, mode: str, generator: str | None) -> list[Cell]:
    matching = (cell for cell in cells if (cell.mode, cell.generator) == (mode, generator))
    return [cell for cell in matching if (variant := variant_of(cell)) and variant.axis == axis]


def _table1(cells: Sequence[Cell], mode: str, generator: str | None) -> list[Cell]:
    return [cell for cell in cells if (cell.mode, cell.generator, cell.variant) == (mode, generator, None)]


def _generators(cells: Sequence[Cell]) -> list[str]:
    return list(dict.fromkeys(cell.generator for cell in cells if cell.generator))


def _axis_value(cell: Cell) -> float:
    variant = variant_of(cell)
    return variant.value if variant else 0.0


def _uncertainty(cell: Cell) -> tuple[float, int] | None:
    """Return the standard error of a cell's difference from ``org`` and its degrees of freedom, without seeds."""
    difference = cell.comparison
    if difference is None or difference.training_set_variance is None:
        return None
    return (difference.training_set_variance + difference.image_variance) ** 0.5, difference.n_resamples - 1


def _real_images(cell: Cell) -> int:
    return sum(cell.counts.real) if cell.counts else 0
