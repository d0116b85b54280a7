"""A clock for pytest-benchmark that gives recorded build times instead of the time to read the store."""


class RecordedClock:
    """A timer that advances only by given amounts."""

    def __init__(self) -> None:
        self._now = 0.0

    def __call__(self) -> float:
        """Return the time in seconds."""
        return self._now

    def advance(self, seconds: float) -> None:
        """Advance the time by ``seconds``."""
        self._now += seconds


recorded_clock = RecordedClock()
