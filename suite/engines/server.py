"""The server that builds are forked from, so that what they import is imported once."""

import atexit
import gc
import importlib
import multiprocessing
import os
import signal
import sys
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import partial
from itertools import count
from multiprocessing.connection import Connection, wait
from multiprocessing.context import ForkProcess, SpawnProcess
from typing import Any

from suite.compute import Compute
from suite.engines.build import versions
from suite.engines.messages import Died

ENVIRONMENT = {
    "OMP_NUM_THREADS": "1",  # of libraries beside torch, whose threads the recipe sets
    "OPENBLAS_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
    "OMP_WAIT_POLICY": "passive",
    "CUBLAS_WORKSPACE_CONFIG": ":4096:8",  # without it CUDA's matrix products are not repeatable
    "TOKENIZERS_PARALLELISM": "false",
}
Target = Callable[[Connection], None]
GONE = "its process, or the one that had made it, is gone"
OF_EVERY_BUILD = ("filelock", "safetensors.numpy")


@dataclass(frozen=True)
class _Expected:
    modules: tuple[str, ...]


@dataclass(frozen=True)
class _Fork:
    number: int
    pipe: Connection
    modules: tuple[str, ...]
    path: tuple[str, ...]


@dataclass(frozen=True)
class _Kill:
    number: int


@dataclass(frozen=True)
class _Through:
    """Said by the server: what was expected is there."""


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
        self._through = False
        self._numbers = count()
        self._lock = threading.RLock()

    def expect(self, modules: Iterable[str]) -> None:
        """Have modules imported when there is time for it, in their order."""
        with self._lock:
            self._ask(_Expected(tuple(modules)))
            self._through = False

    @property
    def is_through(self) -> bool:
        """Whether all that was expected is imported, so that every new process has it."""
        with self._lock, suppress(EOFError, OSError):
            while self._control is not None and self._control.poll():
                self._through = isinstance(self._control.recv(), _Through)
        return self._through

    def fork(self, modules: Iterable[str] = ()) -> "Forked":
        """Return a new process, which begins as soon as it has its modules."""
        pipe, theirs = multiprocessing.Pipe()
        with self._lock:
            number = next(self._numbers)
            self._ask(_Fork(number, theirs, tuple(modules), tuple(sys.path)))
            assert self._process is not None
            process = Forked(pipe, self._process, partial(self._kill, number))
        theirs.close()
        return process

    def _kill(self, number: int) -> None:
        with self._lock, suppress(OSError):
            if self._control is not None:
                self._control.send(_Kill(number))

    def _ask(self, what: Any) -> None:
        if self._control is None or self._process is None or not self._process.is_alive():
            self._start()
        assert self._control is not None
        self._control.send(what)

    def _start(self) -> None:
        self._through = False
        self._control, theirs = multiprocessing.Pipe()
        self._process = multiprocessing.get_context("spawn").Process(target=_serve, args=(theirs, self._target))
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
        """End the process, if it still runs, and wait until it is gone."""
        self._kill()
        while not isinstance(self.hear(), Died):
            wait(self.handles)
        self.pipe.close()  # on its own, a process of the suite ends itself


def _serve(control: Connection, target: Target) -> None:
    """Answer until the one who asks is gone."""
    gc.disable()  # what is imported stays: to look for rubbish in it takes a tenth of the time
    fork = multiprocessing.get_context("fork")
    expected = list(OF_EVERY_BUILD)
    forked: dict[int, tuple[ForkProcess, Connection]] = {}
    while True:
        ends = {process.sentinel: number for number, (process, _) in forked.items()}
        told = wait([control, *ends], 0 if expected else None)
        if not told:
            _import(expected.pop(0))
            if not expected:
                control.send(_Through())
        for end in set(ends).intersection(told):
            _bury(*forked.pop(ends[end]))
        if control in told:
            try:
                asked = control.recv()
            except (EOFError, OSError):
                return
            match asked:
                case _Expected(modules):
                    expected = [*expected, *modules]
                case _Fork(number, pipe, modules, path):
                    for module in modules:
                        _import(module)
                    others = [control, *(other for _, other in forked.values())]
                    gc.freeze()  # no build's collector looks at, and so copies, what it shares with the server
                    process = fork.Process(target=_run, args=(target, pipe, path, others), daemon=True)
                    process.start()
                    forked[number] = process, pipe
                case _Kill(number) if number in forked:
                    forked[number][0].kill()


def _import(module: str) -> None:
    """Import a module, and do once what every build would do first with it."""
    if module in sys.modules:
        return
    before = "torch" in sys.modules
    with suppress(Exception):  # a build that needs it will say what is wrong
        importlib.import_module(module)
    if "torch" in sys.modules and not before:
        versions()
        Compute().apply()  # torch imports its compiler at the first call, which takes seconds


def _run(target: Target, pipe: Connection, path: tuple[str, ...], others: list[Connection]) -> None:
    for connection in others:
        connection.close()
    gc.enable()
    sys.path[:] = path
    target(pipe)


def _bury(process: ForkProcess, pipe: Connection) -> None:
    process.join()
    with suppress(OSError):
        pipe.send(Died(f"its process ended with exit code {process.exitcode} (-9 is most often a lack of memory)"))
    pipe.close()


@contextmanager
def _environment() -> Iterator[None]:
    before = {name: os.environ.get(name) for name in ENVIRONMENT}
    os.environ.update(ENVIRONMENT)
    try:
        yield
    finally:
        for name, value in before.items():
            os.environ.pop(name) if value is None else os.environ.__setitem__(name, value)
