"""The other side of the server: what it does with what it is asked for."""

import gc
import importlib
import multiprocessing
import sys
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from multiprocessing.connection import Connection, wait
from multiprocessing.context import ForkProcess

from suite.compute import Compute
from suite.engines.build import versions
from suite.engines.messages import Died

Target = Callable[[Connection], None]
OF_EVERY_BUILD = ("filelock", "safetensors.numpy")


@dataclass(frozen=True)
class Expect:
    """Import modules when there is time for it; ``number`` comes back once they are there."""

    number: int
    modules: tuple[str, ...]


@dataclass(frozen=True)
class Fork:
    """Make a process that has modules, or looks for them along a path, and works on a pipe."""

    number: int
    pipe: Connection
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
        target: What every process runs, with its pipe; when it has ended, ``Died`` goes through that pipe.
    """
    gc.disable()  # what is imported stays: to look for rubbish in it takes a tenth of the time
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
                case Fork(number, pipe, modules, path):
                    sys.path[:] = path
                    for module in modules:
                        _import(module)
                    gc.freeze()  # no build's collector looks at, and so copies, what it shares with the server
                    others = [control, *(other for _, other in forked.values())]
                    process = fork.Process(target=_run, args=(target, pipe, others), daemon=True)
                    process.start()
                    forked[number] = process, pipe
                case Kill(number) if number in forked:
                    forked[number][0].kill()


def _import(module: str) -> None:
    """Import a module; with torch comes what every build would do first with it."""
    if module in sys.modules:
        return
    before = "torch" in sys.modules
    with suppress(Exception):  # a build that needs it will say what is wrong
        importlib.import_module(module)
    if "torch" in sys.modules and not before:
        Compute().apply()  # torch imports its compiler at the first call, which takes seconds


def _run(target: Target, pipe: Connection, others: list[Connection]) -> None:
    for connection in others:
        connection.close()
    gc.enable()
    target(pipe)


def _bury(process: ForkProcess, pipe: Connection) -> None:
    process.join()
    with suppress(OSError):
        pipe.send(Died(f"its process ended with exit code {process.exitcode} (-9 is most often a lack of memory)"))
    pipe.close()
