"""The main function of a worker process, called in this process."""

import signal
from collections.abc import Iterator
from multiprocessing import Pipe

import pytest
import torch
from simple_recipes import Number

from suite.artifacts import DataPaths, Store
from suite.engines import worker
from suite.engines.messages import Failed, Started
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


@pytest.mark.parametrize(
    "error", [torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2 GiB"), MemoryError()]
)
def test_too_little_memory_is_said_with_a_remedy(
    store: Store, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise error

    monkeypatch.setattr(worker, "build", fail)
    engine_end, worker_end = Pipe()
    engine_end.send((store, Number(value=1), "cuda:0", DataPaths(), {}))
    run_worker(worker_end)
    assert engine_end.recv() == Started()
    failed = engine_end.recv()
    assert isinstance(failed, Failed)
    remedy = "out of memory on cuda:0: lower batch_size in the profile, or use fewer --jobs"
    assert failed.message == (f"{remedy} ({error})" if str(error) else remedy)
