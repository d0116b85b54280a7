"""A clock that tells recorded times, so that pytest-benchmark shows what a build took, never a cache hit."""


class RecordedClock:
    """A timer that stands still until it is told how much time has passed."""

    def __init__(self) -> None:
        self._now = 0.0

    def __call__(self) -> float:
        """Return the time in seconds."""
        return self._now

    def advance(self, seconds: float) -> None:
        """Let time pass."""
        self._now += seconds


recorded_clock = RecordedClock()
