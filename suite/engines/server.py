"""The server that builds are forked from, so that what they import is imported once."""

import atexit
import multiprocessing
import os
import signal
import sys
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from functools import partial
from itertools import count
from multiprocessing import resource_tracker
from multiprocessing.connection import Connection, wait
from multiprocessing.context import SpawnProcess
from typing import Any

from suite.engines.messages import Died
from suite.engines.serving import Expect, Fork, Kill, Target, serve

ENVIRONMENT = {
    "OMP_NUM_THREADS": "1",  # of libraries beside torch, whose threads the recipe sets
    "OPENBLAS_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
    "OMP_WAIT_POLICY": "passive",
    "CUBLAS_WORKSPACE_CONFIG": ":4096:8",  # without it CUDA's matrix products are not repeatable
    "TOKENIZERS_PARALLELISM": "false",
}
GONE = "its process, or the one that had made it, is gone"


class Server:
    """A process that forks others, each of which has the modules it needs.

    What is expected is imported while nobody asks for a process, so that the first builds do not wait for what only
    the last ones need; multiprocessing's own server imports everything before it answers. The server starts with the
    first request, and again should it have died. It ends with this process, however that ends.

    Args:
        target: What every process runs, with its end of a pipe.
    """

    def __init__(self, target: Target) -> None:
        self._target = target
        self._control: Connection | None = None
        self._process: SpawnProcess | None = None
        self._numbers = count()
        self._last = self._fulfilled = -1
        self._lock = threading.Lock()

    def expect(self, modules: Iterable[str]) -> None:
        """Have modules imported when there is time for it, in their order."""
        with self._lock:
            self._last = next(self._numbers)
            self._ask(Expect(self._last, tuple(modules)))

    @property
    def is_through(self) -> bool:
        """Whether all that was expected is imported, so that every new process has it."""
        with self._lock, suppress(EOFError, OSError):
            while self._control is not None and self._control.poll():
                self._fulfilled = self._control.recv()
        return self._fulfilled == self._last >= 0

    def fork(self, modules: Iterable[str] = ()) -> "Forked":
        """Return a new process, which begins as soon as it has its modules."""
        pipe, theirs = multiprocessing.Pipe()
        with self._lock:
            number = next(self._numbers)
            self._ask(Fork(number, theirs, tuple(modules), tuple(sys.path)))
            assert self._process is not None
            process = Forked(pipe, self._process, partial(self._kill, number))
        theirs.close()
        return process

    def _kill(self, number: int) -> None:
        with self._lock, suppress(OSError):
            if self._control is not None:
                self._control.send(Kill(number))

    def _ask(self, what: Expect | Fork) -> None:
        if self._control is None or self._process is None or not self._process.is_alive():
            self._start()
        assert self._control is not None
        self._control.send(what)

    def _start(self) -> None:
        self._fulfilled = -1
        self._control, theirs = multiprocessing.Pipe()
        self._process = multiprocessing.get_context("spawn").Process(target=serve, args=(theirs, self._target))
        resource_tracker.ensure_running()  # here, for its start unblocks what is blocked
        before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})  # Ctrl-C is the engine's to answer
        try:
            with _environment():
                self._process.start()
        finally:
            signal.pthread_sigmask(signal.SIG_SETMASK, before)
        theirs.close()
        atexit.register(self._process.kill)  # it may be importing, and multiprocessing would wait for it


class Forked:
    """A process that a server was asked for.

    Attributes:
        pipe: To and from what it runs. When it has ended, ``Died`` comes through it, whatever was said before.
        handles: What to wait for: the pipe, and the end of the server, after which nothing may be heard any more.
    """

    def __init__(self, pipe: Connection, server: SpawnProcess, kill: Callable[[], None]) -> None:
        self.pipe = pipe
        self.handles = pipe, server.sentinel
        self._server = server
        self._kill = kill

    def hear(self) -> Any:
        """Return what is said next, or None if there is nothing yet."""
        served = self._server.is_alive()  # asked first: what was said before is in the pipe
        with suppress(EOFError, OSError):
            return self.pipe.recv() if self.pipe.poll() else None if served else Died(GONE)
        return Died(GONE)

    def end(self) -> None:
        """End the process, if it still runs, and wait until it, or the server that could tell, is gone."""
        self._kill()
        while not isinstance(self.hear(), Died):
            wait(self.handles)
        self.pipe.close()  # on its own, a process of the suite ends itself


@contextmanager
def _environment() -> Iterator[None]:
    before = {name: os.environ.get(name) for name in ENVIRONMENT}
    os.environ.update(ENVIRONMENT)
    try:
        yield
    finally:
        for name, value in before.items():
            os.environ.pop(name) if value is None else os.environ.__setitem__(name, value)
