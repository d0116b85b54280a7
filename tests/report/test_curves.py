"""Tests of the curves of sweeps and of equivalent real images."""

import re
from collections.abc import Callable, Iterator

import pytest

from suite.artifacts import Store
from suite.engines.build import build_all
from suite.generators.generator import REAL_IMAGES
from suite.report.curves import (
    CURVES,
    EQUIVALENT_REAL_IMAGES,
    CurvePlot,
    curve_plots,
    plan_equivalent_real_images,
    variant_of,
)
from suite.report.figures import build_figures
from suite.report.page import page
from suite.results.models import Cell, ResultsFile
from suite.statistics.equivalent_real_images import equivalent_images


def _mean(results: ResultsFile, case: str) -> float:
    (cell,) = (cell for cell in results.cells if cell.case.id == f"digits-{case}")
    assert cell.mean is not None
    return cell.mean


def test_lines_include_the_cells_of_table_1(swept: ResultsFile):
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


def test_results_without_a_sweep_have_no_figure(results: ResultsFile):
    assert curve_plots(results) == {}
    assert plan_equivalent_real_images(results, 0.05) == []


def test_a_single_point_is_not_drawn(make_results: Callable[..., ResultsFile], swept: ResultsFile):
    cells = [cell for cell in swept.cells if cell.variant in (None, "guidance-4")]
    assert curve_plots(make_results(cells=tuple(cells))) == {}


def test_rebuilt_figure_has_the_same_bytes(swept: ResultsFile, store: Store):
    (plot,) = curve_plots(swept).values()
    first = build_all(store, [plot])[0].file(CURVES).read_bytes()
    store.discard(plot.key)
    assert build_all(store, [plot])[0].file(CURVES).read_bytes() == first


def test_a_generator_has_the_same_colour_in_every_sweep(swept: ResultsFile, store: Store):
    from suite.report.drawing import PALETTE

    (plot,) = curve_plots(swept).values()
    for panel in plot.panels:
        figure = build_all(store, [CurvePlot(panels=(panel,))])[0].file(CURVES).read_text("utf-8")
        assert PALETTE[0] in figure
        assert PALETTE[1] not in figure


def test_equivalent_real_images_are_estimated_from_the_scarcity_sweep(swept: ResultsFile, store: Store):
    ((cells, recipe),) = plan_equivalent_real_images(swept, 0.05)
    assert recipe.sizes == (100, 250, 1000)
    assert [cell.variant for cell in cells if cell.generator == "cd"] == ["scarcity-10", "scarcity-25", None]
    estimates = build_all(store, [recipe])[0].json(EQUIVALENT_REAL_IMAGES)
    expected = equivalent_images(recipe.sizes, recipe.org, cells[1].accuracies, alpha=0.05)
    assert estimates[1]["equivalent"] == pytest.approx(expected.equivalent)
    with_figures, figures = build_figures(swept, store)
    assert "curves-digits.svg" in figures
    rows = {(row.generator, row.variant): row for row in with_figures.equivalent_real_images}
    assert rows["cd", "scarcity-10"].real == 100
    assert 100 < rows["cd", "scarcity-10"].equivalent < 250
    text = page(with_figures, {name: path.read_bytes() for name, path in figures.items()})
    assert f'<td class="text" data-value="{rows["cd", "scarcity-10"].equivalent}">about' in text
    (worth,) = re.findall("<dt>worth in real images</dt><dd>(.*?)</dd>", text)
    assert f"cd {rows['cd', None].worth}" in worth.split("; ")
    assert "digits-cd-mix-ratio-0.5" in text
    assert "failed: it failed" in text


def test_held_back_real_images_are_points_of_the_curve(make_results: Callable[..., ResultsFile], swept: ResultsFile):
    def with_ceiling(cell: Cell) -> Iterator[Cell]:
        yield cell
        if (cell.generator, cell.mode, cell.variant) == ("cd", "mix", None):
            yield cell.model_copy(update={"generator": "heldback", "trained_on": REAL_IMAGES})

    cells = tuple(cell for each in swept.cells for cell in with_ceiling(each))
    plans = plan_equivalent_real_images(make_results(cells=cells), 0.05)
    (estimated, recipe) = next(plan for plan in plans if plan[0][0].dataset == "digits")
    (top,) = (cell for cell in swept.cells if cell.case.id == "digits-cd-mix")
    assert recipe.sizes == (100, 250, 1000, 1000 + sum(top.counts.synthetic))
    assert recipe.org[-1] == top.accuracies
    assert "heldback" not in [cell.generator for cell in estimated]


def test_a_classifier_without_seeds_has_the_standard_error_of_its_comparison(
    make_results: Callable[..., ResultsFile], swept: ResultsFile
):
    def without_seeds(cell: Cell) -> Cell:
        changes = {"accuracies": cell.accuracies[:1]}
        if cell.comparison:
            varied = {"training_set_variance": 0.03, "image_variance": 0.01, "n_resamples": 20, "n_seeds": 1}
            changes["comparison"] = cell.comparison.model_copy(update=varied)
        return cell.model_copy(update=changes)

    ((_, recipe),) = plan_equivalent_real_images(make_results(cells=tuple(map(without_seeds, swept.cells))), 0.05)
    assert set(recipe.uncertainties) == {(0.2, 19)}
    ((_, with_seeds),) = plan_equivalent_real_images(swept, 0.05)
    assert set(with_seeds.uncertainties) == {None}


def test_estimate_uses_the_seeds_that_every_cell_has(make_results: Callable[..., ResultsFile], swept: ResultsFile):
    def with_another_seed(cell: Cell) -> Cell:
        if cell.variant is None or cell.mode != "org":
            return cell
        return cell.model_copy(update={"accuracies": (*cell.accuracies, 1.0)})

    assert plan_equivalent_real_images(
        make_results(cells=tuple(map(with_another_seed, swept.cells))), 0.05
    ) == plan_equivalent_real_images(swept, 0.05)


def test_unknown_variants_are_ignored(make_results: Callable[..., ResultsFile]):
    unknown = make_results().cells[0].model_copy(update={"variant": "unknown-3"})
    assert variant_of(unknown) is None
    assert curve_plots(make_results(cells=(*make_results().cells, unknown))) == {}


def test_imbalanced_real_images_are_a_panel(make_results: Callable[..., ResultsFile], swept: ResultsFile):
    def renamed(cell: Cell) -> Iterator[Cell]:
        yield cell
        for variant, factor in (("scarcity-10", 100), ("scarcity-25", 10)):
            if cell.variant == variant:
                yield cell.model_copy(update={"variant": f"imbalance-{factor}"})
                if cell.mode == "org":
                    yield cell.model_copy(update={"variant": f"reweighting-{factor}"})

    cells = tuple(one for cell in swept.cells for one in renamed(cell))
    (plot,) = curve_plots(make_results(cells=cells)).values()
    (panel,) = (panel for panel in plot.panels if panel.x_label.startswith("real images of the largest class"))
    assert [(line.name, line.x) for line in panel.lines] == [
        ("real only", (1, 10, 100)),
        ("real only, re-weighted", (1, 10, 100)),
        ("cd", (10, 100)),
    ]
