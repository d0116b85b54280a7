"""Every draw comes from (seed, stream, step), never from global state."""

import random

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from suite.randomness import derive, initialising, numpy_generator, torch_generator

DRAWS = st.tuples(st.integers(-5, 5), st.sampled_from(["order", "noise", "1"]), st.integers(0, 5))


@given(DRAWS, DRAWS)
def test_streams_are_equal_only_if_all_three_are(one: tuple[int, str, int], other: tuple[int, str, int]) -> None:
    assert (derive(*one) == derive(*other)) == (one == other)
    assert 0 <= derive(*one) < 2**63


def test_parts_do_not_run_into_each_other() -> None:
    assert derive(1, "1", 1) != derive(11, "", 1)
    assert derive(0, "a", 11) != derive(0, "a1", 1)


def test_the_values_are_fixed_for_ever() -> None:
    """Other values here would mean other bytes in every artifact: raise the versions of all steps that draw."""
    assert derive(0, "order", 0) == 8351786838227990435
    assert torch_generator(0, "order").initial_seed() == derive(0, "order")


@pytest.mark.parametrize("make", [torch_generator, numpy_generator])
def test_nothing_global_is_read_or_changed(make: object) -> None:
    def drawn() -> list[float]:
        generator = make(3, "noise", 4)  # type: ignore[operator]
        return list(generator.random(4) if make is numpy_generator else torch.rand(4, generator=generator))

    torch.manual_seed(1)
    np.random.seed(1)  # noqa: NPY002
    random.seed(1)
    before = torch.get_rng_state(), np.random.get_state()[1].tolist(), random.getstate()  # noqa: NPY002
    first = drawn()
    after = torch.get_rng_state(), np.random.get_state()[1].tolist(), random.getstate()  # noqa: NPY002
    torch.manual_seed(2)
    np.random.seed(2)  # noqa: NPY002
    assert first == drawn()
    assert torch.equal(before[0], after[0])
    assert before[1:] == after[1:]


def test_initialisers_without_a_generator_are_seeded_inside_the_block_only() -> None:
    torch.manual_seed(5)
    expected = torch.rand(3)
    torch.manual_seed(5)
    with initialising(1, "weights"):
        one = torch.rand(3)
    assert torch.equal(torch.rand(3), expected)
    with initialising(1, "weights"):
        assert torch.equal(torch.rand(3), one)
    with initialising(2, "weights"):
        assert not torch.equal(torch.rand(3), one)
