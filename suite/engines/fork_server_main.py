"""The other side of the server: what it does with what it is asked for."""

import gc
import importlib
import multiprocessing
import os
import socket
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from multiprocessing.connection import Connection, wait
from multiprocessing.context import ForkProcess
from pathlib import Path

from suite.compute import Compute
from suite.engines.build import versions
from suite.engines.messages import WorkerDied

Target = Callable[[Connection], None]
OF_EVERY_BUILD = ("filelock", "safetensors.numpy")
# CUDA cannot be used in a process whose parent has as much as counted the GPUs, and diffusers does when it is imported:
# torch asks NVML first, and not even that where none is visible.
BLIND = {"CUDA_VISIBLE_DEVICES": "", "PYTORCH_NVML_BASED_CUDA_CHECK": "1"}


@dataclass(frozen=True)
class Expect:
    """Import modules when there is time for it; ``number`` comes back once they are there."""

    number: int
    modules: tuple[str, ...]


@dataclass(frozen=True)
class Fork:
    """Make a process that has modules, or looks for them along a path; the end of its pipe comes next."""

    number: int
    modules: tuple[str, ...]
    path: tuple[str, ...]


@dataclass(frozen=True)
class Kill:
    """End the process of this number, if it still runs."""

    number: int


def serve(control: Connection, target: Target) -> None:
    """Answer until the one who asks is gone.

    Args:
        control: Through it come ``Expect``, ``Fork`` and ``Kill``, and goes the number of the last ``Expect`` that is
            fulfilled.
        target: What every process runs, with its pipe; when it has ended, ``WorkerDied`` goes through that pipe.
    """
    gc.disable()  # what is imported stays: to look for rubbish in it takes a tenth of the time
    seen = {name: os.environ.get(name) for name in BLIND}
    os.environ.update(BLIND)
    versions()  # every build notes them
    fork = multiprocessing.get_context("fork")
    expected, last = list(OF_EVERY_BUILD), -1
    forked: dict[int, tuple[ForkProcess, Connection]] = {}
    while True:
        ends = {process.sentinel: number for number, (process, _) in forked.items()}
        told = wait([control, *ends], 0 if expected else None)
        if not told:
            _import(expected.pop(0))
            if not expected:
                with suppress(OSError):  # nobody asks any more
                    control.send(last)
        for end in set(ends).intersection(told):
            _bury(*forked.pop(ends[end]))
        if control in told:
            try:
                asked = control.recv()
            except (EOFError, OSError):
                return
            match asked:
                case Expect(last, modules):
                    expected += modules
                case Fork(number, modules, path):
                    pipe = receive(control)
                    if pipe is None:  # too many files are open: who asked hears the end of the pipe
                        continue
                    sys.path[:] = path
                    for module in modules:
                        _import(module)
                    gc.freeze()  # no build's collector looks at, and so copies, what it shares with the server
                    others = [control, *(other for _, other in forked.values())]
                    process = fork.Process(target=_run, args=(target, pipe, others, seen), daemon=True)
                    try:
                        process.start()
                    except OSError as error:  # no more processes, or no memory for one
                        _say_died(pipe, f"no process could be made for it ({error.strerror})")
                    else:
                        forked[number] = process, pipe
                case Kill(number) if number in forked:
                    forked[number][0].kill()


def hand_over(control: Connection, pipe: Connection) -> None:
    """Send one end of a pipe to the process at the other side of ``control``, as it is, and close it here.

    Pickling it would do the same by a thread and a socket in the temporary folder, which stays there after a kill; what
    ``multiprocessing.reduction`` has for it answers through ``control`` on macOS, where other answers go.
    """
    with as_socket(control) as line:
        socket.send_fds(line, [b"."], [pipe.fileno()])
    pipe.close()


def receive(control: Connection) -> Connection | None:
    """Return the end of a pipe that was handed over, or None if this process can hold no more."""
    with as_socket(control) as line:
        _, handles, _, _ = socket.recv_fds(line, 1, 1)
    if not handles:
        return None
    os.set_inheritable(handles[0], False)
    return Connection(handles[0])


@contextmanager
def as_socket(connection: Connection) -> Iterator[socket.socket]:
    """Give the socket that a connection is, for what connections cannot do."""
    line = socket.socket(fileno=connection.fileno())
    try:
        yield line
    finally:
        line.detach()


def _import(module: str) -> None:
    """Import a module; with torch comes what every build would do first with it."""
    if module in sys.modules:
        return
    before = "torch" in sys.modules
    with suppress(Exception, SystemExit):  # a build that needs it will say what is wrong
        importlib.import_module(module)
        if "torch" in sys.modules and not before:
            Compute().apply()  # torch imports its compiler at the first call, which takes seconds


def _run(target: Target, pipe: Connection, others: list[Connection], seen: dict[str, str | None]) -> None:
    for connection in others:
        connection.close()
    for name, value in seen.items():
        os.environ.pop(name, None) if value is None else os.environ.__setitem__(name, value)
    with suppress(OSError):  # where memory runs out on Linux, one build ends, and not the server with all of them
        Path("/proc/self/oom_score_adj").write_text("500", encoding="ascii")
    gc.enable()
    target(pipe)


def _bury(process: ForkProcess, pipe: Connection) -> None:
    process.join()
    _say_died(pipe, f"its process ended with exit code {process.exitcode} (-9 is most often a lack of memory)")


def _say_died(pipe: Connection, why: str) -> None:
    with suppress(OSError):
        pipe.send(WorkerDied(why))
    pipe.close()
