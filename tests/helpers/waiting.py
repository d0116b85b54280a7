"""Waiting for what other processes do."""

import time
from collections.abc import Callable

PATIENCE = 60.0


def eventually(condition: Callable[[], bool]) -> None:
    """Wait until a condition holds; fails if it does not come to that."""
    end = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < end, "it did not happen"
        time.sleep(0.02)
