"""Curves of sweeps: the right points on the right lines, and what synthetic images are worth."""

from collections.abc import Callable

import pytest

from suite.artifacts import Store
from suite.engines.build import build_all
from suite.report.curves import CURVES, EQUIVALENTS, CurvePlot, axis_of, curve_plots, equivalent_real_images
from suite.report.figures import build_figures
from suite.report.page import page
from suite.results.models import Cell, Results
from suite.statistics.equivalent_real_images import equivalent_images


def _mean(results: Results, name: str) -> float:
    (cell,) = (cell for cell in results.cells if cell.case.id == f"digits-{name}")
    assert cell.mean is not None
    return cell.mean


def test_lines_start_at_the_cells_of_table_1(swept: Results):
    plots = curve_plots(swept)
    assert list(plots) == ["curves-digits.svg"]
    added, replaced, scarcity, guidance = plots["curves-digits.svg"].panels
    (line,) = added.lines
    assert (line.name, line.x) == ("cd", (0.0, 0.5, 1.0, 2.0))
    assert line.y == tuple(_mean(swept, name) for name in ("org", "cd-mix-ratio-0.5", "cd-mix", "cd-mix-ratio-2"))
    assert added.level == _mean(swept, "org")
    (line,) = replaced.lines
    assert line.x == (0.0, 0.5, 1.0)
    assert line.y == tuple(_mean(swept, name) for name in ("org", "cd-mix-replace-0.5", "cd-syn"))
    assert [line.name for line in scarcity.lines] == ["real only", "cd"]
    assert all(line.x == (100, 250, 1000) for line in scarcity.lines)
    assert scarcity.lines[0].y[-1] == _mean(swept, "org")
    assert scarcity.logarithmic
    assert guidance.lines[0].x == (1.5, 4.0)


def test_without_a_sweep_there_is_no_figure(results: Results):
    assert curve_plots(results) == {}
    assert equivalent_real_images(results, 0.05) == []


def test_a_single_point_is_no_line(make_results: Callable[..., Results], swept: Results):
    one = [cell for cell in swept.cells if cell.variant in (None, "guidance-4")]
    assert curve_plots(make_results(cells=tuple(one))) == {}


def test_figure_is_the_same_bytes_again(swept: Results, store: Store):
    (plot,) = curve_plots(swept).values()
    first = build_all(store, [plot])[0].file(CURVES).read_bytes()
    store.discard(plot.key)
    assert build_all(store, [plot])[0].file(CURVES).read_bytes() == first


def test_a_generator_has_one_colour_in_every_sweep(swept: Results, store: Store):
    from suite.report.drawing import PALETTE

    (plot,) = curve_plots(swept).values()
    for panel in plot.panels:
        figure = build_all(store, [CurvePlot(panels=(panel,))])[0].file(CURVES).read_text("utf-8")
        assert PALETTE[0] in figure
        assert PALETTE[1] not in figure


def test_worth_is_read_off_the_curve_of_real_images(swept: Results, store: Store):
    ((asked, recipe),) = equivalent_real_images(swept, 0.05)
    assert recipe.sizes == (100, 250, 1000)
    assert [cell.variant for cell in asked if cell.generator == "cd"] == ["scarcity-10", "scarcity-25", None]
    found = build_all(store, [recipe])[0].json(EQUIVALENTS)
    expected = equivalent_images(recipe.sizes, recipe.org, asked[1].accuracies, alpha=0.05)
    assert found[1]["equivalent"] == pytest.approx(expected.equivalent)
    illustrated, figures = build_figures(swept, store)
    assert "curves-digits.svg" in figures
    told = {(one.generator, one.variant): one for one in illustrated.equivalent_real_images}
    assert told["cd", "scarcity-10"].real == 100
    assert 100 < told["cd", "scarcity-10"].equivalent < 250
    text = page(illustrated, {name: path.read_bytes() for name, path in figures.items()})
    assert f'<td class="text" data-value="{told["cd", "scarcity-10"].equivalent}">about' in text
    assert "digits-cd-mix-ratio-0.5" in text
    assert "failed: it failed" in text


def test_generator_seeds_are_averaged_per_classifier_seed(make_results: Callable[..., Results], swept: Results):
    def doubled(cell: Cell) -> Cell:
        if cell.comparison is None or cell.variant != "scarcity-10":
            return cell
        return cell.model_copy(update={"accuracies": (*cell.accuracies, *(one + 2 for one in cell.accuracies))})

    ((asked, recipe),) = equivalent_real_images(make_results(cells=tuple(map(doubled, swept.cells))), 0.05)
    place = [cell.variant for cell in asked].index("scarcity-10")
    ((_, single),) = equivalent_real_images(swept, 0.05)
    assert recipe.accuracies[place] == pytest.approx([one + 1 for one in single.accuracies[place]])


def test_worth_takes_the_seeds_that_every_cell_has(make_results: Callable[..., Results], swept: Results):
    def longer(cell: Cell) -> Cell:
        if cell.variant is None or cell.mode != "org":
            return cell
        return cell.model_copy(update={"accuracies": (*cell.accuracies, 1.0)})

    assert equivalent_real_images(make_results(cells=tuple(map(longer, swept.cells))), 0.05) == equivalent_real_images(
        swept, 0.05
    )


def test_a_variant_that_nobody_knows_is_no_point(make_results: Callable[..., Results]):
    stranger = make_results().cells[0].model_copy(update={"variant": "moonlight-3"})
    assert axis_of(stranger) is None
    assert curve_plots(make_results(cells=(*make_results().cells, stranger))) == {}
