"""Reports of cells that were tested on corrupted images."""

from collections.abc import Callable
from pathlib import Path

import pytest

from suite.artifacts import Store
from suite.engines.build import build_all
from suite.report.corruptions import HEAT_MAP, corruption_table, heat_map_plots
from suite.report.figures import build_figures
from suite.report.page import page
from suite.report.writer import write_report
from suite.results.models import Cell, ResultsFile
from suite.statistics.summaries import Verdict

DIFFERENCES = {"fog-3": 3.0, "jpeg-3": -1.0}
ORG = {"fog-3": 40.0, "jpeg-3": 80.0}


@pytest.fixture
def corrupted(make_results: Callable[..., ResultsFile]) -> ResultsFile:
    """The example results with digits under two corruptions, for ``org`` and MIX of ``cd``."""
    results = make_results()
    table1 = {cell.case.id: cell for cell in results.cells}
    cells = []
    for name, difference in DIFFERENCES.items():
        variant = {"variant": f"corruption-{name}"}
        org, mix = (table1[case].model_copy(update=variant) for case in ("digits-org", "digits-cd-mix"))
        assert mix.comparison
        assert mix.judgement
        comparison = mix.comparison.model_copy(update={"difference": difference, "org_accuracy": ORG[name]})
        verdict = Verdict.HELPS if difference > 0 else Verdict.UNDECIDED
        judgement = mix.judgement.model_copy(update={"verdict": verdict})
        changed = {"comparison": comparison, "judgement": judgement, "mean": ORG[name] + difference}
        cells += [org.model_copy(update={"mean": ORG[name]}), mix.model_copy(update=changed)]
    return results.model_copy(update={"cells": (*results.cells, *cells)})


def not_valid(cell: Cell) -> Cell:
    if cell.judgement is None or cell.variant != "corruption-fog-3":
        return cell
    return cell.model_copy(
        update={"judgement": cell.judgement.model_copy(update={"verdict": Verdict.NOT_VALID, "reason": "leaked"})}
    )


def test_the_table_has_the_mean_over_the_corruptions(corrupted: ResultsFile) -> None:
    of_table1 = {cell.case.id: f"{cell.mean:.1f}" for cell in corrupted.cells if cell.variant is None and cell.mean}
    org, mix = corruption_table(corrupted).rows
    assert org == ("digits-org", of_table1["digits-org"], "60.0", "", "2", "fog-3: 40.0", "")
    assert mix[:6] == ("digits-cd-mix", of_table1["digits-cd-mix"], "61.0", "+1.0", "2", "fog-3: 43.0")
    assert mix[6] == "1 helps, 1 undecided"


def test_a_mean_with_a_cell_that_is_not_valid_says_so(corrupted: ResultsFile) -> None:
    results = corrupted.model_copy(update={"cells": tuple(map(not_valid, corrupted.cells))})
    assert corruption_table(results).rows[1][3] == "not valid: +1.0"
    (plot,) = heat_map_plots(results).values()
    assert plot.heat_map.columns[0].verdicts[1:] == ("not valid", "undecided", "not valid")


def test_the_heat_map_has_table_1_every_corruption_and_the_mean(corrupted: ResultsFile) -> None:
    plots = heat_map_plots(corrupted)
    assert list(plots) == ["corruptions-digits.svg"]
    heat_map = plots["corruptions-digits.svg"].heat_map
    assert heat_map.rows == ("none (Table 1)", "fog-3", "jpeg-3", "mean of the corruptions")
    (column,) = heat_map.columns
    clean = next(cell for cell in corrupted.cells if cell.case.id == "digits-cd-mix")
    assert clean.comparison
    assert column.title == "MIX CD"
    assert column.differences == (clean.comparison.difference, 3.0, -1.0, 1.0)
    assert column.verdicts[1:] == ("helps", "undecided", "")
    assert heat_map.org == (clean.comparison.org_accuracy, 40.0, 80.0, 60.0)


def test_corruptions_without_comparison_or_table_1_have_no_heat_map_or_no_first_value(corrupted: ResultsFile) -> None:
    org = corrupted.model_copy(update={"cells": tuple(cell for cell in corrupted.cells if cell.mode == "org")})
    assert heat_map_plots(org) == {}
    assert len(corruption_table(org).rows) == 1
    alone = corrupted.model_copy(update={"cells": tuple(cell for cell in corrupted.cells if cell.variant)})
    (plot,) = heat_map_plots(alone).values()
    assert (plot.heat_map.org[0], plot.heat_map.columns[0].differences[0]) == (None, None)
    assert corruption_table(alone).rows[1][1] == "-"


def test_results_without_corruptions_show_nothing(swept: ResultsFile) -> None:
    assert corruption_table(swept).rows == ()
    assert heat_map_plots(swept) == {}


def test_the_heat_map_has_the_same_bytes_when_drawn_again(corrupted: ResultsFile, store: Store) -> None:
    (plot,) = heat_map_plots(corrupted).values()
    first = build_all(store, [plot])[0].file(HEAT_MAP).read_bytes()
    store.discard(plot.key)
    assert build_all(store, [plot])[0].file(HEAT_MAP).read_bytes() == first
    above = [value for value in plot.heat_map.columns[0].differences if value and value > 0]
    assert first.count(b"fill: #0072b2") == len(above) == 3, "Table 1, fog and the mean"


def test_table_and_heat_map_are_in_the_report(corrupted: ResultsFile, store: Store, tmp_path: Path) -> None:
    results, figures = build_figures(corrupted, store)
    folder = write_report(results, tmp_path, figures)
    assert (folder / "corruptions-digits.svg").exists()
    assert "| digits-cd-mix" in (folder / "table1.md").read_text().partition("**Corruptions**")[2]
    rows = (folder / "corruptions.csv").read_text().splitlines()
    assert rows[0] == "case,Acc,mean corruption Acc,vs ORG,corruptions,hardest,verdicts (exploratory)"
    assert rows[2].startswith("digits-cd-mix,")
    assert rows[2].endswith(',+1.0,2,fog-3: 43.0,"1 helps, 1 undecided"')
    html = page(results, {name: path.read_bytes() for name, path in figures.items()})
    assert 'aria-label="Corruptions of digits"' in html
    assert "full colour from 20 points" in html
    assert "mean corruption Acc" in html
    without = write_report(corrupted.model_copy(update={"cells": corrupted.cells[:3]}), tmp_path / "other", {})
    assert not (without / "corruptions.csv").exists()
