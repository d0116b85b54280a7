"""Draw the figures with matplotlib: identical bytes for identical data, readable without colour and in dark mode."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import cycle
from math import ceil
from pathlib import Path
from textwrap import fill
from typing import TYPE_CHECKING, Any

import matplotlib
from matplotlib.backends.backend_svg import FigureCanvasSVG
from matplotlib.figure import Figure

from suite.report.numbers import correlation, points, probability, span
from suite.report.plots import REAL_ONLY, Bar, Diagram, Panel, Series

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from suite.results.models import Correlation

TEXT_COLOUR, DARK_TEXT_COLOUR, AXIS_COLOUR = "#1b2530", "#e3e8ee", "#8a94a0"
THEME = (
    f"<style>svg{{color:{TEXT_COLOUR}}}@media (prefers-color-scheme:dark){{svg{{color:{DARK_TEXT_COLOUR}}}}}</style>"
)
# The palette of Okabe and Ito can be told apart by colour-blind readers; markers differ too, for print in grey.
VERDICT_STYLES = {
    "helps": ("#0072b2", "^"),
    "hurts": ("#d55e00", "v"),
    "no practical difference": ("#8a94a0", "o"),
    "undecided": ("#8a94a0", "D"),
    "not valid": ("#8a94a0", "x"),
}
PALETTE = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9")
LINE_MARKERS = ("o", "^", "s", "D", "v", "P")
MODE_MARKERS = {"syn": "o", "mix": "^"}
COLUMNS = 3  # panels per row of the usefulness figure
DIAGRAMS = 4  # reliability diagrams per row
TITLE_WIDTH = 45  # characters of a line above one of its panels
RHO = "\N{GREEK SMALL LETTER RHO}"


def draw_differences(bars: Sequence[Bar], path: Path) -> None:
    """Draw one row per cell: a marker for the difference, a whisker for its interval, and the numbers as text.

    Args:
        bars: The differences, from top to bottom.
        path: SVG file to write.
    """
    with svg_figure(path, 7.2, 0.55 + 0.36 * len(bars)) as figure:
        axes = figure.add_subplot()
        for row, bar in enumerate(bars):
            colour, marker = VERDICT_STYLES[bar.verdict]
            if bar.interval:
                axes.plot(bar.interval, (row, row), color=colour, linewidth=2, solid_capstyle="butt")
            face = colour if bar.verdict != "undecided" else "none"
            axes.plot(bar.difference, row, marker, color=colour, markerfacecolor=face, markersize=7)
            text = [f"{points(bar.difference)}  ({span(bar.interval)})" if bar.interval else points(bar.difference)]
            text.insert(0 if bar.verdict == "not valid" else 1, bar.verdict)
            axes.annotate("  ".join(text), (1.02, row), xycoords=("axes fraction", "data"), va="center", fontsize=9)
        axes.axvline(0, color=TEXT_COLOUR, linewidth=1)
        axes.set_yticks(range(len(bars)), [f"{bar.generator} {bar.mode}" for bar in bars])
        axes.set_ylim(len(bars) - 0.4, -0.6)
        axes.set_xlabel("points of accuracy against real images alone")
        _remove_frame(axes)
        axes.grid(axis="x", color=AXIS_COLOUR, alpha=0.3, linewidth=0.6)


def draw_usefulness(
    cells: Sequence[tuple[str, str, str]],
    differences: Sequence[float],
    series: Sequence[Series],
    correlations: Sequence["Correlation"],
    path: Path,
) -> None:
    """Draw one scatter plot per metric: metric value on the x axis, accuracy difference on the y axis.

    A metric with the same value for all cells gets no panel, unless that is true of every metric. The reason stands
    where a rank correlation would if it is refused.

    Args:
        cells: Dataset, generator and mode of each cell.
        differences: Accuracy difference of each cell from ``org``, in points.
        series: The metrics.
        correlations: Rank correlation of each metric with the differences, in the order of ``series``.
        path: SVG file to write.
    """
    pairs = list(zip(series, correlations, strict=True))
    drawn = [(metric, found) for metric, found in pairs if len({*metric.values} - {None}) > 1] or pairs
    rows = ceil(len(drawn) / COLUMNS)
    several_datasets = len({dataset for dataset, _, _ in cells}) > 1
    groups = [dataset if several_datasets else generator for dataset, generator, _ in cells]
    colours = dict(zip(dict.fromkeys(groups), cycle(PALETTE), strict=False))
    with svg_figure(path, 9, 0.4 + 2.3 * rows) as figure:
        panels = list(figure.subplots(rows, COLUMNS, sharey=True, squeeze=False).flat)
        for axes, (metric, found) in zip(panels, drawn, strict=False):
            for (_, _, mode), group, value, difference in zip(cells, groups, metric.values, differences, strict=True):
                if value is not None:
                    axes.plot(value, difference, MODE_MARKERS[mode], color=colours[group], markersize=6)
            if found.spearman is None:
                result = fill(found.reason or "", TITLE_WIDTH)
            else:
                result = f"{RHO} = {correlation(found.spearman)}, p {probability(found.p)}"
            axes.set_title(f"{metric.metric}\n{result}", fontsize=8, loc="left")
            axes.axhline(0, color=TEXT_COLOUR, linewidth=0.8)
            axes.locator_params(nbins=4)
            _remove_frame(axes)
        for axes in panels[len(drawn) :]:
            axes.set_visible(False)
        for mode, marker in MODE_MARKERS.items():
            figure.axes[0].plot([], [], marker, color=TEXT_COLOUR, markersize=5, label=mode)
        for group, colour in colours.items():
            figure.axes[0].plot([], [], "s", color=colour, markersize=5, label=group)
        figure.legend(loc="outside lower center", ncols=8, frameon=False, fontsize=8)
        figure.supylabel("points against ORG", fontsize=9)


def draw_curves(panels: Sequence[Panel], path: Path) -> None:
    """Draw one panel per axis and one line per generator, with intervals as whiskers.

    A generator has the same colour in every panel. Real images alone are a dashed line in the text colour, so that
    the colours of the generators do not depend on the sweep.

    Args:
        panels: The panels, row by row.
        path: SVG file to write.
    """
    names = dict.fromkeys(line.name for panel in panels for line in panel.lines if line.name != REAL_ONLY)
    generator_styles = ((colour, f"{marker}-") for colour, marker in zip(PALETTE, LINE_MARKERS, strict=True))
    styles = {**dict(zip(names, cycle(generator_styles), strict=False)), REAL_ONLY: (TEXT_COLOUR, "x--")}
    columns = min(2, len(panels))
    rows = ceil(len(panels) / columns)
    with svg_figure(path, 4.3 * columns, 2.9 * rows) as figure:
        grid = figure.subplots(rows, columns, squeeze=False).flat
        for axes in grid[len(panels) :]:
            axes.set_visible(False)
        for axes, panel in zip(grid, panels, strict=False):
            for line in panel.lines:
                colour, style = styles[line.name]
                style = style.rstrip("-") if panel.names else style
                axes.plot(line.x, line.y, style, color=colour, linewidth=1.5, markersize=5, label=line.name)
                for x, interval in zip(line.x, line.interval, strict=True):
                    if interval:
                        axes.plot((x, x), interval, color=colour, linewidth=1, alpha=0.6)
            if panel.level is not None:
                axes.axhline(panel.level, color=TEXT_COLOUR, linewidth=0.9, linestyle="--")
                axes.annotate(REAL_ONLY, (1, panel.level), xycoords=("axes fraction", "data"), ha="right", va="bottom")
            if panel.logarithmic:
                axes.set_xscale("log")
                axes.set_xticks(sorted({x for line in panel.lines for x in line.x}), minor=False)
                axes.set_xticks([], minor=True)
                axes.xaxis.set_major_formatter(lambda x, _: f"{x:,.0f}")
            if panel.names:
                axes.set_xticks(range(len(panel.names)), [fill(name, 16) for name in panel.names])
            axes.set_xlabel(panel.x_label)
            axes.set_ylabel(panel.y_label)
            axes.legend(frameon=False, fontsize=8)
            axes.grid(axis="y", color=AXIS_COLOUR, alpha=0.3, linewidth=0.6)
            _remove_frame(axes)


def draw_reliability(diagrams: Sequence[Diagram], path: Path) -> None:
    """Draw one small reliability diagram per cell: accuracy against confidence, before and after temperature scaling.

    A classifier whose points lie below the diagonal is overconfident.

    Args:
        diagrams: The diagrams, row by row.
        path: SVG file to write.
    """
    columns = min(DIAGRAMS, len(diagrams))
    rows = ceil(len(diagrams) / columns)
    styles = (("as predicted", PALETTE[1], "o-"), ("scaled", PALETTE[0], "^--"))
    with svg_figure(path, max(2.2 * columns, 3.2), 0.4 + 2.2 * rows) as figure:
        grid = list(figure.subplots(rows, columns, sharex=True, sharey=True, squeeze=False).flat)
        for axes in grid[len(diagrams) :]:
            axes.set_visible(False)
        for axes, diagram in zip(grid, diagrams, strict=False):
            axes.plot((0, 1), (0, 1), color=AXIS_COLOUR, linewidth=0.8)
            for (_, colour, style), bins in zip(styles, (diagram.before, diagram.after), strict=True):
                if bins:
                    axes.plot(*zip(*bins, strict=True), style, color=colour, linewidth=1.2, markersize=3.5)
            axes.set_title(diagram.title, fontsize=7, loc="left")
            axes.set_aspect("equal")
            axes.set_xlim(-0.02, 1.02)
            axes.set_ylim(-0.02, 1.02)
            axes.set_xticks((0, 0.5, 1), ("0", "0.5", "1"))
            axes.set_yticks((0, 0.5, 1), ("0", "0.5", "1"))
            _remove_frame(axes)
        for name, colour, style in styles if any(diagram.after for diagram in diagrams) else styles[:1]:
            grid[0].plot([], [], style, color=colour, markersize=3.5, linewidth=1.2, label=name)
        figure.legend(loc="outside upper left", ncols=2, frameon=False, fontsize=8)
        figure.supxlabel("probability of the predicted class", fontsize=9)
        figure.supylabel("share that is right", fontsize=9)


def _remove_frame(axes: "Axes") -> None:
    axes.spines[["top", "right", "left"]].set_visible(False)
    axes.tick_params(length=0, labelsize=9)


@contextmanager
def svg_figure(path: Path, width: float, height: float) -> Iterator[Figure]:
    """Yield an empty figure, then write it as SVG without a date and with reproducible element ids.

    In the file the text colour is ``currentColor``, so that it follows the reader's light or dark mode.

    Args:
        path: SVG file to write.
        width: Width in inches.
        height: Height in inches.
    """
    settings: Any = {
        "svg.hashsalt": "suite",
        "svg.fonttype": "path",
        "font.family": "DejaVu Sans",
        "font.size": 9,
        "text.color": TEXT_COLOUR,
        "axes.labelcolor": TEXT_COLOUR,
        "axes.edgecolor": AXIS_COLOUR,
        "xtick.color": TEXT_COLOUR,
        "ytick.color": TEXT_COLOUR,
        "text.parse_math": False,
    }
    with matplotlib.rc_context():
        matplotlib.rcdefaults()
        matplotlib.rcParams.update(settings)
        figure = Figure(figsize=(width, height), layout="constrained")
        FigureCanvasSVG(figure)
        yield figure
        figure.savefig(path, format="svg", transparent=True, metadata={"Date": None, "Creator": None})
    text = path.read_text(encoding="utf-8").replace(TEXT_COLOUR, "currentColor")
    path.write_text(text.replace("<defs>", f"{THEME}<defs>", 1), encoding="utf-8")
