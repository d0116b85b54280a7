"""The main function of a worker process, called in this process."""

import signal
from collections.abc import Iterator
from multiprocessing import Pipe

import pytest
from simple_recipes import Number

from suite.artifacts import DataPaths, Store
from suite.engines.worker import run_worker


@pytest.fixture(autouse=True)
def restore_signals() -> Iterator[None]:
    """Restore the handler of SIGINT, which a worker ignores."""
    previous = signal.getsignal(signal.SIGINT)
    yield
    signal.signal(signal.SIGINT, previous)


def test_a_build_is_not_started_if_its_engine_was_killed_after_the_request(store: Store) -> None:
    engine_end, worker_end = Pipe()
    engine_end.send((store, Number(value=1), "cpu", DataPaths(), {}))
    engine_end.close()
    run_worker(worker_end)
    assert not any((store.root / "tmp").iterdir())
    assert store.is_empty


def test_a_worker_exits_if_its_engine_closes_the_pipe_without_a_request() -> None:
    engine_end, worker_end = Pipe()
    engine_end.close()
    run_worker(worker_end)
