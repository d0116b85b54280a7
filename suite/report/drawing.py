"""Drawing the figures with matplotlib: the same bytes every time, readable without colours and in the dark."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import cycle
from math import ceil
from pathlib import Path
from typing import TYPE_CHECKING, Any

import matplotlib
from matplotlib.backends.backend_svg import FigureCanvasSVG
from matplotlib.figure import Figure

from suite.report.curves import REAL_ONLY
from suite.report.numbers import correlation, points, probability, span

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from suite.report.curves import CurvePlot
    from suite.report.figures import DifferencePlot, UsefulnessPlot
    from suite.results.models import Correlation

INK, DARK_INK, LINE = "#1b2530", "#e3e8ee", "#8a94a0"
THEME = f"<style>svg{{color:{INK}}}@media (prefers-color-scheme:dark){{svg{{color:{DARK_INK}}}}}</style>"
# Okabe and Ito's palette, which survives colour blindness; symbols differ too, for print.
VERDICTS = {
    "helps": ("#0072b2", "^"),
    "hurts": ("#d55e00", "v"),
    "no evidence": ("#8a94a0", "o"),
    "too few seeds": ("#8a94a0", "D"),
}
PALETTE = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9")
LINES = ("o", "^", "s", "D", "v", "P")
MODES = {"syn": "o", "mix": "^"}
COLUMNS = 3
RHO = "\N{GREEK SMALL LETTER RHO}"


def draw_differences(plot: "DifferencePlot", path: Path) -> None:
    """Draw each difference as a mark on a whisker, and the numbers beside it, a row a cell."""
    with _figure(path, 7.2, 0.55 + 0.36 * len(plot.bars)) as figure:
        axes = figure.add_subplot()
        for row, bar in enumerate(plot.bars):
            colour, marker = VERDICTS[bar.verdict]
            if bar.interval:
                axes.plot(bar.interval, (row, row), color=colour, linewidth=2, solid_capstyle="butt")
            filled = colour if bar.verdict != "too few seeds" else "none"
            axes.plot(bar.difference, row, marker, color=colour, markerfacecolor=filled, markersize=7)
            words = f"{points(bar.difference)}  ({span(bar.interval)})" if bar.interval else points(bar.difference)
            axes.annotate(
                f"{words}  {bar.verdict}", (1.02, row), xycoords=("axes fraction", "data"), va="center", fontsize=9
            )
        axes.axvline(0, color=INK, linewidth=1)
        axes.set_yticks(range(len(plot.bars)), [f"{bar.generator} {bar.mode}" for bar in plot.bars])
        axes.set_ylim(len(plot.bars) - 0.4, -0.6)
        axes.set_xlabel("points of accuracy against real images alone")
        _quiet(axes)
        axes.grid(axis="x", color=LINE, alpha=0.3, linewidth=0.6)


def draw_usefulness(plot: "UsefulnessPlot", correlations: Sequence["Correlation"], path: Path) -> None:
    """Draw a panel a metric, its value to the right and the accuracy difference upwards, a mark a cell.

    A metric that is the same for all cells has no panel, unless they all are.
    """
    pairs = list(zip(plot.series, correlations, strict=True))
    shown = [(series, found) for series, found in pairs if found.spearman is not None] or pairs
    rows = ceil(len(shown) / COLUMNS)
    several = len({dataset for dataset, _, _ in plot.cells}) > 1
    groups = [dataset if several else generator for dataset, generator, _ in plot.cells]
    colours = dict(zip(dict.fromkeys(groups), cycle(PALETTE), strict=False))
    with _figure(path, 9, 0.4 + 2.3 * rows) as figure:
        panels = list(figure.subplots(rows, COLUMNS, sharey=True, squeeze=False).flat)
        for axes, (series, found) in zip(panels, shown, strict=False):
            marks = zip(plot.cells, groups, series.values, plot.differences, strict=True)
            for (_, _, mode), group, value, difference in marks:
                if value is not None:
                    axes.plot(value, difference, MODES[mode], color=colours[group], markersize=6)
            rho = "" if found.spearman is None else f"{RHO} = {correlation(found.spearman)}, p {probability(found.p)}"
            axes.set_title(f"{series.metric}\n{rho}", fontsize=8, loc="left")
            axes.axhline(0, color=INK, linewidth=0.8)
            axes.locator_params(nbins=4)
            _quiet(axes)
        for axes in panels[len(shown) :]:
            axes.set_visible(False)
        for mode, marker in MODES.items():
            figure.axes[0].plot([], [], marker, color=INK, markersize=5, label=mode)
        for group, colour in colours.items():
            figure.axes[0].plot([], [], "s", color=colour, markersize=5, label=group)
        figure.legend(loc="outside lower center", ncols=8, frameon=False, fontsize=8)
        figure.supylabel("points against ORG", fontsize=9)


def draw_curves(plot: "CurvePlot", path: Path) -> None:
    """Draw a panel an axis, a line a generator, its intervals as whiskers; each generator in one colour.

    Real images alone are dashed ink in every panel, so that the generators' colours do not depend on the sweep.
    """
    names = dict.fromkeys(line.name for panel in plot.panels for line in panel.lines if line.name != REAL_ONLY)
    styles = ((colour, f"{marker}-") for colour, marker in zip(PALETTE, LINES, strict=True))
    looks = {**dict(zip(names, cycle(styles), strict=False)), REAL_ONLY: (INK, "x--")}
    columns = min(2, len(plot.panels))
    rows = ceil(len(plot.panels) / columns)
    with _figure(path, 4.3 * columns, 2.9 * rows) as figure:
        grid = figure.subplots(rows, columns, squeeze=False).flat
        for axes in grid[len(plot.panels) :]:
            axes.set_visible(False)
        for axes, panel in zip(grid, plot.panels, strict=False):
            for line in panel.lines:
                colour, style = looks[line.name]
                axes.plot(line.x, line.y, style, color=colour, linewidth=1.5, markersize=5, label=line.name)
                for x, interval in zip(line.x, line.interval, strict=True):
                    if interval:
                        axes.plot((x, x), interval, color=colour, linewidth=1, alpha=0.6)
            if panel.level is not None:
                axes.axhline(panel.level, color=INK, linewidth=0.9, linestyle="--")
                axes.annotate(REAL_ONLY, (1, panel.level), xycoords=("axes fraction", "data"), ha="right", va="bottom")
            if panel.logarithmic:
                axes.set_xscale("log")
                axes.set_xticks(sorted({x for line in panel.lines for x in line.x}), minor=False)
                axes.set_xticks([], minor=True)
                axes.xaxis.set_major_formatter(lambda x, _: f"{x:,.0f}")
            axes.set_xlabel(panel.x_label)
            axes.legend(frameon=False, fontsize=8)
            axes.grid(axis="y", color=LINE, alpha=0.3, linewidth=0.6)
            _quiet(axes)
        figure.supylabel("accuracy, percent", fontsize=9)


def _quiet(axes: "Axes") -> None:
    axes.spines[["top", "right", "left"]].set_visible(False)
    axes.tick_params(length=0, labelsize=9)


@contextmanager
def _figure(path: Path, width: float, height: float) -> Iterator[Figure]:
    """Yield a figure of so many inches and write it as SVG: no date, no random ids, ink in the reader's colour."""
    settings: Any = {
        "svg.hashsalt": "suite",
        "svg.fonttype": "path",
        "font.family": "DejaVu Sans",
        "font.size": 9,
        "text.color": INK,
        "axes.labelcolor": INK,
        "axes.edgecolor": LINE,
        "xtick.color": INK,
        "ytick.color": INK,
        "text.parse_math": False,
    }
    with matplotlib.rc_context():
        matplotlib.rcdefaults()
        matplotlib.rcParams.update(settings)
        figure = Figure(figsize=(width, height), layout="constrained")
        FigureCanvasSVG(figure)
        yield figure
        figure.savefig(path, format="svg", transparent=True, metadata={"Date": None, "Creator": None})
    text = path.read_text(encoding="utf-8").replace(INK, "currentColor")
    path.write_text(text.replace("<defs>", f"{THEME}<defs>", 1), encoding="utf-8")
