"""Draw differences from ``org`` by corruption and cell."""

from pathlib import Path

from matplotlib.patches import Rectangle

from suite.report.drawing import AXIS_COLOUR, VERDICT_STYLES, svg_figure
from suite.report.numbers import percent, points
from suite.report.plots import HeatMap

WIDTH = 8.6  # inches, as the curves of sweeps
STRONGEST = 0.65  # opacity of the largest difference, which leaves its number readable in light and dark mode
FULL_COLOUR = 20.0  # points; larger differences have the same colour
SYMBOLS = {"helps": "\N{BLACK UP-POINTING TRIANGLE}", "hurts": "\N{BLACK DOWN-POINTING TRIANGLE}"}
NOT_VALID = "not valid"


def draw_heat_map(heat_map: HeatMap, path: Path) -> None:
    """Draw one row per corruption: the accuracy of ``org`` as text, and the difference of every cell with its colour.

    Args:
        heat_map: The numbers.
        path: SVG file to write.
    """
    rows = len(heat_map.rows)
    with svg_figure(path, WIDTH, 0.6 + 0.26 * rows) as figure:
        axes = figure.add_subplot()
        for row, accuracy in enumerate(heat_map.org):
            axes.text(0, row, percent(accuracy), ha="center", va="center")
        for position, column in enumerate(heat_map.columns, 1):
            for row, (difference, verdict) in enumerate(zip(column.differences, column.verdicts, strict=True)):
                if difference is None:
                    continue
                text = points(difference)
                if verdict == NOT_VALID:
                    text = NOT_VALID
                else:
                    colour, _ = VERDICT_STYLES["helps" if difference > 0 else "hurts"]
                    alpha = STRONGEST * min(1.0, abs(difference) / FULL_COLOUR)
                    box = (position - 0.5, row - 0.5)
                    axes.add_patch(Rectangle(box, 1, 1, facecolor=colour, alpha=alpha, linewidth=0))
                axes.text(position, row, f"{text} {SYMBOLS.get(verdict, '')}".rstrip(), ha="center", va="center")
        axes.set_xticks(range(len(heat_map.columns) + 1), ["ORG", *(column.title for column in heat_map.columns)])
        axes.set_yticks(range(rows), heat_map.rows)
        axes.set_xlim(-0.5, len(heat_map.columns) + 0.5)
        axes.set_ylim(rows - 0.5, -0.5)
        axes.xaxis.tick_top()
        axes.tick_params(length=0, labelsize=9)
        for line in (0.5, rows - 1.5):  # below Table 1, above the mean
            axes.axhline(line, color=AXIS_COLOUR, linewidth=0.8)
        axes.spines[:].set_visible(False)
