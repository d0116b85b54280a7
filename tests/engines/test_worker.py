"""What runs in a process that builds, called here."""

import signal
from collections.abc import Iterator
from multiprocessing import Pipe

import pytest
from simple_recipes import Number

from suite.artifacts import DataPaths, Store
from suite.engines.worker import work


@pytest.fixture(autouse=True)
def same_signals() -> Iterator[None]:
    """It ignores Ctrl-C for good."""
    before = signal.getsignal(signal.SIGINT)
    yield
    signal.signal(signal.SIGINT, before)


def test_what_an_engine_asked_for_before_it_was_killed_is_not_begun(store: Store) -> None:
    ours, theirs = Pipe()
    ours.send((store, Number(value=1), "cpu", DataPaths(), {}))
    ours.close()
    work(theirs)
    assert not any((store.root / "tmp").iterdir())
    assert store.is_empty


def test_an_engine_that_asks_for_nothing_is_waited_for_until_it_is_gone() -> None:
    ours, theirs = Pipe()
    ours.close()
    work(theirs)
