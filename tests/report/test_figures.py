"""Tests of the figures: reproducible bytes, the numbers of the tables, nothing drawn twice."""

import subprocess
import sys
from collections.abc import Callable

import pytest
from sample_results import with_generator_seeds

from suite.artifacts import Store
from suite.engines.build import build_all
from suite.report.figures import DIFFERENCES, DifferencePlot, build_figures, difference_plots, usefulness_plot
from suite.report.page import page
from suite.report.plots import Bar
from suite.results.models import Results
from suite.statistics.correlation import rank_correlation

BARS = (
    Bar(generator="cd", mode="mix", difference=1.2, interval=(0.4, 2.0), verdict="helps"),
    Bar(generator="$x$ <b>", mode="syn", difference=-8.0, interval=None, verdict="too few seeds"),
)


def test_figure_has_no_date_follows_the_text_colour_and_is_reproducible(store: Store):
    plot = DifferencePlot(bars=BARS)
    (artifact,) = build_all(store, [plot])
    first = artifact.file(DIFFERENCES).read_bytes()
    store.discard(plot.key)
    (rebuilt,) = build_all(store, [plot])
    assert rebuilt.file(DIFFERENCES).read_bytes() == first
    text = first.decode()
    assert "<dc:date>" not in text
    assert "prefers-color-scheme:dark" in text
    assert "currentColor" in text
    assert "<script" not in text
    assert "<b>" not in text


def test_another_verdict_gives_another_key():
    other = (BARS[0].model_copy(update={"verdict": "no evidence"}), BARS[1])
    assert DifferencePlot(bars=BARS).key != DifferencePlot(bars=other).key


def test_figures_show_the_numbers_of_the_table(results: Results):
    plots = difference_plots(results)
    assert list(plots) == ["differences-digits.svg", "differences-melanoma.svg"]
    digits = plots["differences-digits.svg"].bars
    assert [(bar.generator, bar.mode) for bar in digits[:2]] == [("sd", "syn"), ("sd", "mix")]
    cells = {(cell.generator, cell.mode): cell for cell in results.cells if cell.dataset == "digits"}
    for bar in digits:
        cell = cells[bar.generator, bar.mode]
        assert cell.comparison is not None
        assert cell.judgement is not None
        assert (bar.difference, bar.interval) == (cell.comparison.difference, cell.comparison.interval)
        assert bar.verdict == cell.judgement.verdict


def test_correlations_are_over_all_compared_cells(results: Results, store: Store):
    with_figures, figures = build_figures(results, store)
    assert sorted(figures) == ["differences-digits.svg", "differences-melanoma.svg", "usefulness.svg"]
    by_metric = {one.metric: one for one in with_figures.correlations}
    assert list(by_metric) == ["FD (EfficientNet-Lite0)", "IS (EfficientNet-Lite0)", "KID (EfficientNet-Lite0)"]
    cells = [cell for cell in results.cells if cell.comparison is not None]
    expected = rank_correlation(
        [float(cell.measurements[0]["value"]) for cell in cells],
        [cell.comparison.difference for cell in cells if cell.comparison],
        alpha=0.05,
        seed=0,
    )
    assert by_metric["FD (EfficientNet-Lite0)"].spearman == pytest.approx(expected.spearman)
    assert by_metric["FD (EfficientNet-Lite0)"].n == len(cells) == 8
    assert with_figures.model_copy(update={"correlations": results.correlations}) == results


def test_cells_of_sweeps_are_in_no_correlation(swept: Results, results: Results, store: Store):
    """The page gives the number of cells that the correlation was computed over: those of Table 1."""
    assert any(cell.variant and cell.comparison and cell.measurements for cell in swept.cells)
    with_figures, _ = build_figures(swept, store)
    assert {one.n for one in with_figures.correlations} == {8}
    assert "over the 8 cells of Table 1 that were compared with ORG" in page(with_figures, {})
    seven = with_figures.model_copy(
        update={"correlations": tuple(one.model_copy(update={"n": 7}) for one in with_figures.correlations)}
    )
    assert "over the 7 cells of Table 1" in page(seven, {}), "the number is the one stored with the correlations"
    assert usefulness_plot(swept) == usefulness_plot(results)


def test_metrics_of_several_generator_seeds_are_averaged(make_results: Callable[..., Results]):
    cells = make_results().cells
    one, two = (
        usefulness_plot(make_results(cells=tuple(with_generator_seeds(cell, *offsets) for cell in cells)))
        for offsets in ((0,), (0, 10))
    )
    assert one is not None
    assert two is not None
    for first, mean in zip(one.series, two.series, strict=True):
        assert mean.values == pytest.approx([value if value is None else value + 5 for value in first.values])


def test_fewer_than_four_cells_give_no_correlation(make_results: Callable[..., Results]):
    few = make_results(cells=tuple(cell for cell in make_results().cells if cell.dataset == "melanoma"))
    assert usefulness_plot(few) is None


def test_a_report_with_figures_in_the_store_imports_no_heavy_library(results: Results, store: Store):
    build_figures(results, store)
    (store.root / "results.json").write_text(results.model_dump_json(), "utf-8")
    script = """
import sys
from pathlib import Path
from suite.artifacts import Store
from suite.report.figures import build_figures
from suite.report.writer import write_report
from suite.results.models import Results
root = Path(sys.argv[1])
results, figures = build_figures(Results.model_validate_json((root / "results.json").read_text("utf-8")), Store(root))
write_report(results, root / "reports", figures)
assert len(figures) == 3
heavy = {"matplotlib", "scipy", "numpy", "torch", "PIL", "sklearn"} & set(sys.modules)
assert not heavy, heavy
"""
    done = subprocess.run([sys.executable, "-c", script, str(store.root)], capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
