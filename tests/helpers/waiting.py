"""Waiting for other processes."""

import time
from collections.abc import Callable

TIMEOUT = 60.0


def wait_until(condition: Callable[[], bool]) -> None:
    """Wait until a condition holds; fail after ``TIMEOUT`` seconds."""
    end = time.monotonic() + TIMEOUT
    while not condition():
        assert time.monotonic() < end, "the condition did not become true in time"
        time.sleep(0.02)
