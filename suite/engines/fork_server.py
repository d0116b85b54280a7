"""The server that builds are forked from, so that what they import is imported once."""

import atexit
import multiprocessing
import os
import signal
import socket
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

from suite.engines.fork_server_main import Expect, Fork, Kill, Target, as_socket, hand_over, serve
from suite.engines.messages import WorkerDied

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
            hand_over(self._ask(Fork(number, tuple(modules), tuple(sys.path))), theirs)
        return Forked(pipe, partial(self._kill, number))

    def _kill(self, number: int) -> None:
        with self._lock, suppress(OSError):
            if self._control is not None:
                self._control.send(Kill(number))

    def _ask(self, what: Expect | Fork) -> Connection:
        """Tell the server, or the next one if it has died; returns the pipe that leads there."""
        if self._control is not None and self._process is not None and self._process.is_alive():
            with suppress(OSError):
                self._control.send(what)
                return self._control
        control = self._start()
        control.send(what)
        return control

    def _start(self) -> Connection:
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
        return self._control


class Forked:
    """A process that a server was asked for. It outlives the server; what ends it is the end of its pipe.

    Attributes:
        pipe: To and from what it runs. When it has ended, ``WorkerDied`` comes through it, whatever was said before.
    """

    def __init__(self, pipe: Connection, kill: Callable[[], None]) -> None:
        self.pipe = pipe
        self._kill = kill
        self._has_spoken = False

    def poll(self) -> Any:
        """Return what is said next, or None if there is nothing yet."""
        try:
            said = self.pipe.recv() if self.pipe.poll() else None
        except (EOFError, OSError):
            return WorkerDied(GONE)
        self._has_spoken |= said is not None
        return said

    def end(self) -> None:
        """End the process, whatever it is doing, and wait until it is gone.

        One that has not said a word yet is not waited for: the server may still be importing what it needs. It ends
        with its pipe.
        """
        said = self.poll()
        self._kill()
        with suppress(OSError), as_socket(self.pipe) as line:
            line.shutdown(socket.SHUT_WR)  # on that a process of the suite ends itself: the server may be gone
        while self._has_spoken and not isinstance(said, WorkerDied):
            wait([self.pipe])
            said = self.poll()
        self.pipe.close()


@contextmanager
def _environment() -> Iterator[None]:
    before = {name: os.environ.get(name) for name in ENVIRONMENT}
    os.environ.update(ENVIRONMENT)
    try:
        yield
    finally:
        for name, value in before.items():
            os.environ.pop(name) if value is None else os.environ.__setitem__(name, value)
