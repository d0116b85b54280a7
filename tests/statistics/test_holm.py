"""Holm's correction against statsmodels, and its properties."""

import subprocess
import sys
from types import ModuleType

import pytest
from hypothesis import given
from hypothesis import strategies as st

from suite.statistics.holm import holm

FAMILIES = st.dictionaries(st.text("abcdef", max_size=3), st.none() | st.floats(0, 1), max_size=12)


@pytest.fixture(scope="module")
def multitest() -> ModuleType:
    """Statsmodels; imported before hypothesis looks on, which would make it slow."""
    return pytest.importorskip("statsmodels.stats.multitest", reason="install statsmodels to check against it")


@given(family=FAMILIES)
def test_agrees_with_statsmodels(multitest: ModuleType, family: dict[str, float | None]) -> None:
    tested = {cell: p for cell, p in family.items() if p is not None}
    oracle = multitest.multipletests(list(tested.values()), method="holm")[1] if tested else []
    assert [holm(family)[cell] for cell in tested] == pytest.approx(list(oracle), abs=1e-12)


@given(FAMILIES)
def test_keeps_cells_order_and_bounds(family: dict[str, float | None]) -> None:
    adjusted = holm(family)
    assert list(adjusted) == list(family)
    for cell, p in family.items():
        if p is None:
            assert adjusted[cell] is None
        else:
            assert p <= adjusted[cell] <= 1
            assert all(adjusted[cell] <= adjusted[other] for other, q in family.items() if q is not None and p <= q)


@given(FAMILIES, st.randoms(use_true_random=False))
def test_does_not_depend_on_the_order_of_the_table(family: dict[str, float | None], random) -> None:
    shuffled = list(family.items())
    random.shuffle(shuffled)
    assert holm(dict(shuffled)) == holm(family)


@given(FAMILIES.filter(lambda family: any(p is not None for p in family.values())))
def test_one_more_cell_never_makes_a_p_value_smaller(family: dict[str, float | None]) -> None:
    fewer = holm(family)
    more = holm({**family, "one more": 0.5})
    assert all(more[cell] >= p for cell, p in fewer.items() if p is not None)


def test_worked_example() -> None:
    assert holm({"a": 0.01, "b": 0.04, "c": 0.03, "d": 0.005, "e": None}) == pytest.approx(
        {"a": 0.03, "b": 0.06, "c": 0.06, "d": 0.02, "e": None}
    )


@pytest.mark.parametrize("wrong", [-0.1, 1.1, float("nan")])
def test_refuses_what_is_no_probability(wrong: float) -> None:
    with pytest.raises(ValueError, match="cell-7"):
        holm({"cell-7": wrong})


def test_a_table_is_judged_and_planned_without_numpy() -> None:
    code = (
        "import sys, suite.statistics.verdict, suite.statistics.recipes;"
        "print([name for name in ('numpy', 'scipy', 'torch') if name in sys.modules])"
    )
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "[]\n"
