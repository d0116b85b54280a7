"""Tests of the pipeline drawing."""

import re
from itertools import pairwise

from suite.report.pipeline import BOX_HEIGHT, BOX_WIDTH, COLUMN_GAP, MARGIN, draw_pipeline
from suite.results.provenance import PipelineStep


def _left_edges(svg: str) -> dict[str, float]:
    """Return the x coordinate of each box by its label."""
    return {name: float(x) for x, name in re.findall(r'<rect x="([\d.]+)".*?<text [^>]*>(.*?)</text>', svg, re.DOTALL)}


def test_steps_are_to_the_right_of_their_inputs():
    svg = draw_pipeline(
        (
            PipelineStep(step="real", count=2, reads=()),
            PipelineStep(step="gan-training", count=1, reads=("real",)),
            PipelineStep(step="samples", count=1, reads=("gan-training",)),
            PipelineStep(step="classifier", count=6, reads=("real", "samples")),
        )
    )
    x = _left_edges(svg)
    assert x["real"] < x["gan training"] < x["samples"] < x["classifier"]
    assert svg.count("<path") == 3, "the line from real to classifier follows from the others"
    assert "6 artifacts" in svg
    assert "1 artifact<" in svg
    assert 'aria-label="The steps of this run: real has no inputs; gan-training reads real;' in svg


def test_boxes_of_a_column_do_not_overlap():
    stages = (
        PipelineStep(step="a", count=1, reads=()),
        *(PipelineStep(step=f"b{n}", count=1, reads=("a",)) for n in range(5)),
    )
    svg = draw_pipeline(stages)
    tops = sorted(float(y) for y in re.findall(rf'<rect x="{MARGIN + BOX_WIDTH + COLUMN_GAP}" y="([\d.]+)"', svg))
    assert len(tops) == 5
    assert all(second - first > BOX_HEIGHT for first, second in pairwise(tops))


def test_no_stages_give_no_drawing():
    assert draw_pipeline(()) == ""


def test_labels_are_escaped_and_unknown_inputs_ignored():
    assert "&lt;b&gt;" in draw_pipeline((PipelineStep(step="<b>", count=1, reads=("<b>", "unknown")),))
