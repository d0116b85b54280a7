"""Tests of the figures: reproducible bytes, the numbers of the tables, nothing drawn twice."""

import subprocess
import sys
from collections.abc import Callable

import pytest
from sample_results import not_valid, with_generator_seeds

from suite.artifacts import Store
from suite.engines.build import build_all
from suite.report.figures import (
    DIFFERENCES,
    DifferencePlot,
    UsefulnessPlot,
    build_figures,
    difference_plots,
    usefulness_plot,
)
from suite.report.page import page
from suite.report.plots import Bar, Series
from suite.results.models import Correlation, ResultsFile
from suite.statistics.correlation import rank_correlation
from suite.statistics.summaries import Verdict

BARS = (
    Bar(generator="cd", mode="mix", difference=1.2, interval=(0.4, 2.0), verdict="helps"),
    Bar(generator="$x$ <b>", mode="syn", difference=-8.0, interval=None, verdict="undecided"),
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
    other = (BARS[0].model_copy(update={"verdict": "no practical difference"}), BARS[1])
    assert DifferencePlot(bars=BARS).key != DifferencePlot(bars=other).key


@pytest.mark.parametrize("verdict", Verdict)
def test_every_verdict_can_be_drawn(store: Store, verdict: Verdict):
    bars = (BARS[0].model_copy(update={"verdict": verdict.value}),)
    assert build_all(store, [DifferencePlot(bars=bars)])[0].file(DIFFERENCES).stat().st_size > 1000


def test_figures_show_the_numbers_of_the_table(results: ResultsFile):
    plots = difference_plots(results)
    assert list(plots) == ["differences-digits.svg", "differences-melanoma.svg"]
    digits = plots["differences-digits.svg"].bars
    assert [(bar.generator, bar.mode) for bar in digits[:2]] == [("sd", "syn"), ("sd", "mix")]
    cells = {(cell.generator, cell.mode): cell for cell in results.cells if cell.dataset == "digits"}
    for bar in digits:
        cell = cells[bar.generator, bar.mode]
        assert cell.comparison is not None
        assert cell.judgement is not None
        assert (bar.difference, bar.interval) == (cell.comparison.difference, cell.judgement.interval)
        assert bar.verdict == cell.judgement.verdict


def test_correlations_are_over_one_value_for_each_generator(results: ResultsFile, store: Store):
    with_figures, figures = build_figures(results, store)
    assert sorted(figures) == ["differences-digits.svg", "differences-melanoma.svg", "usefulness.svg"]
    by_metric = {one.metric: one for one in with_figures.correlations}
    assert list(by_metric) == ["FD (EfficientNet-Lite0)", "IS (EfficientNet-Lite0)", "KID (EfficientNet-Lite0)"]
    cells = [cell for cell in results.cells if cell.comparison and cell.mode == "mix"]
    expected = rank_correlation(
        [float(cell.measurements[0]["value"]) for cell in cells],
        [cell.comparison.difference for cell in cells if cell.comparison],
        alpha=0.05,
        seed=0,
    )
    assert by_metric["FD (EfficientNet-Lite0)"].model_dump(exclude={"metric"}) == expected.model_dump()
    assert expected.n == len(cells) == 4
    assert with_figures.model_copy(update={"correlations": results.correlations}) == results


def test_syn_is_drawn_where_there_is_no_mix_and_cells_that_are_not_valid_are_not(
    make_results: Callable[..., ResultsFile],
):
    def cells(plot: UsefulnessPlot | None) -> list[tuple[str, str, str]]:
        assert plot is not None
        return list(plot.cells)

    all_mix = [("digits", "sd", "mix"), ("digits", "cd", "mix"), ("digits", "biggan", "mix"), ("melanoma", "cd", "mix")]
    assert cells(usefulness_plot(make_results())) == all_mix
    without_mix = tuple(cell for cell in make_results().cells if cell.case.id != "digits-sd-mix")
    assert cells(usefulness_plot(make_results(cells=without_mix))) == [("digits", "sd", "syn"), *all_mix[1:]]
    folder = tuple(
        cell.model_copy(update={"generator": "folder"})
        for cell in make_results().cells
        if cell.generator == "cd" and cell.dataset == "digits"
    )
    more = (*make_results().cells, *map(not_valid, folder))
    assert cells(usefulness_plot(make_results(cells=more))) == all_mix, "its SYN cell is no substitute"


def test_the_reason_stands_where_a_correlation_is_refused(store: Store):
    from suite.report.drawing import draw_usefulness

    def drawn(values: tuple[float, ...], reason: str) -> str:
        path = store.root / "figure.svg"
        found = Correlation(metric="FD", n=2, spearman=None, interval=None, p=None, kendall=None, reason=reason)
        cells = (("digits", "cd", "mix"), ("digits", "sd", "mix"))
        draw_usefulness(cells, (1.0, 2.0), (Series(metric="FD", values=values),), (found,), path)
        return path.read_text("utf-8")

    assert drawn((3.0, 4.0), "2 of at least 8 generators") != drawn((3.0, 4.0), "")


def test_a_metric_with_one_value_for_all_generators_gets_no_panel(store: Store):
    from suite.report.drawing import draw_usefulness

    def panels(*values: tuple[float | None, ...]) -> int:
        path = store.root / "figure.svg"
        found = Correlation(metric="FD", n=3, spearman=None, interval=None, p=None, kendall=None, reason="few")
        cells = tuple(("digits", name, "mix") for name in ("cd", "sd", "biggan"))
        series = [Series(metric="FD", values=of_metric) for of_metric in values]
        draw_usefulness(cells, (1.0, 2.0, 3.0), series, [found] * len(series), path)
        return path.read_text("utf-8").count('id="axes_')

    assert panels((1.0, 2.0, None), (3.0, 3.0, None)) == 1
    assert panels((3.0, 3.0, None), (1.0, 1.0, 1.0)) == 2, "no metric differs"


def test_cells_of_sweeps_are_in_no_correlation(swept: ResultsFile, results: ResultsFile, store: Store):
    """The page gives the number of generators that the correlation was computed over: those of Table 1."""
    assert any(cell.variant and cell.comparison and cell.measurements for cell in swept.cells)
    with_figures, _ = build_figures(swept, store)
    assert {one.n for one in with_figures.correlations} == {4}
    assert "over 4 pairs of generator and dataset" in page(with_figures, {})
    three = with_figures.model_copy(
        update={"correlations": tuple(one.model_copy(update={"n": 3}) for one in with_figures.correlations)}
    )
    assert "over 3 pairs of generator" in page(three, {}), "the number is the one stored with the correlations"
    assert usefulness_plot(swept) == usefulness_plot(results)


def test_metrics_of_several_generator_seeds_are_averaged(make_results: Callable[..., ResultsFile]):
    cells = make_results().cells
    one, two = (
        usefulness_plot(make_results(cells=tuple(with_generator_seeds(cell, *offsets) for cell in cells)))
        for offsets in ((0,), (0, 10))
    )
    assert one is not None
    assert two is not None
    for first, mean in zip(one.series, two.series, strict=True):
        assert mean.values == pytest.approx([value if value is None else value + 5 for value in first.values])


def test_fewer_than_four_generators_give_no_figure(make_results: Callable[..., ResultsFile]):
    few = make_results(cells=tuple(cell for cell in make_results().cells if cell.dataset == "melanoma"))
    assert usefulness_plot(few) is None


def test_a_report_with_figures_in_the_store_imports_no_heavy_library(results: ResultsFile, store: Store):
    build_figures(results, store)
    (store.root / "results.json").write_text(results.model_dump_json(), "utf-8")
    script = """
import sys
from pathlib import Path
from suite.artifacts import Store
from suite.report.figures import build_figures
from suite.report.writer import write_report
from suite.results.models import ResultsFile
root = Path(sys.argv[1])
read = ResultsFile.model_validate_json((root / "results.json").read_text("utf-8"))
results, figures = build_figures(read, Store(root))
write_report(results, root / "reports", figures)
assert len(figures) == 3
heavy = {"matplotlib", "scipy", "numpy", "torch", "PIL", "sklearn"} & set(sys.modules)
assert not heavy, heavy
"""
    done = subprocess.run([sys.executable, "-c", script, str(store.root)], capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
