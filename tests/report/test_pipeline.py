"""Figure 1: the plan as boxes and lines."""

import re
from itertools import pairwise

from suite.report.pipeline import ACROSS, EDGE, HEIGHT, WIDTH, draw_pipeline
from suite.results.provenance import Stage


def _places(svg: str) -> dict[str, float]:
    """Return how far to the right each box begins."""
    return {name: float(x) for x, name in re.findall(r'<rect x="([\d.]+)".*?<text [^>]*>(.*?)</text>', svg, re.DOTALL)}


def test_steps_stand_to_the_right_of_what_they_read():
    svg = draw_pipeline(
        (
            Stage(step="real", count=2, reads=()),
            Stage(step="gan-training", count=1, reads=("real",)),
            Stage(step="samples", count=1, reads=("gan-training",)),
            Stage(step="classifier", count=6, reads=("real", "samples")),
        )
    )
    data_paths = _places(svg)
    assert data_paths["real"] < data_paths["gan training"] < data_paths["samples"] < data_paths["classifier"]
    assert svg.count("<path") == 3, "what another line implies is left out"
    assert "6 artifacts" in svg
    assert "1 artifact<" in svg
    assert 'aria-label="The steps of this run: real reads nothing; gan-training reads real;' in svg


def test_boxes_of_a_column_do_not_overlap():
    stages = (Stage(step="a", count=1, reads=()), *(Stage(step=f"b{n}", count=1, reads=("a",)) for n in range(5)))
    svg = draw_pipeline(stages)
    tops = sorted(float(y) for y in re.findall(rf'<rect x="{EDGE + WIDTH + ACROSS}" y="([\d.]+)"', svg))
    assert len(tops) == 5
    assert all(second - first > HEIGHT for first, second in pairwise(tops))


def test_no_plan_is_no_picture_and_strange_plans_are_drawn():
    assert draw_pipeline(()) == ""
    assert "&lt;b&gt;" in draw_pipeline((Stage(step="<b>", count=1, reads=("<b>", "never")),))
