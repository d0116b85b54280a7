"""Holm's correction: comparison with statsmodels, and properties."""

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
    """Import statsmodels outside the hypothesis test, where the import would be slow."""
    return pytest.importorskip("statsmodels.stats.multitest", reason="install statsmodels to compare with it")


@given(family=FAMILIES)
def test_agrees_with_statsmodels(multitest: ModuleType, family: dict[str, float | None]) -> None:
    tested = {cell: p for cell, p in family.items() if p is not None}
    expected = multitest.multipletests(list(tested.values()), method="holm")[1] if tested else []
    assert [holm(family)[cell] for cell in tested] == pytest.approx(list(expected), abs=1e-12)


@given(FAMILIES)
def test_keeps_cells_and_order_and_stays_within_bounds(family: dict[str, float | None]) -> None:
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
def test_another_cell_never_decreases_a_p_value(family: dict[str, float | None]) -> None:
    before = holm(family)
    after = holm({**family, "another": 0.5})
    assert all(after[cell] >= p for cell, p in before.items() if p is not None)


def test_worked_example() -> None:
    assert holm({"a": 0.01, "b": 0.04, "c": 0.03, "d": 0.005, "e": None}) == pytest.approx(
        {"a": 0.03, "b": 0.06, "c": 0.06, "d": 0.02, "e": None}
    )


@pytest.mark.parametrize("p", [-0.1, 1.1, float("nan")])
def test_values_that_are_not_probabilities_are_refused(p: float) -> None:
    with pytest.raises(ValueError, match=r"the p-value of cell-7 is .*, not between 0 and 1"):
        holm({"cell-7": p})


def test_verdicts_and_recipes_import_no_heavy_modules() -> None:
    code = (
        "import sys, suite.statistics.verdict, suite.statistics.recipes;"
        "print([name for name in ('numpy', 'scipy', 'torch') if name in sys.modules])"
    )
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "[]\n"
