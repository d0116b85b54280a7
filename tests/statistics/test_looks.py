"""Looks and levels: when a cell is judged, and at which level."""

from hypothesis import given
from hypothesis import strategies as st

from suite.statistics.looks import LOOKS, cell_level, first_look, last_look, looks_until, next_look


def test_looks_and_levels_of_the_protocol() -> None:
    assert LOOKS == (5, 8, 12, 20, 32)
    assert cell_level(3, syn=False) == 0.04 / 3
    assert cell_level(3, syn=True) == 0.01 / 3


@given(st.integers(0, 50))
def test_a_dataset_spends_five_percent_and_up_to_three_generators_change_nothing(generators: int) -> None:
    mix, syn = cell_level(generators, syn=False), cell_level(generators, syn=True)
    assert generators * (mix + syn) <= 0.05 + 1e-12
    assert (mix == cell_level(0, syn=False)) == (generators <= 3)


def test_caps_of_the_profiles() -> None:
    assert [(first_look(cap), last_look(cap)) for cap in (8, 12, 20)] == [(5, 8), (5, 12), (5, 20)]
    assert (first_look(10), last_look(10), next_look(8, 10)) == (5, 8, None)
    assert (first_look(3), last_look(3), next_look(3, 3)) == (3, 3, None)
    assert looks_until(3) == (3,)
    assert looks_until(12) == (5, 8, 12)


@given(st.integers(1, 200))
def test_a_run_goes_through_every_look_up_to_its_cap(cap: int) -> None:
    seeds = [first_look(cap)]
    while (following := next_look(seeds[-1], cap)) is not None:
        seeds.append(following)
    assert seeds[-1] == last_look(cap) <= cap
    assert tuple(seeds) == looks_until(last_look(cap))
