"""Calibration in reports: the table, its reasons, and the reliability diagrams."""

from collections.abc import Callable

from suite.artifacts import Store
from suite.classifiers.prediction_calibration import Calibration, CalibrationScores, ReliabilityBin
from suite.engines.build import build_all
from suite.report.calibration_table import RELIABILITY, calibration_table, reliability_plots
from suite.report.page import page
from suite.results.models import ResultsFile

MakeResults = Callable[..., ResultsFile]


def scores(ece: float) -> CalibrationScores:
    bins = ((0.6, 0.6 - ece, 20), (0.99, 0.99 - ece, 20))
    return CalibrationScores(
        ece=ece,
        brier=2 * ece,
        nll=3 * ece,
        reliability=tuple(ReliabilityBin(confidence=c, accuracy=a, count=n) for c, a, n in bins),
    )


SCALED = Calibration(before=scores(0.12), after=scores(0.03), temperature=2.5, validation_images=90)
NOT_SCALED = Calibration(before=scores(0.2), reason="none is left for validation")


def calibrated(make_results: MakeResults, org: Calibration, mix: Calibration) -> ResultsFile:
    of_mode = {"org": org, "mix": mix}
    cells = [cell for cell in make_results().cells if cell.dataset == "digits" and cell.generator in (None, "cd")]
    cells = [cell.model_copy(update={"calibration": of_mode.get(cell.mode)}) for cell in cells]
    return make_results(cells=tuple(cells))


def test_scores_before_and_after_scaling_and_the_reason_without(make_results: MakeResults) -> None:
    table = calibration_table(calibrated(make_results, SCALED, NOT_SCALED))
    assert table.rows == (
        ("digits-org", "12.0", "3.0", "0.240", "0.060", "0.360", "0.090", "2.50", ""),
        ("digits-cd-mix", "20.0", "", "0.400", "", "0.600", "", "", "none is left for validation"),
    )
    assert len(table.head) == 9
    assert calibration_table(calibrated(make_results, SCALED, SCALED)).head[-1] == "temperature"


def test_page_has_the_table_and_the_diagrams(make_results: MakeResults, store: Store) -> None:
    results = calibrated(make_results, SCALED, NOT_SCALED)
    plots = reliability_plots(results)
    assert [*plots] == ["reliability-digits.svg"]
    titles = [diagram.title for diagram in plots["reliability-digits.svg"].diagrams]
    assert titles == ["ORG: ECE 12.0, scaled 3.0", "MIX CD: ECE 20.0"]
    (artifact,) = build_all(store, plots.values())
    figure = artifact.file(RELIABILITY).read_bytes()
    assert b"currentColor" in figure
    text = page(results, {"reliability-digits.svg": figure})
    assert '<section id="calibration">' in text
    assert "none is left for validation" in text
    assert "Reliability diagrams of digits" in text


def test_old_results_have_no_section(results: ResultsFile) -> None:
    assert calibration_table(results).rows == ()
    assert reliability_plots(results) == {}
    assert '<section id="calibration">' not in page(results, {})
