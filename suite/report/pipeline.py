"""The paper's figure 1, drawn from the actual plan: every step as a box, every reading of an artifact as a line."""

from collections.abc import Sequence
from html import escape
from textwrap import wrap

from suite.results.provenance import Stage

WIDTH, HEIGHT, ACROSS, DOWN, EDGE = 112, 52, 22, 12, 4
LETTERS = 16


def draw_pipeline(stages: Sequence[Stage]) -> str:
    """Return the pipeline as an ``<svg>`` element that takes its colours from the page; empty without stages.

    Boxes stand in columns by how many steps come before them; a line that other lines already imply is left out.

    Args:
        stages: Each after those it reads.
    """
    if not stages:
        return ""
    reads = _direct(stages)
    columns = _columns(stages, reads)
    tallest = max(len(column) for column in columns)
    data_paths = {}
    for number, column in enumerate(columns):
        top = EDGE + (tallest - len(column)) * (HEIGHT + DOWN) / 2
        for row, step in enumerate(column):
            data_paths[step] = (EDGE + number * (WIDTH + ACROSS), top + row * (HEIGHT + DOWN))
    width = 2 * EDGE + len(columns) * (WIDTH + ACROSS) - ACROSS
    height = 2 * EDGE + tallest * (HEIGHT + DOWN) - DOWN
    words = "; ".join(f"{stage.step} reads {', '.join(stage.reads) or 'nothing'}" for stage in stages)
    lines = (_line(data_paths[needed], data_paths[step]) for step in reads for needed in reads[step])
    boxes = (_box(stage, *data_paths[stage.step]) for stage in stages)
    return "\n".join(
        (
            f'<svg class="pipeline" viewBox="0 0 {width} {height:g}" width="{width}" height="{height:g}" role="img"'
            f' aria-label="{escape(f"The steps of this run: {words}.")}">',
            *lines,
            *boxes,
            "</svg>",
        )
    )


def _direct(stages: Sequence[Stage]) -> dict[str, tuple[str, ...]]:
    """Return what each step reads, without what it also reaches through another."""
    reads: dict[str, set[str]] = {}
    above: dict[str, set[str]] = {}
    for stage in stages:
        reads[stage.step] = set(stage.reads) & set(above)
        above[stage.step] = reads[stage.step].union(*(above[needed] for needed in reads[stage.step]))
    return {
        step: tuple(sorted(one for one in needed if not any(one in above[other] for other in needed - {one})))
        for step, needed in reads.items()
    }


def _columns(stages: Sequence[Stage], reads: dict[str, tuple[str, ...]]) -> list[list[str]]:
    """Return the steps by depth, each as near as can be to who reads it; within a column by what they read."""
    depth: dict[str, int] = {}
    for stage in stages:
        depth[stage.step] = 1 + max((depth[needed] for needed in reads[stage.step]), default=-1)
    for stage in reversed(stages):
        readers = [depth[step] for step, needed in reads.items() if stage.step in needed]
        depth[stage.step] = min(readers) - 1 if readers else depth[stage.step]
    columns: list[list[str]] = []
    row: dict[str, float] = {}
    for number in range(max(depth.values()) + 1):
        column = [step for step in depth if depth[step] == number]
        column.sort(key=lambda step: sum(row[one] for one in reads[step]) / max(1, len(reads[step])))
        row |= {step: place - len(column) / 2 for place, step in enumerate(column)}
        columns.append(column)
    return columns


def _line(start: tuple[float, float], end: tuple[float, float]) -> str:
    x, y, to_x, to_y = start[0] + WIDTH, start[1] + HEIGHT / 2, end[0], end[1] + HEIGHT / 2
    middle = (to_x - ACROSS / 2, to_x - ACROSS / 2)
    return f'<path d="M{x:g} {y:g}C{middle[0]:g} {y:g} {middle[1]:g} {to_y:g} {to_x:g} {to_y:g}"/>'


def _box(stage: Stage, x: float, y: float) -> str:
    lines = wrap(stage.step.replace("-", " "), LETTERS, max_lines=2, placeholder="…") or [""]
    middle, top = f'x="{x + WIDTH / 2:g}"', y + 27 - 7 * len(lines)
    names = (f'<text {middle} y="{top + 14 * row:g}">{escape(line)}</text>' for row, line in enumerate(lines))
    count = f"{stage.count} {'artifact' if stage.count == 1 else 'artifacts'}"
    return (
        f'<g><rect x="{x:g}" y="{y:g}" width="{WIDTH}" height="{HEIGHT}" rx="6"/>{"".join(names)}'
        f'<text class="count" {middle} y="{top + 14 * len(lines):g}">{count}</text></g>'
    )
