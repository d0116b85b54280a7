"""Fixtures of the benchmarks: the machine's matrix rate, a FLOP counter, and an empty store."""

import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from suite.artifacts import Store

sys.path.insert(0, str(Path(__file__).parent))  # so that benchmarks can import noise.py


@pytest.fixture(scope="session")
def matrix_rate() -> float:
    """Float32 operations per second of one thread in a large matrix product, the median of ten: the machine's peak."""
    import torch

    torch.set_num_threads(1)
    a, b = torch.randn(1024, 1024), torch.randn(1024, 1024)
    rates = []
    for _ in range(10):
        start = time.perf_counter()
        a @ b
        rates.append(2 * 1024**3 / (time.perf_counter() - start))
    return sorted(rates)[len(rates) // 2]


@pytest.fixture(scope="session")
def flops() -> Callable[[Callable[[], object]], int]:
    """A function that counts the floating-point operations of a call."""

    def count(call: Callable[[], object]) -> int:
        from torch.utils.flop_counter import FlopCounterMode

        with FlopCounterMode(display=False) as counter:
            call()
        return counter.get_total_flops()

    return count


@pytest.fixture
def store(tmp_path: Path) -> Store:
    """An empty store."""
    store = Store(tmp_path / "store")
    store.prepare()
    return store
