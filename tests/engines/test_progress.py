"""The progress bar."""

import io
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from simple_recipes import Number

from suite.engines import progress
from suite.engines.engine import Event, EventKind
from suite.engines.progress import SECONDS_BETWEEN_LINES, ProgressBar

ONE, TWO = Number(value=1), Number(value=2)


class Screen(io.StringIO):
    """A stream that is a terminal or not."""

    def __init__(self, *, terminal: bool) -> None:
        super().__init__()
        self._terminal = terminal

    def isatty(self) -> bool:
        return self._terminal


def bar_on(screen: Screen | None) -> ProgressBar:
    @contextmanager
    def opened() -> Iterator[Screen | None]:
        yield screen

    bar = ProgressBar(opened)
    bar.total = 2
    return bar


def test_lines_are_written_at_intervals_without_a_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    now = 0.0
    monkeypatch.setattr(progress.time, "monotonic", lambda: now)
    screen = Screen(terminal=False)
    bar = bar_on(screen)
    bar.update(Event(EventKind.BUILT, ONE))
    bar.update(Event(EventKind.STARTED, TWO))
    bar.update(Event(EventKind.PROGRESS, TWO, done=1, total=4))
    bar.show()
    assert screen.getvalue() == ""
    now = SECONDS_BETWEEN_LINES
    bar.show()
    bar.show()
    assert screen.getvalue().split("\n") == ["  built 1 of 2: test-number 25%", ""]


def test_a_terminal_shows_a_bar_that_can_be_removed() -> None:
    screen = Screen(terminal=True)
    bar = bar_on(screen)
    bar.update(Event(EventKind.STARTED, ONE))
    bar.update(Event(EventKind.PROGRESS, ONE, done=1, total=2))
    bar.show()
    assert "25%" in screen.getvalue()
    assert "test-number 50%" in screen.getvalue()
    bar.hide()
    bar.hide()
    assert screen.getvalue().endswith("\r")


def test_nothing_is_shown_without_a_stream() -> None:
    bar = bar_on(None)
    bar.update(Event(EventKind.STARTED, ONE))
    bar.show()
    bar.hide()


def test_cached_artifacts_are_not_counted_as_built(monkeypatch: pytest.MonkeyPatch) -> None:
    now = 0.0
    monkeypatch.setattr(progress.time, "monotonic", lambda: now)
    screen = Screen(terminal=False)
    bar = bar_on(screen)
    bar.update(Event(EventKind.CACHED, ONE))
    now = SECONDS_BETWEEN_LINES
    bar.show()
    assert "built 0 of 2: waiting for a worker or another process" in screen.getvalue()


def test_reading_many_images_shows_progress(monkeypatch: pytest.MonkeyPatch) -> None:
    now = 0.0
    monkeypatch.setattr(progress.time, "monotonic", lambda: now)
    screen = Screen(terminal=False)
    bar = bar_on(screen)
    for done in range(1, 5001):
        now += SECONDS_BETWEEN_LINES / 2000
        bar.read(done, 5000)
    assert screen.getvalue().split("\n") == ["  read 2,000 of 5,000 images", "  read 4,000 of 5,000 images", ""]
