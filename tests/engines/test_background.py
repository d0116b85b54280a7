"""Running an engine in a thread and waiting for artifacts."""

import threading
from collections.abc import Callable, Iterable, Mapping

import pytest
from simple_recipes import Number

from suite.artifacts import Recipe
from suite.engines.background import BackgroundRun, NotBuilt
from suite.engines.engine import Engine, Event, EventCallback, EventKind


class Scripted(Engine):
    """An engine that reports given events, one for each release of ``proceed``."""

    def __init__(self, *events: Event, failed: dict[str, str] | None = None, error: Exception | None = None) -> None:
        self.proceed = threading.Semaphore(0)
        self.stopped = False
        self._events, self._failed, self._error = events, failed or {}, error

    def run(self, _targets: Iterable[Recipe], on_event: EventCallback, stop: threading.Event) -> dict[str, str]:
        for event in self._events:
            while not self.proceed.acquire(timeout=0.02):
                if stop.is_set():
                    self.stopped = True
                    return {}
            on_event(event)
        if self._error is not None:
            raise self._error
        return self._failed


ONE, TWO = Number(value=1), Number(value=2)


@pytest.fixture
def run_engine() -> Iterable[Callable[[Engine], BackgroundRun]]:
    """Return a function that runs an engine until the test ends."""
    started: list[BackgroundRun] = []

    def start(engine: Engine) -> BackgroundRun:
        started.append(BackgroundRun(engine, [ONE, TWO], lambda _: None))
        return started[-1]

    yield start
    for run in started:
        run.stop()


def test_waiting_ends_as_soon_as_the_artifact_is_available(run_engine: Callable[[Engine], BackgroundRun]) -> None:
    engine = Scripted(Event(EventKind.BUILT, ONE), Event(EventKind.BUILT, TWO))
    run = run_engine(engine)
    calls = 0

    def while_waiting() -> None:
        nonlocal calls
        calls += 1
        engine.proceed.release()

    run.wait([ONE], while_waiting)
    assert calls <= 2
    with pytest.raises(KeyboardInterrupt):
        run.wait([Number(value=3)], _interrupt)


def _interrupt() -> None:
    raise KeyboardInterrupt


def test_a_failure_is_raised_only_for_those_who_wait_for_it(run_engine: Callable[[Engine], BackgroundRun]) -> None:
    engine = Scripted(Event(EventKind.CACHED, ONE), Event(EventKind.FAILED, TWO, "two: no memory"))
    run = run_engine(engine)
    engine.proceed.release(2)
    run.wait([ONE], lambda: None)
    with pytest.raises(NotBuilt, match="two: no memory"):
        run.wait([ONE, TWO], lambda: None)


def test_a_damaged_artifact_is_waited_for_again(run_engine: Callable[[Engine], BackgroundRun]) -> None:
    engine = Scripted(
        Event(EventKind.CACHED, ONE),
        Event(EventKind.DAMAGED, ONE),
        Event(EventKind.BUILT, TWO),
        Event(EventKind.BUILT, ONE),
    )
    run = run_engine(engine)
    engine.proceed.release(3)
    run.wait([TWO], lambda: None)
    calls = 0

    def while_waiting() -> None:
        nonlocal calls
        calls += 1
        engine.proceed.release()

    run.wait([ONE], while_waiting)
    assert calls, "the damaged artifact was taken for available"


def test_an_engine_that_raises_ends_the_waiting(run_engine: Callable[[Engine], BackgroundRun]) -> None:
    with pytest.raises(NotBuilt, match="the engine failed: OSError: disk full"):
        run_engine(Scripted(error=OSError("disk full"))).wait([ONE], lambda: None)


def test_an_engine_that_ends_early_ends_the_waiting(run_engine: Callable[[Engine], BackgroundRun]) -> None:
    with pytest.raises(NotBuilt, match="test-number: the engine stopped before it was built; start the run again"):
        run_engine(Scripted()).wait([ONE], lambda: None)


def test_stop_stops_the_engine() -> None:
    engine = Scripted(Event(EventKind.BUILT, ONE))
    BackgroundRun(engine, [ONE], lambda _: None).stop()
    assert engine.stopped


def test_next_targets_are_built_when_the_first_ones_are_finished() -> None:
    """An engine runs again for the next targets; waiting for them may begin before they are known."""

    class Instant(Engine):
        def run(self, targets: Iterable[Recipe], on_event: EventCallback, _stop: threading.Event) -> dict[str, str]:
            runs.append([target.key for target in targets])
            for target in targets:
                if target.key != TWO.key:
                    on_event(Event(EventKind.BUILT, target))
            return {TWO.key: "two is odd"} if TWO in targets else {}

    def next_targets(failed: Mapping[str, str]) -> tuple[Recipe, ...]:
        asked.append(dict(failed))
        return (three,) if len(asked) == 1 else ()

    runs: list[list[str]] = []
    asked: list[dict[str, str]] = []
    three = Number(value=3)
    run = BackgroundRun(Instant(), [ONE, TWO], lambda _: None, next_targets=next_targets)
    run.wait([three], lambda: None)
    run.stop()
    assert runs == [[ONE.key, TWO.key], [three.key]]
    assert asked == [{TWO.key: "two is odd"}] * 2


def test_no_next_targets_are_asked_for_after_a_stop() -> None:
    engine = Scripted(Event(EventKind.BUILT, ONE))
    run = BackgroundRun(engine, [ONE], lambda _: None, next_targets=lambda _: pytest.fail("asked after the stop"))
    run.request_stop()
    run.stop()
    assert engine.stopped
    assert run.failed == {}
