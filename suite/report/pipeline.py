"""Draw the pipeline of a run (the paper's figure 1): every step is a box, every input of a step is a line."""

from collections.abc import Sequence
from html import escape
from textwrap import wrap

from suite.results.provenance import PipelineStep

BOX_WIDTH, BOX_HEIGHT, COLUMN_GAP, ROW_GAP, MARGIN = 112, 52, 22, 12, 4  # in pixels
LABEL_CHARACTERS = 16  # per line


def draw_pipeline(stages: Sequence[PipelineStep]) -> str:
    """Return the pipeline as an ``<svg>`` element with the colours of the page; empty without stages.

    Boxes are in columns by the number of steps before them. A line that follows from other lines is left out.

    Args:
        stages: The steps, each after those it reads.
    """
    if not stages:
        return ""
    inputs = _direct_inputs(stages)
    columns = _columns(stages, inputs)
    tallest = max(len(column) for column in columns)
    corners = {}
    for number, column in enumerate(columns):
        top = MARGIN + (tallest - len(column)) * (BOX_HEIGHT + ROW_GAP) / 2
        for row, step in enumerate(column):
            corners[step] = (MARGIN + number * (BOX_WIDTH + COLUMN_GAP), top + row * (BOX_HEIGHT + ROW_GAP))
    width = 2 * MARGIN + len(columns) * (BOX_WIDTH + COLUMN_GAP) - COLUMN_GAP
    height = 2 * MARGIN + tallest * (BOX_HEIGHT + ROW_GAP) - ROW_GAP
    sentences = "; ".join(
        f"{stage.step} reads {', '.join(stage.reads)}" if stage.reads else f"{stage.step} has no inputs"
        for stage in stages
    )
    lines = (_line(corners[source], corners[step]) for step in inputs for source in inputs[step])
    boxes = (_box(stage, *corners[stage.step]) for stage in stages)
    return "\n".join(
        (
            f'<svg class="pipeline" viewBox="0 0 {width} {height:g}" width="{width}" height="{height:g}" role="img"'
            f' aria-label="{escape(f"The steps of this run: {sentences}.")}">',
            *lines,
            *boxes,
            "</svg>",
        )
    )


def _direct_inputs(stages: Sequence[PipelineStep]) -> dict[str, tuple[str, ...]]:
    """Return the inputs of each step without those that another of its inputs depends on."""
    reads: dict[str, set[str]] = {}
    ancestors: dict[str, set[str]] = {}
    for stage in stages:
        reads[stage.step] = set(stage.reads) & set(ancestors)
        ancestors[stage.step] = reads[stage.step].union(*(ancestors[source] for source in reads[stage.step]))
    return {
        step: tuple(
            sorted(source for source in sources if not any(source in ancestors[other] for other in sources - {source}))
        )
        for step, sources in reads.items()
    }


def _columns(stages: Sequence[PipelineStep], inputs: dict[str, tuple[str, ...]]) -> list[list[str]]:
    """Return the steps of each column.

    A step is in the column before its first reader, and within a column near the rows of its inputs.
    """
    depth: dict[str, int] = {}
    for stage in stages:
        depth[stage.step] = 1 + max((depth[source] for source in inputs[stage.step]), default=-1)
    for stage in reversed(stages):
        readers = [depth[step] for step, sources in inputs.items() if stage.step in sources]
        depth[stage.step] = min(readers) - 1 if readers else depth[stage.step]
    columns: list[list[str]] = []
    rows: dict[str, float] = {}  # row of each step, counted from the middle of its column
    for number in range(max(depth.values()) + 1):
        column = [step for step in depth if depth[step] == number]
        column.sort(key=lambda step: sum(rows[source] for source in inputs[step]) / max(1, len(inputs[step])))
        rows |= {step: row - len(column) / 2 for row, step in enumerate(column)}
        columns.append(column)
    return columns


def _line(start: tuple[float, float], end: tuple[float, float]) -> str:
    """Return a curve from the right edge of one box to the left edge of another.

    Args:
        start: Top left corner of the first box.
        end: Top left corner of the second box.
    """
    x, y = start[0] + BOX_WIDTH, start[1] + BOX_HEIGHT / 2
    end_x, end_y = end[0], end[1] + BOX_HEIGHT / 2
    middle = end_x - COLUMN_GAP / 2
    return f'<path d="M{x:g} {y:g}C{middle:g} {y:g} {middle:g} {end_y:g} {end_x:g} {end_y:g}"/>'


def _box(stage: PipelineStep, x: float, y: float) -> str:
    lines = wrap(stage.step.replace("-", " "), LABEL_CHARACTERS, max_lines=2, placeholder="…") or [""]
    centre, top = f'x="{x + BOX_WIDTH / 2:g}"', y + 27 - 7 * len(lines)
    labels = (f'<text {centre} y="{top + 14 * row:g}">{escape(line)}</text>' for row, line in enumerate(lines))
    count = f"{stage.count} {'artifact' if stage.count == 1 else 'artifacts'}"
    return (
        f'<g><rect x="{x:g}" y="{y:g}" width="{BOX_WIDTH}" height="{BOX_HEIGHT}" rx="6"/>{"".join(labels)}'
        f'<text class="count" {centre} y="{top + 14 * len(lines):g}">{count}</text></g>'
    )
