"""The server from which build processes are forked, so that their modules are imported only once."""

import atexit
import multiprocessing
import os
import signal
import socket
import sys
import threading
import types
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from functools import partial
from itertools import count
from multiprocessing import resource_tracker
from multiprocessing.connection import Connection, wait
from multiprocessing.context import SpawnProcess
from typing import Any

from suite.engines.fork_server_main import Fork, Kill, Preload, Target, as_socket, send_connection, serve
from suite.engines.messages import WorkerDied

ENVIRONMENT = {
    "OMP_NUM_THREADS": "1",  # for libraries other than torch, whose threads the recipe sets
    "OPENBLAS_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
    "OMP_WAIT_POLICY": "passive",
    "CUBLAS_WORKSPACE_CONFIG": ":4096:8",  # without it, CUDA matrix products are not reproducible
    "TOKENIZERS_PARALLELISM": "false",
}
CONNECTION_LOST = "its process or the fork server has ended"


class ForkServer:
    """A process that forks other processes, each with the modules it needs already imported.

    Modules to preload are imported while no process is requested, so that the first builds do not wait for modules that
    only the last ones need. (The fork server of multiprocessing imports all modules before it serves requests.) The
    server starts with the first request, and again if it has died. It exits with this process in every case.

    Args:
        target: Main function of every process; its argument is one end of a pipe.
    """

    def __init__(self, target: Target) -> None:
        self._target = target
        self._control: Connection | None = None
        self._process: SpawnProcess | None = None
        self._numbers = count()
        self._last_preload = self._last_completed = -1
        self._lock = threading.Lock()

    def preload(self, modules: Iterable[str]) -> None:
        """Import modules, in their order, when the server is idle."""
        with self._lock:
            self._last_preload = next(self._numbers)
            self._send(Preload(self._last_preload, tuple(modules)))

    @property
    def has_preloaded(self) -> bool:
        """Whether all modules to preload are imported, so that every new process has them."""
        with self._lock, suppress(EOFError, OSError):
            while self._control is not None and self._control.poll():
                self._last_completed = self._control.recv()
        return self._last_completed == self._last_preload >= 0

    def fork(self, modules: Iterable[str] = ()) -> "ForkedProcess":
        """Return a new process; its main function starts once its modules are imported."""
        pipe, child_end = multiprocessing.Pipe()
        with self._lock:
            number = next(self._numbers)
            send_connection(self._send(Fork(number, tuple(modules), tuple(sys.path))), child_end)
        return ForkedProcess(pipe, partial(self._kill, number))

    def _kill(self, number: int) -> None:
        with self._lock, suppress(OSError):
            if self._control is not None:
                self._control.send(Kill(number))

    def _send(self, request: Preload | Fork) -> Connection:
        """Send a request to the server, starting a new one if it has died, and return the connection to it."""
        if self._control is not None and self._process is not None and self._process.is_alive():
            with suppress(OSError):
                self._control.send(request)
                return self._control
        control = self._start()
        control.send(request)
        return control

    def _start(self) -> Connection:
        self._last_completed = -1
        self._control, child_end = multiprocessing.Pipe()
        self._process = multiprocessing.get_context("spawn").Process(target=serve, args=(child_end, self._target))
        resource_tracker.ensure_running()  # before signals are blocked, because its start unblocks them
        previous_mask = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})  # the engine handles Ctrl-C
        try:
            with _build_environment(), _hide_main_module():
                self._process.start()
        finally:
            signal.pthread_sigmask(signal.SIG_SETMASK, previous_mask)
        child_end.close()
        atexit.register(self._process.kill)  # multiprocessing would wait for it at exit, also while it imports
        return self._control


class ForkedProcess:
    """A process requested from a server. It may outlive the server; it exits when its pipe is closed.

    Attributes:
        pipe: Connection to its main function. When the process has exited, ``WorkerDied`` arrives as the last message.
    """

    def __init__(self, pipe: Connection, kill: Callable[[], None]) -> None:
        self.pipe = pipe
        self._kill = kill
        self._has_sent = False

    def poll(self) -> Any:
        """Return the next message, or None if there is none yet."""
        try:
            message = self.pipe.recv() if self.pipe.poll() else None
        except (EOFError, OSError):
            return WorkerDied(CONNECTION_LOST)
        self._has_sent |= message is not None
        return message

    def stop(self) -> None:
        """Stop the process and wait until it has exited.

        A process that has not sent a message yet is not waited for, because the server may still be importing its
        modules. It exits as soon as it finds its pipe closed.
        """
        message = self.poll()
        self._kill()
        with suppress(OSError), as_socket(self.pipe) as pipe_socket:
            pipe_socket.shutdown(socket.SHUT_WR)  # makes a worker exit by itself in case the server has died
        while self._has_sent and not isinstance(message, WorkerDied):
            wait([self.pipe])
            message = self.poll()
        self.pipe.close()


@contextmanager
def _hide_main_module() -> Iterator[None]:
    """Hide the main module, which every spawned process would otherwise run again: a user's script has no guard."""
    main = sys.modules["__main__"]
    sys.modules["__main__"] = types.ModuleType("__main__")
    try:
        yield
    finally:
        sys.modules["__main__"] = main


@contextmanager
def _build_environment() -> Iterator[None]:
    """Set the environment variables of builds temporarily."""
    previous = {name: os.environ.get(name) for name in ENVIRONMENT}
    os.environ.update(ENVIRONMENT)
    try:
        yield
    finally:
        for name, value in previous.items():
            os.environ.pop(name) if value is None else os.environ.__setitem__(name, value)
