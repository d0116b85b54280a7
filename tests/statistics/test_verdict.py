"""Verdicts: the decision rule, and the rate of wrong verdicts."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from suite.statistics.holm import holm
from suite.statistics.summaries import Difference
from suite.statistics.variance_sources import p_value, sources_of
from suite.statistics.verdict import Verdict, judge, verdict

SWAPPED = {Verdict.HELPS: Verdict.HURTS, Verdict.HURTS: Verdict.HELPS}


def difference(points: float, p: float | None, powered_level: float | None) -> Difference:
    return Difference(
        difference=points,
        interval=None if p is None else (points - 1, points + 1),
        p=p,
        image_interval=(points - 1, points + 1),
        minimum_detectable=None if p is None else 1.0,
        powered=powered_level is not None and powered_level <= 0.05,
        powered_level=powered_level,
        limited_by="classifier seeds",
        design="5 classifier seeds, 360 test images; for this generator",
        n_seeds=5,
        n_generator_seeds=1,
        n_images=360,
    )


@pytest.mark.parametrize(
    ("points", "adjusted_p", "powered", "expected"),
    [
        (1.0, 0.01, True, "helps"),
        (-1.0, 0.01, True, "hurts"),
        (1.0, 0.05, True, "helps"),
        (9.0, 0.01, False, "helps"),
        (1.0, 0.051, True, "no evidence"),
        (9.0, 0.2, False, "too few seeds"),
        (9.0, None, False, "too few seeds"),
        (9.0, None, True, "too few seeds"),
        (0.0, 1.0, True, "no evidence"),
        (0.0, 1.0, False, "too few seeds"),
    ],
)
def test_decision(points: float, adjusted_p: float | None, powered: bool, expected: str) -> None:
    assert verdict(points, adjusted_p, powered, 0.05).value == expected


@given(st.floats(-100, 100), st.none() | st.floats(0, 1), st.booleans(), st.floats(0.001, 0.2))
def test_swapping_case_and_org_swaps_the_verdict(points: float, p: float | None, powered: bool, alpha: float) -> None:
    found = verdict(points, p, powered, alpha)
    assert verdict(-points, p, powered, alpha) is SWAPPED.get(found, found)


def test_power_is_required_at_the_level_of_holms_correction() -> None:
    """A cell with power at 2 % has enough alone (5 %) and beside five rejected cells, but not among six (0.8 %)."""
    cell = difference(0.3, 0.3, powered_level=0.02)
    others = {f"other {number}": difference(0.1, 0.9, powered_level=1e-9) for number in range(5)}
    rejected = {f"rejected {number}": difference(5.0, 1e-6, powered_level=1e-9) for number in range(5)}
    assert judge({"cell": cell}, 0.05)["cell"].verdict is Verdict.NO_EVIDENCE
    assert judge({"cell": cell, **others}, 0.05)["cell"].verdict is Verdict.TOO_FEW_SEEDS
    assert judge({"cell": cell, **others}, 0.05)["other 0"].verdict is Verdict.NO_EVIDENCE
    judgements = judge({"cell": cell, **rejected}, 0.05)
    assert judgements["cell"].verdict is Verdict.NO_EVIDENCE
    assert judgements["rejected 3"].verdict is Verdict.HELPS


def test_correction_is_over_all_cells_of_the_table() -> None:
    cell = difference(1.0, 0.02, powered_level=1e-9)
    assert judge({"cell": cell}, 0.05)["cell"].verdict is Verdict.HELPS
    table = {"cell": cell, "a": difference(0.1, 0.6, 1e-9), "b": difference(0.1, 0.5, 1e-9)}
    judgement = judge(table, 0.05)["cell"]
    assert judgement.verdict is Verdict.NO_EVIDENCE
    assert judgement.adjusted_p == pytest.approx(0.06)


def test_cells_without_a_test_do_not_count() -> None:
    table = {"cell": difference(1.0, 0.02, 1e-9), "one seed": difference(4.0, None, None)}
    judgements = judge(table, 0.05)
    assert judgements["cell"].verdict is Verdict.HELPS
    assert judgements["one seed"].verdict is Verdict.TOO_FEW_SEEDS
    assert judge({}, 0.05) == {}


@pytest.mark.parametrize(("seeds", "images"), [(0.25, 0.1), (0.02, 0.5)], ids=["seeds vary more", "images vary more"])
def test_wrong_verdicts_in_a_table_of_six(simulate, seeds: float, images: float) -> None:
    """Five cells without a difference and one with: a wrong verdict anywhere in at most 5 % of tables."""
    trials, cells = 500, 6
    case, org = simulate(trials, (1, 3, 200), cells=cells, seeds=seeds, images=images, seed=1)
    difference = case.astype(np.int8) - org[:, None].astype(np.int8)
    p = p_value(100 * difference.mean(axis=(-3, -2, -1)), sources_of(difference))
    p[0] = 1e-9  # one cell is rejected, so that Holm steps down
    wrong = [any(q <= 0.05 for cell, q in holm(dict(enumerate(row))).items() if cell) for row in p.T]
    assert np.mean(wrong) <= 0.05 + 3 * np.sqrt(0.05 * 0.95 / trials)
