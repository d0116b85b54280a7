"""Every draw is derived from (seed, stream, step), never from global state."""

import random

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from suite.randomness import derive, initialising, numpy_generator, torch_generator

DRAWS = st.tuples(st.integers(-5, 5), st.sampled_from(["order", "noise", "1"]), st.integers(0, 5))


@given(DRAWS, DRAWS)
def test_seeds_are_equal_only_if_all_arguments_are(first: tuple[int, str, int], second: tuple[int, str, int]) -> None:
    assert (derive(*first) == derive(*second)) == (first == second)
    assert 0 <= derive(*first) < 2**63


def test_arguments_are_separated_before_hashing() -> None:
    assert derive(1, "1", 1) != derive(11, "", 1)
    assert derive(0, "a", 11) != derive(0, "a1", 1)


def test_the_values_do_not_change() -> None:
    """Other values would change the bytes of artifacts: raise the version of every step that draws random numbers."""
    assert derive(0, "order", 0) == 8351786838227990435
    assert torch_generator(0, "order").initial_seed() == derive(0, "order")


@pytest.mark.parametrize("make", [torch_generator, numpy_generator])
def test_global_state_is_neither_read_nor_changed(make: object) -> None:
    def draw() -> list[float]:
        generator = make(3, "noise", 4)  # type: ignore[operator]
        return list(generator.random(4) if make is numpy_generator else torch.rand(4, generator=generator))

    torch.manual_seed(1)
    np.random.seed(1)  # noqa: NPY002
    random.seed(1)
    before = torch.get_rng_state(), np.random.get_state()[1].tolist(), random.getstate()  # noqa: NPY002
    first = draw()
    after = torch.get_rng_state(), np.random.get_state()[1].tolist(), random.getstate()  # noqa: NPY002
    torch.manual_seed(2)
    np.random.seed(2)  # noqa: NPY002
    assert first == draw()
    assert torch.equal(before[0], after[0])
    assert before[1:] == after[1:]


def test_initialisers_without_a_generator_are_seeded_inside_the_block_only() -> None:
    torch.manual_seed(5)
    expected = torch.rand(3)
    torch.manual_seed(5)
    with initialising(1, "weights"):
        first = torch.rand(3)
    assert torch.equal(torch.rand(3), expected)
    with initialising(1, "weights"):
        assert torch.equal(torch.rand(3), first)
    with initialising(2, "weights"):
        assert not torch.equal(torch.rand(3), first)
