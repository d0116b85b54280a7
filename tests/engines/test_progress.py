"""What a person sees while artifacts are built."""

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
    """A stream that is a terminal or is none."""

    def __init__(self, *, terminal: bool) -> None:
        super().__init__()
        self._terminal = terminal

    def isatty(self) -> bool:
        return self._terminal


def shown_on(screen: Screen | None) -> ProgressBar:
    @contextmanager
    def opened() -> Iterator[Screen | None]:
        yield screen

    made = ProgressBar(opened)
    made.total = 2
    return made


def test_lines_come_now_and_then_where_there_is_no_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    now = 0.0
    monkeypatch.setattr(progress.time, "monotonic", lambda: now)
    screen = Screen(terminal=False)
    made = shown_on(screen)
    made.update(Event(EventKind.BUILT, ONE))
    made.update(Event(EventKind.STARTED, TWO))
    made.update(Event(EventKind.PROGRESS, TWO, done=1, total=4))
    made.show()
    assert screen.getvalue() == ""
    now = SECONDS_BETWEEN_LINES
    made.show()
    made.show()
    assert screen.getvalue().split("\n") == ["  built 1 of 2: test-number 25%", ""]


def test_a_terminal_gets_a_bar_that_can_be_taken_away() -> None:
    screen = Screen(terminal=True)
    made = shown_on(screen)
    made.update(Event(EventKind.STARTED, ONE))
    made.update(Event(EventKind.PROGRESS, ONE, done=1, total=2))
    made.show()
    assert "25%" in screen.getvalue()
    assert "test-number 50%" in screen.getvalue()
    made.hide()
    made.hide()
    assert screen.getvalue().endswith("\r")


def test_a_worker_of_xdist_shows_nothing() -> None:
    made = shown_on(None)
    made.update(Event(EventKind.STARTED, ONE))
    made.show()
    made.hide()


def test_what_was_found_is_not_counted_as_built(monkeypatch: pytest.MonkeyPatch) -> None:
    now = 0.0
    monkeypatch.setattr(progress.time, "monotonic", lambda: now)
    screen = Screen(terminal=False)
    made = shown_on(screen)
    made.update(Event(EventKind.CACHED, ONE))
    now = SECONDS_BETWEEN_LINES
    made.show()
    assert "built 0 of 2: waiting for a worker or another process" in screen.getvalue()


def test_reading_many_images_is_no_silence(monkeypatch: pytest.MonkeyPatch) -> None:
    now = 0.0
    monkeypatch.setattr(progress.time, "monotonic", lambda: now)
    screen = Screen(terminal=False)
    made = shown_on(screen)
    for done in range(1, 5001):
        now += SECONDS_BETWEEN_LINES / 2000
        made.read(done, 5000)
    assert screen.getvalue().split("\n") == ["  read 2,000 of 5,000 images", "  read 4,000 of 5,000 images", ""]
