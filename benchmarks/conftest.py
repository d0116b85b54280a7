"""What every benchmark shares: the machine's matrix rate, and a store for its images."""

import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from suite.artifacts import Store

sys.path.insert(0, str(Path(__file__).parent))  # for noise.py, which the tests share


@pytest.fixture(scope="session")
def matrix_rate() -> float:
    """Float32 operations a second of one thread in a large matrix product: what this machine can do at best."""
    import torch

    torch.set_num_threads(1)
    a, b = torch.randn(1024, 1024), torch.randn(1024, 1024)
    rates = []
    for _ in range(10):
        began = time.perf_counter()
        a @ b
        rates.append(2 * 1024**3 / (time.perf_counter() - began))
    return sorted(rates)[len(rates) // 2]


@pytest.fixture(scope="session")
def flops() -> Callable[[Callable[[], object]], int]:
    """Count the floating point operations of a call."""

    def count(call: Callable[[], object]) -> int:
        from torch.utils.flop_counter import FlopCounterMode

        with FlopCounterMode(display=False) as counter:
            call()
        return counter.get_total_flops()

    return count


@pytest.fixture
def store(tmp_path: Path) -> Store:
    """An empty store."""
    made = Store(tmp_path / "store")
    made.prepare()
    return made
