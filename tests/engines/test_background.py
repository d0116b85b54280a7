"""Waiting for what an engine makes."""

import threading
import time
from collections.abc import Callable, Iterable

import pytest
from simple_recipes import Number

from suite.artifacts import Recipe
from suite.engines.background import BackgroundRun, NotBuilt
from suite.engines.engine import Engine, Event, EventKind, Listener


class Scripted(Engine):
    """Says what it is told to say, each time it is let go on."""

    def __init__(self, *events: Event, failed: dict[str, str] | None = None, error: Exception | None = None) -> None:
        self.go = threading.Semaphore(0)
        self.stopped = False
        self._events, self._failed, self._error = events, failed or {}, error

    def run(self, _targets: Iterable[Recipe], listen: Listener, stop: threading.Event) -> dict[str, str]:
        for event in self._events:
            while not self.go.acquire(timeout=0.02):
                if stop.is_set():
                    self.stopped = True
                    return {}
            listen(event)
        if self._error is not None:
            raise self._error
        return self._failed


ONE, TWO = Number(value=1), Number(value=2)


@pytest.fixture
def building() -> Iterable[Callable[[Engine], BackgroundRun]]:
    """Start a building that ends with the test."""
    started: list[BackgroundRun] = []

    def start(engine: Engine) -> BackgroundRun:
        started.append(BackgroundRun(engine, [ONE, TWO], lambda _: None))
        return started[-1]

    yield start
    for one in started:
        one.stop()


def test_waiting_ends_as_soon_as_what_is_wanted_is_there(building: Callable[[Engine], BackgroundRun]) -> None:
    engine = Scripted(Event(EventKind.BUILT, ONE), Event(EventKind.BUILT, TWO))
    made = building(engine)
    looks = []

    def look() -> None:
        looks.append(time.monotonic())
        engine.go.release()

    made.wait([ONE], look)
    assert len(looks) <= 2
    with pytest.raises(KeyboardInterrupt):
        made.wait([Number(value=3)], _interrupt)


def _interrupt() -> None:
    raise KeyboardInterrupt


def test_a_failure_is_told_to_who_waits_for_it_and_to_nobody_else(building: Callable[[Engine], BackgroundRun]) -> None:
    engine = Scripted(Event(EventKind.CACHED, ONE), Event(EventKind.FAILED, TWO, "two: no memory"))
    made = building(engine)
    engine.go.release(2)
    made.wait([ONE], lambda: None)
    with pytest.raises(NotBuilt, match="two: no memory"):
        made.wait([ONE, TWO], lambda: None)


def test_what_turned_out_damaged_is_waited_for_again(building: Callable[[Engine], BackgroundRun]) -> None:
    engine = Scripted(
        Event(EventKind.CACHED, ONE),
        Event(EventKind.DAMAGED, ONE),
        Event(EventKind.BUILT, TWO),
        Event(EventKind.BUILT, ONE),
    )
    made = building(engine)
    engine.go.release(3)
    made.wait([TWO], lambda: None)
    looks: list[int] = []

    def look() -> None:
        looks.append(1)
        engine.go.release()

    made.wait([ONE], look)
    assert looks, "it was thought to be there"


def test_an_engine_that_breaks_leaves_nobody_waiting(building: Callable[[Engine], BackgroundRun]) -> None:
    with pytest.raises(NotBuilt, match="the engine failed: OSError: disk full"):
        building(Scripted(error=OSError("disk full"))).wait([ONE], lambda: None)


def test_an_engine_that_ends_early_leaves_nobody_waiting(building: Callable[[Engine], BackgroundRun]) -> None:
    with pytest.raises(NotBuilt, match="test-number: the engine stopped before it was made; start the run again"):
        building(Scripted()).wait([ONE], lambda: None)


def test_stopping_ends_the_engine() -> None:
    engine = Scripted(Event(EventKind.BUILT, ONE))
    BackgroundRun(engine, [ONE], lambda _: None).stop()
    assert engine.stopped
